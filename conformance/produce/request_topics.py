"""Topics as requests name them: those that are not there, Kafka's own, and several partitions at once."""

from __future__ import annotations

from typing import NamedTuple

from kafka_conformance.harness.subject.answers import Produced
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.connection import Connection
from kafka_conformance.harness.subject.partition_requests import produce_request
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.protocol.messages.produce import ProduceResponse
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class NamedTopic(NamedTuple):
    """What a request says of a topic: the name in older versions, the id in newer ones."""

    name: str
    id: Uuid = ZERO_UUID


def internal_topic(cluster: Cluster, name: str) -> NamedTopic:
    """A topic of the broker's own, once its leaders are there. Raises NotApplicable where the target has none."""
    return NamedTopic(name, cluster.internal_topic(name).topic_id)


def produce_to(
    connection: Connection, topic: NamedTopic, batch: bytes, *, partition: int = 0, version: int | None = None
) -> Produced:
    """One batch to one partition; the answer for it."""
    answer: ProduceResponse = connection.send(produce_request(topic, {partition: batch}), version)
    return Produced(answer.responses[0].partition_responses[0], batch)


def partitions_led_with(topic: Topic, partition: int) -> list[int]:
    """The partitions that one request to the leader of `partition` can be about."""
    return [index for index in range(topic.partition_count) if topic.leader(index) == topic.leader(partition)]
