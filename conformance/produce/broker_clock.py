"""What time it is for the broker: its clock need not be ours, and in virtual time it is not."""

from __future__ import annotations

from kafka_conformance.harness.cases import expect
from kafka_conformance.harness.subject.cluster import Cluster


def broker_now_ms(cluster: Cluster) -> int:
    """The broker's wall clock in milliseconds, as it stamps it into a topic with LogAppendTime."""
    with cluster.topic(configs={"message.timestamp.type": "LogAppendTime"}) as topic:
        answer = topic.produce([b"what time is it"])
        expect(answer).succeeds()
        return answer.log_append_time_ms
