"""Defects of transactions as readers see them: what is committed, what is aborted, and how far may be read."""

from __future__ import annotations

from itertools import islice
from typing import Any

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import AbortedTransaction
from kafka_conformance.protocol.records import read_batch_header
from kafka_conformance.reference_broker.log import AppendInfo, AppendOrigin, Fetched, Log, Refusal, TimestampOffset
from kafka_conformance.reference_broker.log.producer_state import CompletedTxn
from kafka_conformance.reference_broker.log.producer_state_manager import ProducerStateManager
from kafka_conformance.reference_broker.log.reader import LogReader
from kafka_conformance.reference_broker.log.recovery import LoadedOffsets, LogLoader, StopState
from kafka_conformance.reference_broker.log.transaction_index import AbortedTxn, TransactionIndex
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.fetching import PartitionRead, ReplicaReader
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.replication.reads import FetchIsolation, FetchParams, ReadResult
from kafka_conformance.reference_broker.transactions.markers import MarkerSender, PreparedTransaction
from kafka_conformance.reference_broker.transactions.metadata import TopicPartition


@mutant("transactions/commits-half", violates="transactions/atomicity/commit-shows-all")
class CommitsHalf(MarkerSender):
    """Of the partitions of a transaction that commits only the first one gets a marker."""

    @override
    def recipients(self, prepared: PreparedTransaction) -> frozenset[TopicPartition]:
        return frozenset(sorted(prepared.partitions)[:1]) if prepared.commit else prepared.partitions


@mutant("transactions/aborts-unlisted", violates="transactions/atomicity/abort-shows-none")
class AbortsUnlisted(TransactionIndex):
    """An aborted transaction is not written down, and readers take its records for committed ones."""

    @override
    def append(self, completed: CompletedTxn, last_stable_offset: int) -> None:
        super().append(completed._replace(is_aborted=False), last_stable_offset)


@mutant("transactions/aborts-reach-back", violates="transactions/atomicity/one-after-the-other")
class AbortsReachBack(Partition):
    """An abort takes the producer's earlier transactions with it."""

    @override
    def aborted_transactions(self, fetch_offset: int, fetched: Fetched) -> list[AbortedTransaction]:
        aborted = super().aborted_transactions(fetch_offset, fetched)
        return [AbortedTransaction(producer_id=each.producer_id, first_offset=0) for each in aborted]


@mutant("transactions/reads-open-ones", violates="transactions/isolation/read-committed")
class ReadsOpenOnes(Partition):
    """A reader at read_committed gets what open transactions have written."""

    @override
    def upper_bound(self, isolation: FetchIsolation) -> int:
        committed = isolation is FetchIsolation.TXN_COMMITTED
        return super().upper_bound(FetchIsolation.HIGH_WATERMARK if committed else isolation)


@mutant("transactions/hides-from-all", violates="transactions/isolation/read-uncommitted")
class HidesFromAll(Partition):
    """A reader at read_uncommitted stops at the last stable offset, too."""

    @override
    def upper_bound(self, isolation: FetchIsolation) -> int:
        reads_all = isolation is FetchIsolation.HIGH_WATERMARK
        return super().upper_bound(FetchIsolation.TXN_COMMITTED if reads_all else isolation)


@mutant("transactions/latest-open-one-decides", violates="transactions/isolation/last-stable-offset")
class LatestOpenOneDecides(ProducerStateManager):
    """Everything before the latest open transaction counts as stable."""

    @override
    def first_undecided_offset(self) -> int | None:
        return next(reversed(self._ongoing), None)


@mutant("transactions/reads-one-too-many", violates="transactions/isolation/nothing-beyond-the-last-stable-offset")
class ReadsOneTooMany(Partition):
    """A reader at read_committed gets the batch at the last stable offset."""

    @override
    def upper_bound(self, isolation: FetchIsolation) -> int:
        bound = super().upper_bound(isolation)
        if isolation is FetchIsolation.TXN_COMMITTED:
            return min(bound + 1, self.log.high_watermark)
        return bound


@mutant("transactions/lists-where-they-end", violates="transactions/isolation/aborted-list")
class ListsWhereTheyEnd(Partition):
    """An aborted transaction is listed with the offset of its marker."""

    @override
    def aborted_transactions(self, fetch_offset: int, fetched: Fetched) -> list[AbortedTransaction]:
        return [
            AbortedTransaction(producer_id=each.producer_id, first_offset=each.last_offset)
            for each in self.log.aborted_transactions(fetch_offset, fetched.upper_bound_offset)
        ]


@mutant("transactions/lists-one-segment", violates="transactions/isolation/aborted-list")
class ListsOneSegment(LogReader):
    """Aborted transactions are looked for in the segment that is read, and their markers may lie in a later one."""

    @override
    def aborted_transactions(self, start_offset: int, upper_bound_offset: int) -> list[AbortedTxn]:
        found: list[AbortedTxn] = []
        for segment in islice(self._local_log.since(start_offset), 1):
            segment.transaction_index.collect(start_offset, upper_bound_offset, found)
        return found


