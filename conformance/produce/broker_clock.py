"""What time it is for the broker: its clock need not be ours, and in virtual time it is not."""

from __future__ import annotations

from kafka_conformance.harness.cases import expect
from kafka_conformance.harness.subject.cluster import Cluster

LOG_APPEND_TIME = {"message.timestamp.type": "LogAppendTime"}
"""The configuration of a topic that does not forget its producers while a case runs.

A producer whose newest records are older than producer.id.expiration.ms, by their own timestamps, is forgotten at the
next look, which comes every ten minutes and with each restart (ProducerStateManager.isProducerExpired).
"""


def broker_now_ms(cluster: Cluster) -> int:
    """The broker's wall clock in milliseconds, as it stamps it into a topic with LogAppendTime."""
    with cluster.topic(configs=LOG_APPEND_TIME) as topic:
        answer = topic.produce([b"what time is it"])
        expect(answer).succeeds()
        return answer.log_append_time_ms
