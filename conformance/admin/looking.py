"""Looking at metadata, without making anything by looking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseTopic,
)
from kafka_conformance.protocol.primitives import Uuid

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster

FIRST_WITH_IDS = 12
FIRST_WITHOUT_CREATION = 4
"""Below it Metadata makes the topics that it is asked for, where the broker is configured to."""


def by_name(*names: str) -> MetadataRequest:
    """Metadata of these topics."""
    topics = [MetadataRequestTopic(name=name) for name in names]
    return MetadataRequest(topics=topics, allow_auto_topic_creation=False)


def by_id(*ids: Uuid) -> MetadataRequest:
    """Metadata of the topics with these ids (from version 12)."""
    topics = [MetadataRequestTopic(topic_id=topic_id, name=None) for topic_id in ids]
    return MetadataRequest(topics=topics, allow_auto_topic_creation=False)


def described(cluster: Cluster, name: str, *, node: int | None = None) -> MetadataResponseTopic:
    """What a node's metadata says of one topic."""
    return only(cluster.send(by_name(name), node=node).topics, f"Metadata of {name}")


def only(topics: Iterable[MetadataResponseTopic], what: str) -> MetadataResponseTopic:
    """The single entry of an answer. Raises ConformanceViolation where there are others, or none."""
    entries = list(topics)
    if len(entries) != 1:
        raise ConformanceViolation(what, expected="one topic", actual=f"{entries}")
    return entries[0]


def known_everywhere(cluster: Cluster, name: str) -> bool:
    """Whether every node's metadata has the topic with a leader for each partition."""
    return all(
        topic.error_code == ErrorCode.NONE and all(partition.leader_id >= 0 for partition in topic.partitions)
        for topic in (described(cluster, name, node=node) for node in cluster.node_ids)
    )


def unknown_everywhere(cluster: Cluster, name: str) -> bool:
    """Whether no node's metadata has the topic."""
    answers = [described(cluster, name, node=node) for node in cluster.node_ids]
    return all(topic.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION for topic in answers)


def inconsistencies(metadata: MetadataResponse, topic: MetadataResponseTopic) -> list[str]:
    """What does not fit together in a topic whose brokers are all alive."""
    brokers = {broker.node_id for broker in metadata.brokers}
    problems = []
    for partition in topic.partitions:
        name, replicas = f"{topic.name}-{partition.partition_index}", set(partition.replica_nodes)
        if partition.leader_id not in brokers:
            problems.append(f"{name} is led by {partition.leader_id}, which is none of {brokers}")
        if partition.leader_id not in partition.isr_nodes:
            problems.append(f"{name} is led by {partition.leader_id}, which is not in sync: {partition.isr_nodes}")
        if not set(partition.isr_nodes) <= replicas or len(replicas) != len(partition.replica_nodes):
            problems.append(f"{name} has the replicas {partition.replica_nodes}, in sync {partition.isr_nodes}")
    return problems
