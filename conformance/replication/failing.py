"""Brokers that go away and come back, and a partition as its replicas have it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from kafka_conformance.conformance.admin.configuring import broker_value
from kafka_conformance.conformance.fetch.written_log import Content, contents
from kafka_conformance.harness.cases import LATEST, NewRecord, NotApplicable, build_batch
from kafka_conformance.harness.subject.answers import Fetched, Produced
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.connection import Connection
from kafka_conformance.harness.subject.partition_requests import fetch_request, list_offsets_request, produce_request
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.subject.waiting import reachable
from kafka_conformance.protocol.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    TopicRequest,
)
from kafka_conformance.protocol.messages.fetch import FetchResponse
from kafka_conformance.protocol.messages.list_offsets import ListOffsetsResponse
from kafka_conformance.protocol.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponsePartition,
)
from kafka_conformance.protocol.messages.produce import ProduceResponse
from kafka_conformance.protocol.records import Record

REPLICAS = 3
DEBUGGING_CONSUMER = -2


def partition_of(topic: Topic, *, node: int, partition: int = 0) -> MetadataResponsePartition | None:
    """The partition as that broker knows it."""
    request = MetadataRequest(topics=[MetadataRequestTopic(name=topic.name)], allow_auto_topic_creation=False)
    answer: MetadataResponse = topic.cluster.send(request, 9, node=node)
    found = (entry for each in answer.topics for entry in each.partitions if entry.partition_index == partition)
    return next(found, None)


def followers_of(topic: Topic) -> list[int]:
    """The replicas that do not lead."""
    described = partition_of(topic, node=topic.leader())
    assert described is not None
    return [node for node in described.replica_nodes if node != topic.leader()]


def wait_for_isr(topic: Topic, *isr: int, node: int) -> None:
    """Waits until exactly these replicas are in sync."""

    def look() -> bool:
        described = partition_of(topic, node=node)
        return described is not None and sorted(described.isr_nodes) == sorted(isr)

    topic.cluster.settled(reachable(look), step="isr", what=f"the ISR of {topic.name} is {sorted(isr)}")


def wait_for_leader(topic: Topic, *, instead_of: int) -> MetadataResponsePartition:
    """Waits until another broker leads; returns the partition as the others know it."""
    others = [node for node in topic.cluster.node_ids if node != instead_of]

    def look() -> MetadataResponsePartition | None:
        known = [partition_of(topic, node=node) for node in others]
        led = [each for each in known if each is not None and each.leader_id not in (-1, instead_of)]
        return led[0] if len(led) == len(others) else None

    found = topic.cluster.settled(reachable(look), step="another leader", what=f"another broker leads {topic.name}")
    assert found is not None
    return found


def leader_after(topic: Topic, dead: int, *, node: int) -> int:
    """Waits until that broker knows that the dead one does not lead any more; returns who does, or -1."""

    def look() -> tuple[int] | None:
        described = partition_of(topic, node=node)
        return None if described is None or described.leader_id == dead else (described.leader_id,)

    found = topic.cluster.settled(reachable(look), step="no leader", what=f"node {dead} does not lead {topic.name}")
    assert found is not None
    return found[0]


def eligible_of(topic: Topic, *, node: int) -> list[int]:
    """The eligible leader replicas of partition 0 (KIP-966), as that broker knows them."""
    request = DescribeTopicPartitionsRequest(topics=[TopicRequest(name=topic.name)])
    answer: DescribeTopicPartitionsResponse = topic.cluster.send(request, node=node)
    return sorted(answer.topics[0].partitions[0].eligible_leader_replicas or ())


@contextlib.contextmanager
def killed(cluster: Cluster, *nodes: int) -> Iterator[None]:
    """These brokers are ended without warning, and started again afterwards."""
    for node in nodes:
        cluster.kill(node)
    with killed_already(cluster, *nodes):
        yield


@contextlib.contextmanager
def killed_already(cluster: Cluster, *nodes: int) -> Iterator[None]:
    """These brokers are started again afterwards."""
    try:
        yield
    finally:
        for node in nodes:
            cluster.restart(node)


@contextlib.contextmanager
def led_by_another(cluster: Cluster, topic: Topic) -> Iterator[Connection]:
    """The leader is killed; gives a connection to the one that leads then. The dead one comes back afterwards."""
    dead = topic.leader()
    with killed(cluster, dead):
        described = wait_for_leader(topic, instead_of=dead)
        with cluster.connect(described.leader_id) as connection:
            yield connection


def read_all(topic: Topic, on: Connection) -> list[Content]:
    """All records that a replica shows a consumer (Fetch 11 and later are answered by followers, too)."""
    found: list[Record] = []
    position = 0
    while True:
        answer = topic.fetch(position, version=12, on=on)
        if answer.high_watermark <= position or not answer.batches:
            return contents(found)
        found += [record for record in answer.records if record.offset >= position]
        position = answer.batches[-1][0].next_offset


def read_committed_again(topic: Topic, count: int, on: Connection) -> list[Content]:
    """The same once a new leader shows so many records: it learns from its followers what was committed (KIP-207)."""

    def look() -> list[Content] | None:
        found = read_all(topic, on)
        return found if len(found) >= count else None

    found = topic.cluster.settled(look, step="high watermark", what=f"the next leader shows {count} records")
    assert found is not None
    return found


def log_end_at(topic: Topic, node: int) -> int:
    """The end of that replica's own log, committed or not, as a debugging consumer is told it (ListOffsets)."""
    request = list_offsets_request(topic, {0: LATEST})
    request.replica_id = DEBUGGING_CONSUMER
    answer: ListOffsetsResponse = topic.cluster.send(request, node=node)
    return answer.topics[0].partitions[0].offset


