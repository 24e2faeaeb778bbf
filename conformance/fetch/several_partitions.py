"""Requests about several partitions: they go to one broker, which must lead all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kafka_conformance.harness.cases import ConformanceViolation, NotApplicable
from kafka_conformance.harness.subject.answers import Fetched
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.connection import Connection
from kafka_conformance.harness.subject.partition_requests import NamedTopic, fetch_request
from kafka_conformance.harness.subject.topic import CONSUMERS_WAIT_MS, Topic
from kafka_conformance.protocol.messages.fetch import FetchResponse


@contextmanager
def led_together(cluster: Cluster, count: int) -> Iterator[tuple[Topic, list[int], Connection]]:
    """A topic, so many of its partitions that have the same leader, and a connection to it."""
    with cluster.topic(count * len(cluster.node_ids)) as topic:
        led = Counter(topic.leader(index) for index in range(topic.partition_count))
        leader, found = led.most_common(1)[0]
        if found < count:
            raise NotApplicable(f"no broker leads {count} partitions of the topic")
        together = [index for index in range(topic.partition_count) if topic.leader(index) == leader][:count]
        with cluster.connect(leader) as connection:
            yield topic, together, connection


class Answered(dict[int, Fetched]):
    """The partitions of an answer about one topic, in the answer's order."""

    def __missing__(self, partition: int) -> Fetched:
        raise ConformanceViolation(
            "the answer leaves out a partition", expected=f"partition {partition}", actual=f"partitions {list(self)}"
        )


def by_partition(answer: FetchResponse) -> Answered:
    """What an answer about one topic says of each partition."""
    found = (
        (entry.partition_index, Fetched(entry, answer)) for topic in answer.responses for entry in topic.partitions
    )
    return Answered(found)


def fetch_each(connection: Connection, topic: NamedTopic, offsets: Mapping[int, int], **fields: Any) -> Answered:
    """One Fetch without a session for several partitions, in the mapping's order; `fields` go to `fetch_request`.

    It does not wait; of a broker that leaves out what it had no time to look at, it is asked again as consumers ask.
    """
    answered = by_partition(connection.send(fetch_request(topic, offsets, **fields)))
    if offsets.keys() <= answered.keys() or "max_wait_ms" in fields:
        return answered
    return by_partition(connection.send(fetch_request(topic, offsets, max_wait_ms=CONSUMERS_WAIT_MS, **fields)))