@mutant("transactions/ends-drop-a-batch", violates="transactions/atomicity/commit-shows-all")
class EndsDropABatch(Partition):
    """The end of a transaction takes its last batch away, if it was not its only one (YDB #52731)."""

    @override
    def append_as_leader(self, records: memoryview, **how: Any) -> AppendInfo | Refusal:
        header = read_batch_header(records, 0)
        entry = self.log.producer_state.producers.get(header.producer_id) if header.is_control else None
        begin = None if entry is None else entry.current_txn_first_offset
        if entry is not None and begin is not None and entry.batches:
            last = entry.batches[-1]
            if begin < last.first_offset and last.last_offset == self.log.log_end_offset - 1:
                self.log.truncate_to(last.first_offset, self._clock.now_ms())
        return super().append_as_leader(records, **how)


@mutant("transactions/lists-what-begins-later", violates="transactions/isolation/from-any-offset")
class ListsWhatBeginsLater(Partition):
    """Aborted transactions that began at or before the fetch offset are not listed."""

    @override
    def aborted_transactions(self, fetch_offset: int, fetched: Fetched) -> list[AbortedTransaction]:
        aborted = super().aborted_transactions(fetch_offset, fetched)
        return [each for each in aborted if each.first_offset > fetch_offset]


@mutant("transactions/forgets-a-marker", violates="transactions/markers/one-in-each-partition")
class ForgetsAMarker(MarkerSender):
    """The last partition of a transaction gets no marker."""

    @override
    def recipients(self, prepared: PreparedTransaction) -> frozenset[TopicPartition]:
        partitions = sorted(prepared.partitions)
        return frozenset(partitions[:-1] if len(partitions) > 1 else partitions)


@mutant("transactions/latest-is-unstable", violates="transactions/isolation/latest-offset")
class LatestIsUnstable(Partition):
    """The latest offset is the high watermark for everybody."""

    @override
    def latest(self, bound: int) -> TimestampOffset:
        return super().latest(self.log.high_watermark)


@mutant("transactions/times-are-unstable", violates="transactions/isolation/offset-of-a-time")
class TimesAreUnstable(Partition):
    """The offset of a time may lie in an open transaction for readers at read_committed."""

    @override
    def offset_for_timestamp(
        self, timestamp: int, isolation: FetchIsolation, current_leader_epoch: int, *, only_leader: bool
    ) -> TimestampOffset | ErrorCode:
        sees = FetchIsolation.HIGH_WATERMARK if timestamp >= 0 else isolation
        return super().offset_for_timestamp(timestamp, sees, current_leader_epoch, only_leader=only_leader)


@mutant("transactions/ends-wake-nobody", violates="transactions/isolation/end-wakes-fetches")
class EndsWakeNobody(Partition):
    """A marker does not wake the fetches that wait."""

    @override
    def append_as_leader(self, records: memoryview, **options: Any) -> AppendInfo | Refusal:
        if options.get("origin") is not AppendOrigin.COORDINATOR:
            return super().append_as_leader(records, **options)
        watchers, self._watchers = self._watchers, {}
        try:
            return super().append_as_leader(records, **options)
        finally:
            self._watchers = watchers


@mutant("transactions/unstable-bytes-count", violates="transactions/isolation/open-records-do-not-wake-fetches")
class UnstableBytesCount(ReplicaReader):
    """A fetch at read_committed ends its waiting when there is something to read for others."""

    @override
    def read(self, params: FetchParams, read: PartitionRead, left: int, *, min_one_batch: bool) -> ReadResult:
        result = super().read(params, read, left, min_one_batch=min_one_batch)
        if result.size or params.isolation is not FetchIsolation.TXN_COMMITTED:
            return result
        everything = params._replace(isolation=FetchIsolation.HIGH_WATERMARK)
        return result._replace(size=super().read(everything, read, left, min_one_batch=min_one_batch).size)


@mutant("transactions/stable-before-the-start", violates="transactions/isolation/delete-records")
class StableBeforeTheStart(Log):
    """The last stable offset stays at the start of a transaction whose first records were deleted."""

    @property
    @override
    def first_unstable_offset(self) -> int | None:
        return self.producer_state.first_unstable_offset()


@mutant("transactions/open-ones-forgotten", violates="transactions/durability/open")
class OpenOnesForgotten(LogLoader):
    """The leader of a partition that comes back takes what was open for committed."""

    @override
    def load(self, stop: StopState, now_ms: int) -> LoadedOffsets:
        loaded = super().load(stop, now_ms)
        for entry in self._producer_state.producers.values():
            entry.current_txn_first_offset = None
        self._producer_state._ongoing.clear()
        return loaded


@mutant("transactions/aborts-forgotten", violates="transactions/durability/ended")
class AbortsForgotten(LogLoader):
    """A broker that comes back does not know which transactions were aborted."""

    @override
    def load(self, stop: StopState, now_ms: int) -> LoadedOffsets:
        loaded = super().load(stop, now_ms)
        for segment in self._local_log.segments:
            segment.transaction_index.reset()
        return loaded
