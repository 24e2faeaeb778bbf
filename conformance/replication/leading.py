"""Who leads a partition, changed on request: replicas in another order, then the election of the first of them.

Nothing fails by it, and on Apache Kafka it takes a tenth of a second where a broker's death takes ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kafka_conformance.conformance.replication.failing import partition_of
from kafka_conformance.harness.cases import ApiKey, ErrorCode, expect
from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.subject.waiting import reachable
from kafka_conformance.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartition,
    ReassignableTopic,
)
from kafka_conformance.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    RequestPartitionData,
    RequestTopicData,
)
from kafka_conformance.protocol.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    TopicPartitions,
)
from kafka_conformance.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
    ListPartitionReassignmentsTopics,
)

PREFERRED, UNCLEAN = 0, 1
"""Types of elections."""
TIMEOUT_MS = 30_000


def replicas_from(cluster: Cluster, first: int, count: int) -> list[int]:
    """So many nodes, from the one at that place on."""
    nodes = cluster.node_ids
    return [nodes[(first + place) % len(nodes)] for place in range(count)]


def controller_first(cluster: Cluster) -> list[int]:
    """All nodes, the first one perhaps the active controller, and the others certainly not.

    Where that one stands still, requests that only it can answer wait for as long as it does: on Apache Kafka brokers
    go on asking it until their request times out. A target that does not tell (DescribeQuorum) has it elsewhere.
    """
    nodes = list(cluster.node_ids)
    if ApiKey.DESCRIBE_QUORUM in cluster.versions:
        topic = RequestTopicData(topic_name="__cluster_metadata", partitions=[RequestPartitionData()])
        answer: DescribeQuorumResponse = cluster.send(DescribeQuorumRequest(topics=[topic]))
        nodes.sort(key=lambda node: node != answer.topics[0].partitions[0].leader_id)
    return nodes


# Requests


def election(name: str, kind: int = PREFERRED, *, partition: int = 0) -> ElectLeadersRequest:
    """An ElectLeaders for one partition."""
    wanted = [TopicPartitions(topic=name, partitions=[partition])]
    return ElectLeadersRequest(election_type=kind, topic_partitions=wanted, timeout_ms=TIMEOUT_MS)


def elect(cluster: Cluster, name: str, kind: int = PREFERRED, *, partition: int = 0) -> ErrorCode:
    """The same, sent; what is said of the partition."""
    answer: ElectLeadersResponse = cluster.send(election(name, kind, partition=partition))
    return error_code(answer.replica_election_results[0].partition_result[0].error_code)


def reassign(
    cluster: Cluster, name: str, replicas: Sequence[int] | None, *, partition: int = 0, version: int | None = None
) -> ErrorCode:
    """AlterPartitionReassignments for one partition, None cancels; what is said of it."""
    target = ReassignablePartition(partition_index=partition, replicas=None if replicas is None else list(replicas))
    request = AlterPartitionReassignmentsRequest(
        timeout_ms=TIMEOUT_MS, topics=[ReassignableTopic(name=name, partitions=[target])]
    )
    answer: AlterPartitionReassignmentsResponse = cluster.send(request, version)
    return error_code(answer.error_code or answer.responses[0].partitions[0].error_code)


class Moving(NamedTuple):
    """A reassignment that is under way, as it is listed."""

    replicas: list[int]
    adding: list[int]
    removing: list[int]


def reassignment_of(cluster: Cluster, name: str, *, partition: int = 0) -> Moving | None:
    """ListPartitionReassignments for one partition; None where nothing is going on."""
    wanted = [ListPartitionReassignmentsTopics(name=name, partition_indexes=[partition])]
    request = ListPartitionReassignmentsRequest(timeout_ms=TIMEOUT_MS, topics=wanted)
    answer: ListPartitionReassignmentsResponse = cluster.send(request)
    listed = [entry for topic in answer.topics for entry in topic.partitions]
    return Moving(listed[0].replicas, listed[0].adding_replicas, listed[0].removing_replicas) if listed else None


# Waiting


def wait_for_replicas(topic: Topic, replicas: Sequence[int], *, partition: int = 0) -> None:
    """Waits until every node says that these are the replicas, in this order, and that nothing is moved any more."""
    cluster = topic.cluster

    def look() -> bool:
        known = [partition_of(topic, node=node, partition=partition) for node in cluster.node_ids]
        moved = all(each is not None and each.replica_nodes == list(replicas) for each in known)
        return moved and reassignment_of(cluster, topic.name, partition=partition) is None

    cluster.settled(reachable(look), step="reassignment", what=f"the replicas of {topic.name} are {list(replicas)}")


def wait_until_led_by(topic: Topic, node: int, *, partition: int = 0) -> None:
    """Waits until every node says so, and the leader itself answers as one."""
    cluster = topic.cluster

    def look() -> bool:
        known = [partition_of(topic, node=each, partition=partition) for each in cluster.node_ids]
        return all(each is not None and each.leader_id == node for each in known)

    cluster.settled(reachable(look), step="another leader", what=f"node {node} leads {topic.name}-{partition}")
    topic.refresh()


# Leaders


def prefer(topic: Topic, node: int, *, partition: int = 0) -> list[int]:
    """Puts a replica in the first place; the others keep their order. Nothing else changes. Returns all of them."""
    cluster = topic.cluster
    described = partition_of(topic, node=cluster.node_ids[0], partition=partition)
    assert described is not None
    order = [node, *(each for each in described.replica_nodes if each != node)]
    expect(reassign(cluster, topic.name, order, partition=partition), "the reassignment").equals(ErrorCode.NONE)
    wait_for_replicas(topic, order, partition=partition)
    return order


def lead_from(topic: Topic, node: int, *, partition: int = 0) -> None:
    """Lets an in-sync replica lead, and waits until all know it."""
    if topic.leader(partition) != node:
        call_for_leader(topic, node, partition=partition)
        wait_until_led_by(topic, node, partition=partition)


def call_for_leader(topic: Topic, node: int, *, partition: int = 0) -> None:
    """The same without waiting until anybody knows it."""
    prefer(topic, node, partition=partition)
    expect(elect(topic.cluster, topic.name, partition=partition), "the election").is_one_of(
        ErrorCode.NONE, ErrorCode.ELECTION_NOT_NEEDED
    )
