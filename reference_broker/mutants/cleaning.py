"""Defects of compaction and retention: what goes that must stay, what stays that must go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from typing_extensions import override

from kafka_conformance.protocol.records import BatchHeader, Record
from kafka_conformance.reference_broker.log.cleaning.cleaner import Cleaner
from kafka_conformance.reference_broker.log.cleaning.log_to_clean import LogToClean
from kafka_conformance.reference_broker.log.cleaning.offset_map import OffsetMap
from kafka_conformance.reference_broker.log.cleaning.record_filter import RecordFilter
from kafka_conformance.reference_broker.log.cleaning.transactions import CleanedTransactions
from kafka_conformance.reference_broker.log.log import Log
from kafka_conformance.reference_broker.log.recovery import stored_batches
from kafka_conformance.reference_broker.log.retention import Condition, Retention
from kafka_conformance.reference_broker.log.segment import LogSegment
from kafka_conformance.reference_broker.mutants.registry import mutant


@mutant("cleaning/keeps-first-values", violates="cleaning/compaction/last-values-survive")
class KeepsFirstValues(OffsetMap):
    """Once a key is known, its later records are not counted."""

    @override
    def put(self, key: bytes, offset: int) -> None:
        known = self.get(key)
        super().put(key, offset if known < 0 else known)
        self.reach(offset)


@mutant("cleaning/renumbers-records", violates="cleaning/compaction/records-stay-as-they-are")
class RenumbersRecords(RecordFilter):
    """The records that are left of a batch move together at its beginning."""

    @override
    def rewrite(self, header: BatchHeader, kept: list[Record], horizon: int | None) -> bytearray:
        moved = [record._replace(offset=header.base_offset + place) for place, record in enumerate(kept)]
        return super().rewrite(header, moved, horizon)


@mutant("cleaning/gives-removed-offsets-again", violates="cleaning/compaction/offsets-are-not-given-again")
class GivesRemovedOffsetsAgain(Log):
    """A log that was compacted counts on from one offset before its end."""

    @override
    def replace_segments(self, segments: Sequence[LogSegment], replacement: LogSegment, now_ms: int) -> None:
        super().replace_segments(segments, replacement, now_ms)
        self.log_end_offset -= 1


@mutant("cleaning/refuses-removed-offsets", violates="cleaning/compaction/removed-offsets-can-be-fetched")
class RefusesRemovedOffsets(Log):
    """An offset at which no batch is stored any more is out of range."""

    @override
    def is_in_range(self, offset: int) -> bool:
        if not super().is_in_range(offset):
            return False
        segment = self.segments.floor(offset)
        batch = None if segment is None else segment.translate_offset(offset)
        return offset == self.log_end_offset or (batch is not None and batch.base_offset <= offset)


@mutant("cleaning/starts-with-the-first-survivor", violates="cleaning/compaction/log-start-stays")
class StartsWithTheFirstSurvivor(Log):
    """The start of a log moves to the first batch that compaction has left."""

    @override
    def replace_segments(self, segments: Sequence[LogSegment], replacement: LogSegment, now_ms: int) -> None:
        super().replace_segments(segments, replacement, now_ms)
        batch = self.segments.segments[0].translate_offset(0)
        if batch is not None and batch.base_offset > self.log_start_offset:
            self.increment_log_start_offset(batch.base_offset)


@mutant("cleaning/compacts-the-active-segment", violates="cleaning/compaction/active-segment-is-left-alone")
class CompactsTheActiveSegment(LogToClean):
    """Everything is compacted up to the end of the log, once there is a closed segment."""

    @override
    def find_first_uncleanable_segment(self, limit: int) -> int:
        return self.log.log_end_offset


@mutant("cleaning/has-no-lag", violates="cleaning/compaction/min-lag")
class HasNoLag(LogToClean):
    """No segment is too young to be compacted."""

    @override
    def first_young_segment(self) -> LogSegment | None:
        return None


@mutant("cleaning/has-all-the-time", violates="cleaning/compaction/max-lag")
class HasAllTheTime(LogToClean):
    """Only the dirty share counts, however long it has been dirty."""

    @override
    def is_overdue(self) -> bool:
        return False


@mutant("cleaning/cleans-the-clean", violates="cleaning/compaction/clean-enough-is-left-alone")
class CleansTheClean(LogToClean):
    """Any dirty segment makes a log worth compacting."""

    @override
    def least_ratio(self) -> float:
        return 0.0


@mutant("cleaning/overlooks-tombstones", violates="cleaning/tombstones/remove-their-key")
class OverlooksTombstones(Cleaner):
    """A tombstone does not count as a later record of its key."""

    @override
    def removes_older_values(self, record: Record) -> bool:
        return record.value is not None


@mutant("cleaning/removes-tombstones-at-once", violates="cleaning/tombstones/wait-for-readers")
class RemovesTombstonesAtOnce(RecordFilter):
    """A tombstone goes with the values that it removes."""

    @override
    def keeps_tombstone(self, header: BatchHeader) -> bool:
        return False


@mutant("cleaning/keeps-tombstones", violates="cleaning/tombstones/go-in-the-end")
class KeepsTombstones(RecordFilter):
    """Tombstones are values like others."""

    @override
    def keeps_tombstone(self, header: BatchHeader) -> bool:
        return True


@mutant("cleaning/forgets-producers", violates="cleaning/producers/sequences-survive")
class ForgetsProducers(Log):
    """Who has written to a log that is compacted is forgotten."""

    @override
    def replace_segments(self, segments: Sequence[LogSegment], replacement: LogSegment, now_ms: int) -> None:
        super().replace_segments(segments, replacement, now_ms)
        self.producer_state.producers.clear()


@mutant("cleaning/keeps-old-segments", violates="cleaning/retention/old-segments-go")
class KeepsOldSegments(Retention):
    """Segments do not age."""

    @override
    def is_expired(self, segment: LogSegment, now_ms: int) -> bool:
        return False


@mutant("cleaning/goes-by-the-oldest-record", violates="cleaning/retention/young-records-keep-their-segment")
class GoesByTheOldestRecord(Retention):
    """A segment is as old as its first record."""

    @override
    def is_expired(self, segment: LogSegment, now_ms: int) -> bool:
        first, view = next(stored_batches(segment.file, 0, segment.size), (None, None))
        if first is None or view is None:
            return super().is_expired(segment, now_ms)
        return 0 <= self.config.retention_ms < now_ms - first.base_timestamp


@mutant("cleaning/deletes-too-much", violates="cleaning/retention/surplus-goes")
class DeletesTooMuch(Retention):
    """Twice as much goes as is too much."""

    @override
    def size_condition(self, size: int) -> Condition:
        return super().size_condition(2 * size - max(self.config.retention_bytes, 0))


@mutant("cleaning/leaves-the-start-behind", violates="cleaning/retention/log-start-moves")
class LeavesTheStartBehind(Log):
    """The start of a log does not move when its first segments are deleted."""

    @override
    def increment_log_start_offset(self, offset: int) -> None:
        pass


@mutant("cleaning/compacts-or-deletes", violates="cleaning/retention/compacted-and-deleted")
class CompactsOrDeletes(Retention):
    """Retention does not apply to what is compacted."""

    @override
    def conditions(self, log_start_offset: int, now_ms: int, size: Callable[[], int]) -> Iterator[Condition]:
        found = super().conditions(log_start_offset, now_ms, size)
        return iter([next(found)]) if self.config.is_compacted else found


@mutant("cleaning/deletes-what-is-compacted", violates="cleaning/retention/compaction-alone-keeps")
class DeletesWhatIsCompacted(Retention):
    """Retention applies to all topics."""

    @override
    def conditions(self, log_start_offset: int, now_ms: int, size: Callable[[], int]) -> Iterator[Condition]:
        everything = Retention(self.config._replace(cleanup_policy=frozenset({"delete"})))
        return everything.conditions(log_start_offset, now_ms, size)


# Transactions


@mutant("cleaning/aborted-records-count", violates="cleaning/transactions/aborted-records-go")
class AbortedRecordsCount(CleanedTransactions):
    """The records of aborted transactions are compacted as if they had been committed."""

    @override
    def may_discard_data(self, header: BatchHeader) -> bool:
        super().may_discard_data(header)
        return False


@mutant("cleaning/committed-records-go", violates="cleaning/transactions/committed-records-stay-committed")
class CommittedRecordsGo(CleanedTransactions):
    """The records of all transactions go, however they ended."""

    @override
    def may_discard_data(self, header: BatchHeader) -> bool:
        super().may_discard_data(header)
        return header.is_transactional


@mutant("cleaning/compacts-what-is-open", violates="cleaning/transactions/open-ones-are-left-alone")
class CompactsWhatIsOpen(LogToClean):
    """What is replicated may be compacted, also behind the start of an open transaction."""

    @override
    def transactions_limit(self) -> int:
        return self.log.high_watermark
