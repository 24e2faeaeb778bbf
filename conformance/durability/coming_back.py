"""A broker that goes away and comes back, and a partition's state before and after."""

from __future__ import annotations

from typing import NamedTuple

from kafka_conformance.conformance.fetch.written_log import Content, contents
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic


class PartitionState(NamedTuple):
    """What anybody can see of a partition."""

    records: list[Content]
    start: int
    end: int


def state_of(topic: Topic, *, partition: int = 0) -> PartitionState:
    """Reads all of it."""
    found = contents(topic.records(partition))
    return PartitionState(found, topic.start_offset(partition), topic.end_offset(partition))


def states_of(topic: Topic) -> list[PartitionState]:
    """All partitions."""
    return [state_of(topic, partition=index) for index in range(topic.partition_count)]


def kill_and_restart(cluster: Cluster, *topics: Topic) -> None:
    """Ends the leader of the first topic without warning and starts it again; all topics are led again after it."""
    cluster.kill(topics[0].leader())
    restart(cluster, *topics)


def restart(cluster: Cluster, *topics: Topic) -> None:
    """Starts the leader of the first topic again, after an orderly stop if it runs."""
    cluster.restart(topics[0].leader())
    for topic in topics:
        topic.refresh()
