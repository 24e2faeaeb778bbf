"""One round over one log (Kafka: Cleaner).

The last offsets of all keys in the dirty part are put into a map. Then all segments below the end of that part are
copied, a group of them into one, without the records that the map knows a later one for; and the copy takes the place
of its group. Offsets stay as they are.
"""

from collections.abc import Generator, Sequence

from kafka_conformance.protocol.records import BatchHeader, Record, batches, records_of
from kafka_conformance.reference_broker.log.cleaning.log_to_clean import LogToClean
from kafka_conformance.reference_broker.log.cleaning.offset_map import OffsetMap
from kafka_conformance.reference_broker.log.cleaning.record_filter import RecordFilter
from kafka_conformance.reference_broker.log.cleaning.transactions import CleanedTransactions
from kafka_conformance.reference_broker.log.index_entries import MAX_RELATIVE_OFFSET
from kafka_conformance.reference_broker.log.recovery import stored_batches
from kafka_conformance.reference_broker.log.segment import LogSegment

BYTES_AT_A_TIME = 256 * 1024
"""Other work of the broker waits for so much of a round (Kafka: log.cleaner.io.buffer.size / 2, in a thread)."""

Work = Generator[None, None, int]
"""Goes on with each `next`, and returns the first offset that has not been cleaned."""


class Cleaner:
    """Cleans one log once. Raises StorageError, ProtocolError for records that cannot be read."""

    def __init__(
        self,
        target: LogToClean,
        offset_map: OffsetMap,
        *,
        transactions: type[CleanedTransactions] = CleanedTransactions,
        record_filter: type[RecordFilter] = RecordFilter,
    ) -> None:
        self.log = target.log
        self.now_ms = target.now_ms
        self.start_offset = target.first_dirty_offset
        self.end_offset = target.first_uncleanable_offset
        self.offset_map = offset_map
        self._transactions = transactions
        self._record_filter = record_filter
        self._replacement: LogSegment | None = None

    def clean(self) -> Work:
        """The round, a little at a time; the log may grow meanwhile. Before anything of it goes: `abandon`."""
        yield from self._fill_map()
        end = self.offset_map.latest_offset + 1
        transactions = self._transactions()
        for group in self.group_by_size(self.log.segments.between(0, end)):
            yield from self._clean_group(group, transactions)
        return end

    def abandon(self) -> None:
        """The round will not be finished: delete what was not put into the log yet."""
        if self._replacement is not None:
            self._replacement.delete()
            self._replacement = None

    # The map

    def _fill_map(self) -> Generator[None]:
        transactions = self._transactions()
        transactions.announce(self.log.collect_aborted(self.start_offset, self.end_offset))
        dirty = self.log.segments.between(self.start_offset, self.end_offset)
        ends = [*(segment.base_offset for segment in dirty[1:]), self.end_offset]
        for segment, end in zip(dirty, ends, strict=True):
            position = segment.offset_index.lookup(self.start_offset).position
            bytes_read = 0
            for header, view in stored_batches(segment.file, position, segment.size):
                if not self._put_batch(header, view, transactions):
                    return
                bytes_read += header.size
                if bytes_read >= BYTES_AT_A_TIME:
                    bytes_read = 0
                    yield
            self.offset_map.reach(end - 1)
            yield

    def _put_batch(self, header: BatchHeader, view: memoryview, transactions: CleanedTransactions) -> bool:
        """False if the map is full."""
        may_discard = transactions.may_discard(header, view)
        if not header.is_control and not may_discard:
            for record in records_of(header, view):
                if record.key is not None and record.offset >= self.start_offset and self.removes_older_values(record):
                    if self.offset_map.is_full:
                        return False
                    self.offset_map.put(record.key, record.offset)
        if header.last_offset >= self.start_offset:
            self.offset_map.reach(header.last_offset)
        return True

    def removes_older_values(self, record: Record) -> bool:
        """A tombstone does so as well as a value."""
        return True

    # Groups of segments

    def group_by_size(self, segments: Sequence[LogSegment]) -> list[list[LogSegment]]:
        """Neighbours that fit into one segment even if nothing of them goes."""
        groups: list[list[LogSegment]] = []
        for index, segment in enumerate(segments):
            behind = segments[index + 1].base_offset if index + 1 < len(segments) else self.end_offset
            if groups and self.fits(groups[-1], segment, last_offset=behind - 1):
                groups[-1].append(segment)
            else:
                groups.append([segment])
        return groups

    def fits(self, group: Sequence[LogSegment], segment: LogSegment, *, last_offset: int) -> bool:
        """Neither segment.bytes nor segment.index.bytes nor the range of relative offsets is passed."""
        config = self.log.config
        together = [*group, segment]
        return (
            sum(each.size for each in together) <= config.segment_bytes
            and sum(each.offset_index.size for each in together) <= config.segment_index_bytes
            and sum(each.time_index.size for each in together) <= config.segment_index_bytes
            and (segment.size == 0 or last_offset - group[0].base_offset <= MAX_RELATIVE_OFFSET)
        )

    def _clean_group(self, group: Sequence[LogSegment], transactions: CleanedTransactions) -> Generator[None]:
        replacement = self._replacement = self.log.segments.begin_replacement(group[0].base_offset, self.now_ms)
        transactions.index = replacement.transaction_index
        record_filter = self._new_filter(transactions)
        for index, segment in enumerate(group):
            end = group[index + 1].base_offset if index + 1 < len(group) else segment.next_offset()
            transactions.announce(self.log.collect_aborted(segment.base_offset, end))
            yield from self._copy(segment, replacement, record_filter)
        replacement.close_index()
        replacement.flush()
        self._replacement = None
        self.log.replace_segments(group, replacement, self.now_ms)

    def _new_filter(self, transactions: CleanedTransactions) -> RecordFilter:
        return self._record_filter(
            self.offset_map,
            transactions,
            self.log.producer_state.producers,
            now_ms=self.now_ms,
            delete_retention_ms=self.log.config.delete_retention_ms,
            end_offset=self.end_offset,
        )

    def _copy(self, segment: LogSegment, replacement: LogSegment, record_filter: RecordFilter) -> Generator[None]:
        kept: list[memoryview | bytearray] = []
        bytes_read = 0
        for header, view in stored_batches(segment.file, 0, segment.size):
            stays = record_filter.filter(header, view)
            if stays is not None:
                kept.append(stays)
            bytes_read += header.size
            if bytes_read >= BYTES_AT_A_TIME:
                self._write(replacement, kept)
                kept, bytes_read = [], 0
                yield
        self._write(replacement, kept)
        yield

    def _write(self, replacement: LogSegment, kept: Sequence[memoryview | bytearray]) -> None:
        if kept:
            data = b"".join(kept)
            replacement.append(data, [header for header, _ in batches(data)], self.now_ms)
