"""A partition as one broker has it: appends and reads of its replica.

Source: kafka.cluster.Partition.{appendRecordsToLeader, fetchRecords, readRecords}.
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import AbortedTransaction, FetchPartition
from kafka_conformance.protocol.records import BatchHeader
from kafka_conformance.reference_broker.log import AppendInfo, AppendOrigin, Fetched, Refusal
from kafka_conformance.reference_broker.log.outcome import NO_EPOCH
from kafka_conformance.reference_broker.log.producer_state import VerificationStateEntry
from kafka_conformance.reference_broker.replication.follower import Follower
from kafka_conformance.reference_broker.replication.in_sync import InSyncReplicas
from kafka_conformance.reference_broker.replication.offset_lookup import OffsetLookup
from kafka_conformance.reference_broker.replication.reads import (
    NO_PREFERRED_REPLICA,
    DivergingEpoch,
    FetchIsolation,
    FetchParams,
    ReadResult,
)

ALL_IN_SYNC = -1


class Partition(InSyncReplicas, OffsetLookup):
    """One replica and what can be asked of it."""

    selects_by_rack = False
    """replica.selector.class: whether consumers are sent to replicas in their own rack."""

    # Appends

    def append_as_leader(
        self,
        records: memoryview,
        *,
        acks: int = ALL_IN_SYNC,
        origin: AppendOrigin = AppendOrigin.CLIENT,
        header: BatchHeader | None = None,
        verification_guard: VerificationStateEntry | None = None,
        transaction_version: int = 0,
    ) -> AppendInfo | Refusal:
        """Append one batch, in a writable buffer that the log may keep; `header` is its own, if it has been read.

        `verification_guard` is what the first batch of a transaction needs, `transaction_version` what a marker does.
        """
        if not self.is_leader:
            return Refusal(ErrorCode.NOT_LEADER_OR_FOLLOWER, "the leader is another broker")
        if acks == ALL_IN_SYNC and self.is_under_min_isr:
            return Refusal(
                ErrorCode.NOT_ENOUGH_REPLICAS,
                f"{len(self.isr)} in-sync replicas, {self.effective_min_isr} needed",
                log_start_offset=self.log.log_start_offset,
            )
        outcome = self.log.append_as_leader(
            records,
            self.leader_epoch,
            self._clock.now_ms(),
            origin,
            header=header,
            verification_guard=verification_guard,
            transaction_version=transaction_version,
        )
        if isinstance(outcome, AppendInfo):
            self.maybe_increment_high_watermark()
            if self._watchers:
                self.notify()
        return self.tell_append(outcome, origin)

    def tell_append(self, outcome: AppendInfo | Refusal, origin: AppendOrigin) -> AppendInfo | Refusal:
        """What became of an append, as whoever sent it is told."""
        return outcome

    # Reads

    def check_epoch(self, current_leader_epoch: int) -> ErrorCode:
        """Compare the leader epoch that a client knows (-1: none) with this replica's (KIP-320)."""
        if current_leader_epoch in (NO_EPOCH, self.leader_epoch):
            return ErrorCode.NONE
        if current_leader_epoch < self.leader_epoch:
            return ErrorCode.FENCED_LEADER_EPOCH
        return ErrorCode.UNKNOWN_LEADER_EPOCH

    def check_readable(self, current_leader_epoch: int, *, only_leader: bool) -> ErrorCode:
        """Whether a request that knows this leader epoch may read here."""
        error = self.check_epoch(current_leader_epoch)
        if error is ErrorCode.NONE and only_leader and not self.is_leader:
            return ErrorCode.NOT_LEADER_OR_FOLLOWER
        return error

    def fetch(self, params: FetchParams, wanted: FetchPartition, max_bytes: int, *, min_one_batch: bool) -> ReadResult:
        """Read from `wanted.fetch_offset` on, at most `max_bytes`, but with `min_one_batch` at least one batch."""
        log = self.log
        from_follower = params.is_from_follower
        only_leader = from_follower or not params.may_prefer_replica
        error = self.check_readable(wanted.current_leader_epoch, only_leader=only_leader)
        if error is ErrorCode.NONE and from_follower:
            error = self.check_follower(params, wanted)
        if error is not ErrorCode.NONE:
            return ReadResult(error)
        high_watermark, last_stable, start = log.high_watermark, log.last_stable_offset, log.log_start_offset
        if params.rack_id and not from_follower:
            preferred = self.preferred_replica(params, wanted.fetch_offset)
            if preferred != NO_PREFERRED_REPLICA:
                return ReadResult(ErrorCode.NONE, high_watermark, last_stable, start, preferred_replica=preferred)
        aborted: list[AbortedTransaction] | None = [] if params.isolation is FetchIsolation.TXN_COMMITTED else None
        if wanted.last_fetched_epoch >= 0:
            diverging = self.find_divergence(wanted)
            if isinstance(diverging, ErrorCode):
                return ReadResult(diverging)
            if diverging is not None:
                return ReadResult(ErrorCode.NONE, high_watermark, last_stable, start, diverging=diverging)
        fetched = log.read(
            wanted.fetch_offset, max_bytes, self.upper_bound(params.isolation), min_one_batch=min_one_batch
        )
        if isinstance(fetched, ErrorCode):
            return ReadResult(fetched)
        if from_follower:
            self.note_follower_fetch(params, wanted)
        elif aborted is not None and fetched.size:
            aborted = self.aborted_transactions(wanted.fetch_offset, fetched)
        return ReadResult(ErrorCode.NONE, high_watermark, last_stable, start, fetched.buffers, fetched.size, aborted)

    def upper_bound(self, isolation: FetchIsolation) -> int:
        """The offset up to which a reader may see."""
        if isolation is FetchIsolation.HIGH_WATERMARK:
            return self.log.high_watermark
        if isolation is FetchIsolation.TXN_COMMITTED:
            return self.log.last_stable_offset
        return self.log.log_end_offset

    def aborted_transactions(self, fetch_offset: int, fetched: Fetched) -> list[AbortedTransaction]:
        """The aborted transactions whose records a read_committed reader must drop."""
        return [
            AbortedTransaction(producer_id=txn.producer_id, first_offset=txn.first_offset)
            for txn in self.log.aborted_transactions(fetch_offset, fetched.upper_bound_offset)
        ]

    def preferred_replica(self, params: FetchParams, fetch_offset: int) -> int:
        """The replica from which a consumer should rather read (KIP-392); -1 for this one.

        Source: ReplicaManager.findPreferredReadReplica, RackAwareReplicaSelector.
        """
        port = self.isr_port
        if not (self.selects_by_rack and params.may_prefer_replica and self.is_leader and port is not None):
            return NO_PREFERRED_REPLICA
        if self._rack_of(self.node_id) == params.rack_id:
            return NO_PREFERRED_REPLICA
        near = [
            (follower.log_end_offset, follower.last_caught_up_ms, -node_id)
            for node_id, follower in self.followers.items()
            if self.may_be_preferred(node_id)
            and follower.log_start_offset <= fetch_offset <= follower.log_end_offset
            and self._rack_of(node_id) == params.rack_id
        ]
        return -max(near)[-1] if near else NO_PREFERRED_REPLICA

    def may_be_preferred(self, node_id: int) -> bool:
        """Whether consumers may be sent to a replica: only to one that is in sync."""
        return node_id in self.isr

    def _rack_of(self, node_id: int) -> str | None:
        broker = None if self.isr_port is None else self.isr_port.known_broker(node_id)
        return None if broker is None else broker.rack

    def find_divergence(self, wanted: FetchPartition) -> DivergingEpoch | ErrorCode | None:
        """Whether the reader's log parts from this one before its fetch offset (KIP-595)."""
        end = self.log.end_offset_for_epoch(wanted.last_fetched_epoch)
        if end is None or wanted.fetch_offset < self.log.log_start_offset:
            return ErrorCode.OFFSET_OUT_OF_RANGE
        if end.epoch < wanted.last_fetched_epoch or end.end_offset < wanted.fetch_offset:
            return DivergingEpoch(end.epoch, end.end_offset)
        return None

    def check_follower(self, params: FetchParams, wanted: FetchPartition) -> ErrorCode:
        """Only an assigned replica may fetch as one, and not for a process that has been replaced (KIP-903)."""
        if params.replica_id not in self.replicas or params.replica_id == self.node_id:
            knows_epoch = wanted.current_leader_epoch != NO_EPOCH
            return ErrorCode.UNKNOWN_LEADER_EPOCH if knows_epoch else ErrorCode.NOT_LEADER_OR_FOLLOWER
        if self.is_replaced(params.replica_id, params.replica_epoch):
            return ErrorCode.NOT_LEADER_OR_FOLLOWER
        return ErrorCode.NONE

    def note_follower_fetch(self, params: FetchParams, wanted: FetchPartition) -> None:
        """Learn from a follower's fetch how far it is: it may be in sync now, and more may be committed."""
        follower = self.followers.get(params.replica_id)
        if follower is None:
            follower = self.followers[params.replica_id] = Follower()
        before, started = follower.log_end_offset, follower.log_start_offset
        follower.note_fetch(
            wanted.fetch_offset,
            wanted.log_start_offset,
            self.log.log_end_offset,
            self._clock.now_ms(),
            params.replica_epoch,
        )
        self.maybe_expand_isr(params.replica_id, follower)
        grown = before != wanted.fetch_offset and self.maybe_increment_high_watermark()
        if grown or started != wanted.log_start_offset:
            self.notify()

    @property
    def low_watermark(self) -> int:
        """Where the log begins on every replica that is alive (KIP-107)."""
        port, low = self.isr_port, self.log.log_start_offset
        for node_id, follower in self.followers.items():
            broker = None if port is None else port.known_broker(node_id)
            if broker is not None and not broker.fenced:
                low = min(low, follower.log_start_offset)
        return low

    # What comes from the leader

    def append_as_follower(self, records: memoryview) -> AppendInfo | Refusal:
        """Append batches that the leader of this epoch has sent."""
        return self.log.append_as_follower(records, self.leader_epoch, self._clock.now_ms())

    def learn_high_watermark(self, high_watermark: int) -> None:
        """Take the leader's high watermark, as far as this log goes; it may be lower than the own."""
        before = self.log.high_watermark
        if high_watermark != before and self.log.update_high_watermark(high_watermark) != before:
            self.notify()

    def learn_log_start(self, log_start_offset: int) -> None:
        """Forget what the leader has forgotten."""
        if log_start_offset > self.log.log_start_offset:
            self.log.increment_log_start_offset(log_start_offset)

    def truncate(self, offset: int) -> None:
        """Cut off what the leader does not have."""
        self.log.truncate_to(offset, self._clock.now_ms())

    def start_again_at(self, offset: int) -> None:
        """Forget everything: the leader's log begins behind the end of this one."""
        self.log.truncate_fully_and_start_at(offset, self._clock.now_ms())