def racks_of(cluster: Cluster) -> dict[int, str]:
    """The racks of the brokers. Raises NotApplicable unless each has one of its own and consumers are sent to them."""
    answer: MetadataResponse = cluster.send(MetadataRequest(topics=[]), 9)
    racks = {broker.node_id: broker.rack for broker in answer.brokers if broker.rack is not None}
    if len(set(racks.values())) < len(answer.brokers):
        raise NotApplicable("the brokers do not have a rack each")
    if not broker_value(cluster, "replica.selector.class"):
        raise NotApplicable("the target has no replica.selector.class")
    return racks


def rackwise_fetch(topic: Topic, offset: int, rack: str, *, node: int) -> Fetched:
    """A fetch by a consumer that says in which rack it is."""
    request = fetch_request(topic, {0: offset})
    request.rack_id = rack
    answer: FetchResponse = topic.cluster.send(request, node=node)
    return Fetched(answer.responses[0].partitions[0], answer)


def shown_by(topic: Topic, node: int) -> list[Content]:
    """The same of a broker."""
    with topic.cluster.connect(node) as connection:
        return read_all(topic, connection)


def wait_for_end(topic: Topic, end: int) -> None:
    """Waits until the leader knows what is committed: one that has just taken over learns it late (KIP-207)."""
    topic.cluster.settled(
        lambda: topic.end_offset() >= end, step="high watermark", what=f"{topic.name} ends at {end} or later"
    )


def shown_everywhere(topic: Topic, count: int, nodes: Sequence[int] = ()) -> list[list[Content]]:
    """The same of each broker, or of these, once it shows so many records: a follower learns late what is committed."""
    cluster = topic.cluster
    found = []
    for node in nodes or cluster.node_ids:
        cluster.settled(
            lambda node=node: len(shown_by(topic, node)) >= count,  # type: ignore[misc]
            step="high watermark",
            what=f"node {node} shows {count} records",
        )
        found.append(shown_by(topic, node))
    return found


def produce_for(topic: Topic, value: bytes, *, timeout_ms: int, on: Connection | None = None) -> Produced:
    """A batch of one record, which is to be on all in-sync replicas within that time."""
    batch = bytes(build_batch([NewRecord(None, value)]))
    request = produce_request(topic, {0: batch})
    request.timeout_ms = timeout_ms
    connection = topic.cluster.shared(topic.leader()) if on is None else on
    answer: ProduceResponse = connection.send(request)
    return Produced(answer.responses[0].partition_responses[0], batch)
