"""Defects of replicas: what is acknowledged too early, shown too early, cut at the wrong place, told wrongly."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import FetchPartition, PartitionData
from kafka_conformance.protocol.messages.produce import PartitionProduceResponse
from kafka_conformance.protocol.records import BatchHeader
from kafka_conformance.reference_broker.apis.fetch import FetchRules
from kafka_conformance.reference_broker.apis.produce import ProduceRules
from kafka_conformance.reference_broker.log import AppendInfo, AppendOrigin, Log, Refusal
from kafka_conformance.reference_broker.log.leader_epochs import EpochEndOffset, LeaderEpochCache
from kafka_conformance.reference_broker.log.outcome import NO_PRODUCER_EPOCH
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_state import BatchMetadata
from kafka_conformance.reference_broker.log.producer_state_manager import ProducerStateManager
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.fetcher import ReplicaFetcher
from kafka_conformance.reference_broker.replication.follower import Follower
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.replication.partition_state import Enough
from kafka_conformance.reference_broker.replication.reads import (
    NO_PREFERRED_REPLICA,
    DivergingEpoch,
    FetchIsolation,
    FetchParams,
)


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


@mutant("replication/does-not-wait", violates="replication/acknowledged-records-survive-their-leader")
class DoesNotWait(Partition):
    """No replica is waited for: what the leader has is committed."""

    @override
    def holds_back(self, node_id: int, follower: Follower, now_ms: int) -> bool:
        return False


@mutant("replication/cuts-at-the-high-watermark", violates="replication/under-faults/one-log")
class CutsAtTheHighWatermark(Partition):
    """A replica that becomes the leader cuts off what it does not know to be committed (before KIP-101)."""

    @override
    def become_leader(self) -> None:
        self.truncate(self.log.high_watermark)
        super().become_leader()


@mutant("replication/does-not-know-that-it-lags", violates="replication/latest-never-goes-back")
class DoesNotKnowThatItLags(Partition):
    """A new leader tells the high watermark that it had as a follower (before KIP-207)."""

    @property
    @override
    def high_watermark_lags(self) -> bool:
        return False


@mutant("replication/acknowledges-when-deposed", violates="replication/deposed-leader-acknowledges-nothing")
class AcknowledgesWhenDeposed(Partition):
    """Whoever waits for replicas when another broker becomes the leader is told that all is well."""

    @override
    def check_enough_replicas_reach_offset(self, required_offset: int) -> Enough:
        return super().check_enough_replicas_reach_offset(required_offset) if self.is_leader else _ALL_IS_WELL


_ALL_IS_WELL = Enough(True, ErrorCode.NONE)

# Epochs


@mutant("replication/repeats-the-epoch", violates="replication/epochs/end-of-each")
class RepeatsTheEpoch(LeaderEpochCache):
    """The end of an epoch in which nothing was written is told as if something had been (before KIP-279)."""

    @override
    def end_offset_for(self, epoch: int, log_end_offset: int) -> EpochEndOffset | None:
        found = super().end_offset_for(epoch, log_end_offset)
        return found and found._replace(epoch=epoch)


@mutant("replication/compares-the-last-epoch", violates="replication/epochs/reader-of-another-log")
class ComparesTheLastEpoch(Partition):
    """Readers whose last record is of an earlier epoch are not told that their log parts from this one."""

    @override
    def find_divergence(self, wanted: FetchPartition) -> DivergingEpoch | ErrorCode | None:
        return super().find_divergence(wanted) if wanted.last_fetched_epoch >= self.leader_epoch else None


@mutant("replication/followers-fence-nobody", violates="replication/epochs/old-ones-are-fenced")
class FollowersFenceNobody(Partition):
    """Whatever leader epoch a client knows, a follower serves it."""

    @override
    def check_epoch(self, current_leader_epoch: int) -> ErrorCode:
        return super().check_epoch(current_leader_epoch) if self.is_leader else ErrorCode.NONE


# Leaders and followers


@mutant("replication/tells-the-lost-alone", violates="replication/leaders/fenced-fetch-names-the-next")
class TellsTheLostAlone(FetchRules):
    """A fetch that is fenced is not told who leads."""

    @override
    def tells_leader(self, data: PartitionData, version: int) -> bool:
        return super().tells_leader(data, version) and data.error_code != ErrorCode.FENCED_LEADER_EPOCH


@mutant("replication/tells-the-fenced-alone", violates="replication/leaders/fetch-elsewhere-names-the-leader")
class TellsTheFencedAlone(FetchRules):
    """A fetch from a broker without a replica is not told who leads."""

    @override
    def tells_leader(self, data: PartitionData, version: int) -> bool:
        return super().tells_leader(data, version) and data.error_code == ErrorCode.FENCED_LEADER_EPOCH


@mutant("replication/lets-them-wait", violates="replication/leaders/waiting-fetch-is-fenced")
class LetsThemWait(Partition):
    """Whoever waits at a leader is not woken when another one leads."""

    @override
    def notify(self) -> None:
        if self.is_leader:
            super().notify()


@mutant("replication/followers-answer", violates="replication/leaders/followers-refuse")
class FollowersAnswer(Partition):
    """A follower answers what only the leader knows."""

    @override
    def check_readable(self, current_leader_epoch: int, *, only_leader: bool) -> ErrorCode:
        return super().check_readable(current_leader_epoch, only_leader=False)


@mutant("replication/followers-refuse-consumers", violates="replication/followers/serve-consumers")
class FollowersRefuseConsumers(Partition):
    """A follower serves nobody (before KIP-392)."""

    @override
    def check_readable(self, current_leader_epoch: int, *, only_leader: bool) -> ErrorCode:
        return super().check_readable(current_leader_epoch, only_leader=True)


@mutant("replication/followers-show-everything", violates="replication/followers/show-what-is-committed")
class FollowersShowEverything(Partition):
    """A follower shows consumers all that it has."""

    @override
    def upper_bound(self, isolation: FetchIsolation) -> int:
        return super().upper_bound(isolation if self.is_leader else FetchIsolation.LOG_END)


@mutant("replication/keeps-its-consumers", violates="replication/followers/nearest-is-preferred")
class KeepsItsConsumers(Partition):
    """No consumer is sent to a replica in its rack."""

    @override
    def preferred_replica(self, params: FetchParams, fetch_offset: int) -> int:
        return NO_PREFERRED_REPLICA


@mutant("replication/prefers-any-replica", violates="replication/followers/only-in-sync-ones-are-preferred")
class PrefersAnyReplica(Partition):
    """Consumers are sent to the replica in their rack whether it is in sync or not."""

    @override
    def may_be_preferred(self, node_id: int) -> bool:
        return True


# Producers


@mutant("replication/followers-forget-producers", violates="replication/idempotence/known-at-the-next-leader")
class FollowersForgetProducers(ProducerStateManager):
    """A follower does not look whose batches it copies."""

    @override
    def update(self, info: ProducerAppendInfo) -> None:
        if info.origin is not AppendOrigin.REPLICATION:
            super().update(info)


@mutant("replication/followers-forget-sequences", violates="replication/idempotence/gaps-at-the-next-leader")
class FollowersForgetSequences(ProducerStateManager):
    """A follower learns from what it copies which producers there are, but not which sequences they have used."""

    @override
    def update(self, info: ProducerAppendInfo) -> None:
        super().update(info)
        if info.origin is AppendOrigin.REPLICATION:
            info.current.batches.clear()
            info.current.set_epoch(NO_PRODUCER_EPOCH)


@mutant("replication/followers-forget-epochs", violates="replication/idempotence/older-epochs-at-the-next-leader")
class FollowersForgetEpochs(ProducerStateManager):
    """A follower takes the batches that it copies for those of a producer's first epoch."""

    @override
    def update(self, info: ProducerAppendInfo) -> None:
        if info.origin is AppendOrigin.REPLICATION:
            info.producer_epoch = min(info.producer_epoch, 0)
        super().update(info)


@mutant("replication/takes-what-is-sent-again", violates="replication/idempotence/five-in-flight")
class TakesWhatIsSentAgain(ProducerStateManager):
    """A leader of a later epoch appends a repeat of the last batch that it has copied."""

    @override
    def find_duplicate(self, header: BatchHeader) -> BatchMetadata | None:
        return None


@mutant("replication/followers-see-no-transactions", violates="replication/transactions/same-at-the-next-leader")
class FollowersSeeNoTransactions(ProducerStateManager):
    """A follower does not learn from what it copies that a transaction begins."""

    @override
    def update(self, info: ProducerAppendInfo) -> None:
        if info.origin is AppendOrigin.REPLICATION:
            info.started_transactions.clear()
        super().update(info)
