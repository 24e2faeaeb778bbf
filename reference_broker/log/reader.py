"""Reading from a log: by offset, by timestamp, and which transactions were aborted.

Source: LocalLog.read, LogSegment.read, UnifiedLog.fetchOffsetByTimestamp
"""

from collections.abc import Iterator
from contextlib import suppress

from kafka_conformance.protocol.errors import CorruptBatchError
from kafka_conformance.protocol.records import Record, read_batch_header, records_of
from kafka_conformance.reference_broker.log.batch_scan import BatchPosition, last_boundary, read_whole, scan_positions
from kafka_conformance.reference_broker.log.local_log import LocalLog
from kafka_conformance.reference_broker.log.outcome import NO_OFFSET, Fetched, TimestampOffset
from kafka_conformance.reference_broker.log.segment import LogSegment
from kafka_conformance.reference_broker.log.transaction_index import AbortedTxn

NOTHING = Fetched([], 0, NO_OFFSET)


class LogReader:
    """Answers from the segments alone: what a client may see is decided by the caller, as `upper_bound`."""

    def __init__(self, local_log: LocalLog) -> None:
        self._local_log = local_log

    def read(
        self, offset: int, max_bytes: int, upper_bound: int, log_end_offset: int, *, min_one_batch: bool
    ) -> Fetched:
        """Whole batches from the one that holds `offset`, or the next one, up to the batch that holds `upper_bound`.

        They come from one segment. Kafka cuts the last batch where `max_bytes` ends; here it is left out, which clients
        cannot tell from a cut one that they drop.
        """
        segment = self._local_log.floor(offset)
        while segment is not None and offset < upper_bound:
            first = segment.translate_offset(offset)
            if first is not None:
                return self._read_segment(segment, first, max_bytes, upper_bound, log_end_offset, min_one_batch)
            segment = self._local_log.above(segment.base_offset)
        return NOTHING

    def _read_segment(
        self,
        segment: LogSegment,
        first: BatchPosition,
        max_bytes: int,
        upper_bound: int,
        log_end_offset: int,
        min_one_batch: bool,
    ) -> Fetched:
        bound = self.bound_position(segment, upper_bound, log_end_offset)
        limit = self.first_batch_rule(first.size, max_bytes, min_one_batch=min_one_batch)
        if first.position >= bound or limit < first.size:
            return NOTHING
        end = self.last_whole_batch(segment, first, limit, bound)
        self._remember_end(segment, end, log_end_offset)
        size = end - first.position
        upper = self.aborted_upper_bound(segment, end, log_end_offset)
        return Fetched(segment.file.read(first.position, size), size, upper)

    @staticmethod
    def _remember_end(segment: LogSegment, end: int, log_end_offset: int) -> None:
        """The reader will go on where this answer ends."""
        following = next(scan_positions(segment.file, end), None)
        segment.remember(log_end_offset if following is None else following.base_offset, end)

    def first_batch_rule(self, first_batch_size: int, max_bytes: int, *, min_one_batch: bool) -> int:
        """How many bytes may be answered: the first batch goes out whole, however few were asked for (KIP-74)."""
        return max(max_bytes, first_batch_size) if min_one_batch else max_bytes

    def bound_position(self, segment: LogSegment, upper_bound: int, log_end_offset: int) -> int:
        """Where in the segment reading must stop."""
        if upper_bound >= log_end_offset:
            return segment.size
        batch = segment.translate_offset(upper_bound)
        if batch is None:
            return segment.size
        segment.remember(upper_bound, batch.position)
        return batch.position

    def last_whole_batch(self, segment: LogSegment, first: BatchPosition, limit: int, bound: int) -> int:
        """The end of the last batch that fits into `limit` bytes; the first one does."""
        wanted = first.position + limit
        if wanted >= bound:
            return bound
        return last_boundary(segment.file, max(segment.offset_index.position_before(wanted), first.position), wanted)

    def aborted_upper_bound(self, segment: LogSegment, position: int, log_end_offset: int) -> int:
        """The first offset known to lie at or behind `position`; Kafka does not look at the batches for it either."""
        indexed = segment.offset_index.fetch_upper_bound_offset(position)
        if indexed is not None:
            return indexed
        above = self._local_log.above(segment.base_offset)
        return log_end_offset if above is None else above.base_offset

    def aborted_transactions(self, start_offset: int, upper_bound_offset: int) -> list[AbortedTxn]:
        """The aborted transactions of which a reader of [start offset, upper bound) may see records or the marker."""
        found: list[AbortedTxn] = []
        for segment in self._local_log.since(start_offset):
            if segment.transaction_index.collect(start_offset, upper_bound_offset, found):
                break
        return found

    def find_timestamp(self, timestamp: int, log_start_offset: int) -> TimestampOffset | None:
        """The first record, in the order of the log, with this timestamp or a later one, not below the start."""
        for segment in self._local_log.segments:
            if segment.largest_timestamp >= timestamp:
                return self._find_timestamp_in(segment, timestamp, log_start_offset)
        return None

    def _find_timestamp_in(self, segment: LogSegment, timestamp: int, log_start_offset: int) -> TimestampOffset | None:
        from_offset = max(segment.time_index.lookup(timestamp).offset, log_start_offset)
        position = segment.offset_index.lookup(from_offset).position
        for batch in scan_positions(segment.file, position):
            if batch.max_timestamp >= timestamp:
                for record, epoch in self._records(segment, batch):
                    if record.timestamp >= timestamp and record.offset >= log_start_offset:
                        return TimestampOffset(record.timestamp, record.offset, epoch)
        return None

    def find_max_timestamp(self) -> TimestampOffset | None:
        """The first record with the largest timestamp of the log (KIP-734), deleted or not; None in an empty log."""
        segment = max(self._local_log.segments, key=lambda segment: segment.max_timestamp_so_far.timestamp)
        largest = segment.max_timestamp_so_far
        position = segment.offset_index.lookup(largest.offset).position
        for batch in scan_positions(segment.file, position):
            if batch.max_timestamp == largest.timestamp:
                for record, epoch in self._records(segment, batch):
                    if record.timestamp == largest.timestamp:
                        return TimestampOffset(record.timestamp, record.offset, epoch)
                return None
        return None

    @staticmethod
    def _records(segment: LogSegment, batch: BatchPosition) -> Iterator[tuple[Record, int | None]]:
        """The records of a batch and its leader epoch.

        They end where a record cannot be read: compressed batches are stored though their records have wrong lengths.
        """
        view = read_whole(segment.file, batch.position, batch.size)
        header = read_batch_header(view)
        epoch = header.partition_leader_epoch if header.partition_leader_epoch >= 0 else None
        with suppress(CorruptBatchError):
            for record in records_of(header, view):
                yield record, epoch
