"""Schedules of faults: one after the other, each under load, and healed before the next one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from hypothesis import strategies as st

from kafka_conformance.conformance.replication.failing import followers_of, partition_of
from kafka_conformance.conformance.replication.leading import call_for_leader
from kafka_conformance.conformance.replication.load import Load
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic

BATCHES = 4
"""So many each producer has acknowledged before, during and after each fault."""


class Kind(Enum):
    """What is done. The values are capabilities of a target, where it needs one."""

    KILL = "kill"
    PAUSE = "pause"
    ISOLATE = "isolate"
    STOP = "restart"
    ELECT = "leader-elections"


class Fault(NamedTuple):
    """It is done to the leader, or to one of the followers; by an election the follower becomes the leader."""

    kind: Kind
    leader: bool
    follower: int


def faults() -> st.SearchStrategy[list[Fault]]:
    """Up to three."""
    return st.lists(st.builds(Fault, st.sampled_from(Kind), st.booleans(), st.integers(0, 1)), min_size=1, max_size=3)


def under_load(cluster: Cluster, topic: Topic, schedule: Sequence[Fault]) -> Load:
    """Plays it on a partition with three replicas; kinds that the target cannot do are left out."""
    load = Load(cluster, topic)
    load.progress(BATCHES)
    for fault in schedule:
        if fault.kind.value in cluster.capabilities:
            topic.refresh()
            node = topic.leader() if fault.leader else followers_of(topic)[fault.follower]
            _play(cluster, topic, load, fault, node)
            load.meanwhile(lambda: _is_whole(cluster, topic), what="all replicas are in sync again")
            load.progress(BATCHES)
    load.finish()
    return load


def _play(cluster: Cluster, topic: Topic, load: Load, fault: Fault, node: int) -> None:
    load.turn()
    if fault.kind is Kind.KILL:
        cluster.kill(node)
        load.progress(BATCHES)
        cluster.restart(node)
    elif fault.kind is Kind.PAUSE:
        with cluster.paused(node):
            load.progress(BATCHES)
    elif fault.kind is Kind.ISOLATE:
        with cluster.isolated(node):
            load.progress(BATCHES)
    elif fault.kind is Kind.STOP:
        cluster.restart(node)
    else:
        call_for_leader(topic, node)


def _is_whole(cluster: Cluster, topic: Topic) -> bool:
    known = [partition_of(topic, node=node) for node in cluster.node_ids]
    return all(each is not None and len(each.isr_nodes) == len(each.replica_nodes) for each in known)
