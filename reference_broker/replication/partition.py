"""A partition as one broker has it: its replica of the log, and what it knows of the others.

State changes come in metadata images (`update`); what is committed follows from the ends of the replicas' logs.
Source: kafka.cluster.Partition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import AbortedTransaction, FetchPartition
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.controller.image import NO_LEADER, PartitionImage
from kafka_conformance.reference_broker.environment import Clock
from kafka_conformance.reference_broker.log import AppendInfo, AppendOrigin, Fetched, Log, Refusal
from kafka_conformance.reference_broker.replication.offset_lookup import OffsetLookup
from kafka_conformance.reference_broker.replication.reads import (
    NO_PREFERRED_REPLICA,
    DivergingEpoch,
    FetchIsolation,
    FetchParams,
    ReadResult,
)

NO_EPOCH = -1
ALL_IN_SYNC = -1


class Watcher(Protocol):
    """Somebody who waits for a partition to change."""

    def wake(self, partition: Partition) -> None:
        """Look again."""
        ...


class Follower:
    """What the leader knows of another replica, from its fetches."""

    __slots__ = ("last_fetch_ms", "log_end_offset", "log_start_offset")

    def __init__(self, log_end_offset: int, log_start_offset: int, last_fetch_ms: int) -> None:
        self.log_end_offset = log_end_offset
        self.log_start_offset = log_start_offset
        self.last_fetch_ms = last_fetch_ms


class Enough(NamedTuple):
    """Whether the high watermark has reached an offset; an error ends the waiting, too."""

    reached: bool
    error: ErrorCode


class Partition(OffsetLookup):
    """One replica and its role. `log` is its log, whoever leads."""

    def __init__(self, topic: str, topic_id: Uuid, partition: int, log: Log, node_id: int, clock: Clock) -> None:
        self.topic = topic
        self.topic_id = topic_id
        self.partition = partition
        self.log = log
        self.node_id = node_id
        self.leader = NO_LEADER
        self.leader_epoch = NO_EPOCH
        self.partition_epoch = NO_EPOCH
        self.epoch_start_offset = 0
        """The end of the log when this replica became the leader."""
        self.isr: tuple[int, ...] = ()
        self.replicas: tuple[int, ...] = ()
        self.followers: dict[int, Follower] = {}
        self.is_under_min_isr = False
        """Whether too few replicas are in sync for anything to be committed."""
        self.on_high_watermark: Callable[[int], None] | None = None
        """Told each high watermark of this replica while it leads: a coordinator waits for it."""
        self._clock = clock
        self._watchers: dict[Watcher, None] = {}
        self._min_insync_replicas = 1

    def __repr__(self) -> str:
        return f"Partition({self.topic}-{self.partition}, leader {self.leader}, epoch {self.leader_epoch})"

    # What the controller says

    def update(self, image: PartitionImage) -> None:
        """Take over leader, epochs and in-sync replicas from a newer image; older ones are ignored."""
        if image.partition_epoch <= self.partition_epoch:
            return
        new_epoch = image.leader_epoch > self.leader_epoch
        self.leader = image.leader
        self.leader_epoch = image.leader_epoch
        self.partition_epoch = image.partition_epoch
        self.isr = image.isr
        self.replicas = image.replicas
        self.is_under_min_isr = self.lacks_replicas()
        if new_epoch:
            self.followers.clear()
        if self.is_leader:
            if new_epoch:
                self.become_leader()
            self.maybe_increment_high_watermark()
        self.notify()

    def become_leader(self) -> None:
        """Begin a new leader epoch at the end of the log."""
        self.epoch_start_offset = self.log.log_end_offset
        self.log.assign_epoch_start_offset(self.leader_epoch, self.epoch_start_offset)

    def resign(self) -> None:
        """Stop to be a replica here: whoever waits is told."""
        self.leader = NO_LEADER
        self.notify()

    @property
    def is_leader(self) -> bool:
        """Whether this broker's replica leads."""
        return self.leader == self.node_id

    # Who waits

    def watch(self, watcher: Watcher) -> None:
        """Wake `watcher` whenever this partition changes."""
        self._watchers[watcher] = None

    def unwatch(self, watcher: Watcher) -> None:
        """Do not wake it any more."""
        self._watchers.pop(watcher, None)

    def notify(self) -> None:
        """Wake all who wait."""
        if self._watchers:
            for watcher in tuple(self._watchers):
                if watcher in self._watchers:
                    watcher.wake(self)

    # What is committed

    @property
    def min_insync_replicas(self) -> int:
        """The topic's min.insync.replicas."""
        return self._min_insync_replicas

    @min_insync_replicas.setter
    def min_insync_replicas(self, number: int) -> None:
        self._min_insync_replicas = number
        self.is_under_min_isr = self.lacks_replicas()

    @property
    def effective_min_isr(self) -> int:
        """min.insync.replicas, capped by the number of replicas."""
        return min(self._min_insync_replicas, len(self.replicas))

    def lacks_replicas(self) -> bool:
        """Whether fewer replicas are in sync than there have to be."""
        return len(self.isr) < self.effective_min_isr

    def in_sync_end_offsets(self) -> Iterator[int]:
        """The ends of the logs of the in-sync replicas. A follower counts from its first fetch in this epoch on."""
        yield self.log.log_end_offset
        for node_id, follower in self.followers.items():
            if node_id in self.isr:
                yield follower.log_end_offset

    def maybe_increment_high_watermark(self) -> bool:
        """Move the high watermark to the end that all in-sync replicas have reached."""
        if self.is_under_min_isr:
            return False
        reached = min(self.in_sync_end_offsets()) if self.followers else self.log.log_end_offset
        if reached <= self.log.high_watermark:
            return False
        self.log.update_high_watermark(reached)
        if self.on_high_watermark is not None:
            self.on_high_watermark(reached)
        return True

    def check_enough_replicas_reach_offset(self, required_offset: int) -> Enough:
        """Whether an append that ends before `required_offset` is committed."""
        if not self.is_leader:
            return Enough(False, ErrorCode.NOT_LEADER_OR_FOLLOWER)
        if self.log.high_watermark < required_offset:
            return Enough(False, ErrorCode.NONE)
        if self.is_under_min_isr:
            return Enough(True, ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND)
        return Enough(True, ErrorCode.NONE)

    # Appends

    def append_as_leader(
        self,
        records: memoryview,
        *,
        acks: int = ALL_IN_SYNC,
        origin: AppendOrigin = AppendOrigin.CLIENT,
        produce_version: int | None = None,
    ) -> AppendInfo | Refusal:
        """Append one batch, in a writable buffer that the log may keep."""
        if not self.is_leader:
            return Refusal(ErrorCode.NOT_LEADER_OR_FOLLOWER, "the leader is another broker")
        if acks == ALL_IN_SYNC and self.is_under_min_isr:
            return Refusal(
                ErrorCode.NOT_ENOUGH_REPLICAS,
                f"{len(self.isr)} in-sync replicas, {self.effective_min_isr} needed",
                log_start_offset=self.log.log_start_offset,
            )
        outcome = self.log.append_as_leader(
            records, self.leader_epoch, self._clock.now_ms(), origin, produce_version=produce_version
        )
        if isinstance(outcome, AppendInfo):
            self.maybe_increment_high_watermark()
            if self._watchers:
                self.notify()
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
        preferred = self.preferred_replica(params, wanted.fetch_offset)
        only_leader = params.is_from_follower or not params.may_prefer_replica
        error = self.check_readable(wanted.current_leader_epoch, only_leader=only_leader)
        if error is ErrorCode.NONE and params.is_from_follower:
            error = self.note_follower_fetch(params.replica_id, wanted)
        if error is not ErrorCode.NONE:
            return ReadResult(error)
        high_watermark, last_stable, start = log.high_watermark, log.last_stable_offset, log.log_start_offset
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
        if aborted is not None and fetched.size:
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
        """The replica from which a consumer should rather read (KIP-392); -1 for this one."""
        return NO_PREFERRED_REPLICA

    def find_divergence(self, wanted: FetchPartition) -> DivergingEpoch | ErrorCode | None:
        """Whether the reader's log parts from this one before its fetch offset (KIP-595)."""
        end = self.log.end_offset_for_epoch(wanted.last_fetched_epoch)
        if end is None or wanted.fetch_offset < self.log.log_start_offset:
            return ErrorCode.OFFSET_OUT_OF_RANGE
        if end.epoch < wanted.last_fetched_epoch or end.end_offset < wanted.fetch_offset:
            return DivergingEpoch(end.epoch, end.end_offset)
        return None

    def note_follower_fetch(self, replica_id: int, wanted: FetchPartition) -> ErrorCode:
        """Learn from a follower's fetch how far it is; only an assigned replica may fetch as one."""
        if replica_id not in self.replicas or replica_id == self.node_id:
            return ErrorCode.NOT_LEADER_OR_FOLLOWER
        self.followers[replica_id] = Follower(wanted.fetch_offset, wanted.log_start_offset, self._clock.now_ms())
        if self.maybe_increment_high_watermark():
            self.notify()
        return ErrorCode.NONE
