"""Defects of clusters that replicate: what is acknowledged too early, elected wrongly, cut at the wrong place."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from kafka_conformance.protocol.messages.produce import PartitionProduceResponse
from kafka_conformance.reference_broker.apis.produce import ProduceRules
from kafka_conformance.reference_broker.controller.partition_change import PartitionChange
from kafka_conformance.reference_broker.log import AppendInfo, Log, Refusal
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.fetcher import ReplicaFetcher
from kafka_conformance.reference_broker.replication.follower import Follower
from kafka_conformance.reference_broker.replication.partition import Partition


@mutant("replication/forgets-on-election", violates="replication/acknowledged-records-survive-their-leader")
class ForgetsOnElection(Partition):
    """A replica that becomes the leader begins with the last record that it had."""

    @override
    def become_leader(self) -> None:
        if self.leader_epoch > 0 and self.log.log_end_offset > 0:
            self.truncate(self.log.log_end_offset - 1)
        super().become_leader()


@mutant("replication/keeps-its-epoch", violates="replication/a-new-leader-has-a-new-epoch")
class KeepsItsEpoch(Log):
    """Batches are stamped with the first leader epoch of the log, whoever leads."""

    @override
    def append_as_leader(self, records: memoryview, leader_epoch: int, *rest: Any, **how: Any) -> AppendInfo | Refusal:
        return super().append_as_leader(records, 0, *rest, **how)


@mutant("replication/skips-an-offset", violates="replication/offsets-go-on-at-the-next-leader")
class SkipsAnOffset(Log):
    """A leader of a later epoch leaves out the offset that follows."""

    @override
    def assign_offset(self) -> int:
        return super().assign_offset() + (self.leader_epochs.latest_epoch > 0)


@mutant("replication/ignores-the-minimum", violates="replication/too-few-replicas-are-refused")
class IgnoresTheMinimum(Partition):
    """However few replicas are in sync, a batch is taken and committed."""

    @override
    def lacks_replicas(self) -> bool:
        return False


@mutant("replication/commits-alone", violates="replication/nothing-is-shown-before-it-is-committed")
class CommitsAlone(Partition):
    """What the leader has is committed, though too few others are in sync."""

    @override
    def maybe_increment_high_watermark(self) -> bool:
        if self.is_under_min_isr:
            return bool(self.log.update_high_watermark(self.log.log_end_offset))
        return super().maybe_increment_high_watermark()


@mutant("replication/names-nobody", violates="replication/the-leader-is-named")
class NamesNobody(ProduceRules):
    """A broker that does not lead does not say who does."""

    @override
    def tells_leader(self, answer: PartitionProduceResponse, version: int) -> bool:
        return False


@mutant("replication/does-not-tell-its-epoch", violates="replication/replicas-agree")
class DoesNotTellItsEpoch(ReplicaFetcher):
    """A follower does not say in which epoch it has fetched last, and keeps what its leader never had."""

    @override
    def last_fetched_epoch(self, log: Log) -> int:
        return -1


@mutant("replication/elects-whoever-lives", violates="replication/only-who-has-all-leads")
class ElectsWhoeverLives(PartitionChange):
    """A replica leads although it is not in sync."""

    @override
    def is_valid_new_leader(self, node_id: int) -> bool:
        return self.is_acceptable_leader(node_id)


@mutant("replication/does-not-wait", violates="replication/acknowledged-records-survive-their-leader")
class DoesNotWait(Partition):
    """No replica is waited for: what the leader has is committed."""

    @override
    def holds_back(self, node_id: int, follower: Follower, now_ms: int) -> bool:
        return False
