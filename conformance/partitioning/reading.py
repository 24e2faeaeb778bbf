"""Reading what a client sent, by the client itself or by the raw client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from kafka_conformance.harness.client import Consumer, Placed, Producer, Received
from kafka_conformance.harness.client import Message as Sent

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster
    from kafka_conformance.harness.subject.topic import Topic

POLL_S = 0.5
MOST_SENDS = 2_000

K = TypeVar("K")
V = TypeVar("V")


def received(cluster: Cluster, consumer: Consumer, topic: Topic, count: int) -> list[Received]:
    """What a client's consumer gives of a topic from its start, until that many records came."""
    consumer.assign({(topic.name, index): 0 for index in range(topic.partition_count)})
    found: list[Received] = []

    def enough() -> bool:
        found.extend(consumer.poll(POLL_S))
        return len(found) >= count

    cluster.eventually(enough, within_s=30, what=f"the consumer gives {count} records")
    return found


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The second elements by the first, in order."""
    groups: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)


def stored_values(topic: Topic) -> dict[tuple[int, int], bytes | None]:
    """What lies in a topic: values by partition and offset."""
    return {
        (partition, record.offset): record.value
        for partition in range(topic.partition_count)
        for record in topic.records(partition)
    }


def sent_until_everywhere(producer: Producer, topic: Topic) -> list[Placed]:
    """Sends keyless records one by one until each partition got one, at most 2000."""
    placed: list[Placed] = []
    while len(placed) < MOST_SENDS and len({place.partition for place in placed}) < topic.partition_count:
        placed += producer.send(topic.name, [Sent(b"keyless")])
    return placed
