"""What must hold in the end, whatever the schedule was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafka_conformance.harness.checkers.anomalies import anomalies
from kafka_conformance.harness.histories.history import History

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.cluster import Cluster
    from kafka_conformance.reference_broker.replication.partition import Partition


def judge_history(history: History) -> list[str]:
    """The anomalies of what clients did and saw.

    A record that was acknowledged and that the last readers, who read all, were not given is one of them.
    """
    return anomalies(history)


def unsettled(cluster: Cluster) -> list[str]:
    """What is not yet as it must be once nothing is broken: replicas out of sync, transactions that are open."""
    found = []
    for topic in cluster.controller.image.topics.values():
        for state in topic.partitions:
            name = f"{topic.name}-{state.partition}"
            if state.leader < 0 or set(state.isr) != set(state.replicas) or state.adding_replicas:
                found.append(f"{name}: leader {state.leader}, ISR {state.isr} of {state.replicas}")
                continue
            replicas = _replicas(cluster, topic.name, state.partition, state.replicas)
            ends = {(replica.log.log_end_offset, replica.log.high_watermark) for replica in replicas}
            leader = replicas[state.replicas.index(state.leader)] if len(replicas) == len(state.replicas) else None
            if leader is None or not leader.is_leader or len(ends) > 1:
                found.append(f"{name}: (end, high watermark) of its replicas are {sorted(ends)}")
            elif not leader.log.last_stable_offset == leader.log.high_watermark == leader.log.log_end_offset:
                log = leader.log
                found.append(f"{name}: LSO {log.last_stable_offset}, HW {log.high_watermark}, end {log.log_end_offset}")
    return found


def judge_cluster(cluster: Cluster) -> list[str]:
    """Replicas are the same, byte for byte, and leader epochs only grow in a log."""
    found = []
    for topic in cluster.controller.image.topics.values():
        for state in topic.partitions:
            logs = [_bytes_of(replica) for replica in _replicas(cluster, topic.name, state.partition, state.replicas)]
            if any(log != logs[0] for log in logs[1:]):
                found.append(f"the replicas of {topic.name}-{state.partition} differ")
    return found


def _replicas(cluster: Cluster, topic: str, partition: int, nodes: tuple[int, ...]) -> list[Partition]:
    brokers = [cluster.brokers[node] for node in nodes]
    return [broker.partitions[topic, partition] for broker in brokers if (topic, partition) in broker.partitions]


def _bytes_of(replica: Partition) -> bytes:
    log = replica.log
    read = log.read(log.log_start_offset, 1 << 26, log.log_end_offset)
    return b"".join(read.buffers) if hasattr(read, "buffers") else repr(read).encode()
