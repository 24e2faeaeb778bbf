"""Coordinators that move: which partition of an internal topic a key belongs to, and who leads it from now on."""

from __future__ import annotations

from kafka_conformance.conformance.replication.leading import lead_from
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.group import Group
from kafka_conformance.harness.subject.member import Member
from kafka_conformance.harness.subject.topic import Topic

OFFSETS, TRANSACTIONS = "__consumer_offsets", "__transaction_state"


def partition_for(key: str, partitions: int) -> int:
    """Java's hash of the text (GroupCoordinatorService.partitionFor, TransactionStateManager.partitionFor)."""
    found = 0
    units = key.encode("utf-16-be")
    for place in range(0, len(units), 2):
        found = (31 * found + int.from_bytes(units[place : place + 2], "big")) & 0xFFFFFFFF
    signed = found - 2**32 if found >= 2**31 else found
    return (0 if signed == -(2**31) else abs(signed)) % partitions


def move_coordinator(cluster: Cluster, key: str, topic: str) -> None:
    """Lets the next node coordinate a group, or a transactional id."""
    internal = Topic(cluster, topic, cluster.internal_topic(topic))
    partition = partition_for(key, internal.partition_count)
    nodes = cluster.node_ids
    following = nodes[(nodes.index(internal.leader(partition)) + 1) % len(nodes)]
    lead_from(internal, following, partition=partition)


def go_on(group: Group, members: list[Member]) -> list[Member]:
    """The same members, on connections to whoever coordinates the group now."""
    group.find_coordinator()
    found = [group.member(topics=member.topics) for member in members]
    for old, new in zip(members, found, strict=True):
        new.member_id, new.generation_id, new.leader_id = old.member_id, old.generation_id, old.leader_id
    return found
