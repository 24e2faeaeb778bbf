"""One segment of a log: a file of batches and its indexes (Kafka: LogSegment).

Files are named after the base offset, the first offset that the segment may hold.
"""

from collections.abc import Iterable
from typing import NamedTuple

from kafka_conformance.protocol.records import BatchHeader
from kafka_conformance.protocol.records.batch import LOG_OVERHEAD
from kafka_conformance.reference_broker.log.batch_scan import BatchPosition, first_reaching, scan_positions
from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.log.offset_index import OffsetIndex
from kafka_conformance.reference_broker.log.outcome import NO_TIMESTAMP, TimestampOffset
from kafka_conformance.reference_broker.log.time_index import TimeIndex
from kafka_conformance.reference_broker.log.transaction_index import TransactionIndex
from kafka_conformance.reference_broker.storage import Storage

LOG_SUFFIX = ".log"
INDEX_SUFFIX = ".index"
TIME_INDEX_SUFFIX = ".timeindex"
TRANSACTION_INDEX_SUFFIX = ".txnindex"
KNOWN_POSITIONS = 64
SEGMENT_SUFFIXES = (LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX)


class SegmentParts(NamedTuple):
    """The classes of which a segment is built."""

    offset_index: type[OffsetIndex] = OffsetIndex
    time_index: type[TimeIndex] = TimeIndex
    transaction_index: type[TransactionIndex] = TransactionIndex


def segment_path(directory: str, base_offset: int, suffix: str) -> str:
    """A file of a segment: 20 digits and a suffix."""
    return f"{directory}/{base_offset:020d}{suffix}"


class LogSegment:
    """Raises StorageError from everything that touches a file."""

    def __init__(
        self,
        storage: Storage,
        directory: str,
        base_offset: int,
        config: LogConfig,
        now_ms: int,
        *,
        roll_jitter_ms: int = 0,
        parts: SegmentParts | None = None,
        name_suffix: str = "",
    ) -> None:
        """`name_suffix` stands behind the names of files that are not, or no longer, part of the log."""
        parts = parts or SegmentParts()
        self._storage = storage
        self._directory = directory
        self.base_offset = base_offset
        self._name_suffix = name_suffix
        self.file = storage.open(self._path(LOG_SUFFIX))
        max_index_bytes = config.segment_index_bytes
        self.offset_index = parts.offset_index(storage.open(self._path(INDEX_SUFFIX)), base_offset, max_index_bytes)
        self.time_index = parts.time_index(storage.open(self._path(TIME_INDEX_SUFFIX)), base_offset, max_index_bytes)
        self.transaction_index = parts.transaction_index(storage, self._path(TRANSACTION_INDEX_SUFFIX), base_offset)
        self._index_interval_bytes = config.index_interval_bytes
        self._roll_jitter_ms = roll_jitter_ms
        self.created_ms = now_ms
        modified_ms = self.file.modified_ms if self.file.size else None
        self.modified_ms = now_ms if modified_ms is None else modified_ms
        self._first_timestamp: int | None = None
        self._bytes_since_index = 0
        self._largest = self.time_index.last_entry
        self._known_positions: dict[int, int] = {}

    def _path(self, suffix: str) -> str:
        return segment_path(self._directory, self.base_offset, suffix + self._name_suffix)

    @property
    def size(self) -> int:
        """Bytes of batches."""
        return self.file.size

    @property
    def max_timestamp_so_far(self) -> TimestampOffset:
        """The largest timestamp and the last offset of the first batch that has it; (-1, base offset) without one."""
        return self._largest

    @property
    def largest_timestamp(self) -> int:
        """By which retention goes: of the records, or without timestamps of the file's last change."""
        return self._largest.timestamp if self._largest.timestamp >= 0 else self.modified_ms

    # Appends

    def append(self, buffer: memoryview | bytes | bytearray, headers: Iterable[BatchHeader], now_ms: int) -> None:
        """Write batches; `headers` are theirs, in order, with the offsets that they have in the log."""
        position = self.file.append((buffer,))
        self.modified_ms = now_ms
        for header in headers:
            position = self._account(header, position)

    def _account(self, header: BatchHeader, position: int) -> int:
        """A batch begins at `position`; returns where it ends."""
        if header.max_timestamp > self._largest.timestamp:
            self._largest = TimestampOffset(header.max_timestamp, header.last_offset)
        if position == 0:
            self._first_timestamp = header.max_timestamp
        if self._bytes_since_index > self._index_interval_bytes:
            self.offset_index.append(header.last_offset, position)
            self.time_index.maybe_append(self._largest.timestamp, self._largest.offset)
            self._bytes_since_index = 0
        size = header.batch_length + LOG_OVERHEAD
        self._bytes_since_index += size
        return position + size

    @property
    def first_batch_timestamp(self) -> int | None:
        """The largest timestamp of the first batch; None in an empty segment."""
        if self._first_timestamp is None and self.size:
            self._first_timestamp = next(scan_positions(self.file, 0)).max_timestamp
        return self._first_timestamp

    def should_roll(self, config: LogConfig, size: int, max_timestamp: int, last_offset: int, now_ms: int) -> bool:
        """Must an append of `size` bytes go to a new segment?"""
        return (
            self.is_too_small_for(size, config)
            or (self.size > 0 and self.is_due(config, max_timestamp, now_ms))
            or self.offset_index.is_full
            or self.time_index.is_full
            or not self.offset_index.can_append_offset(last_offset)
        )

    def is_too_small_for(self, size: int, config: LogConfig) -> bool:
        """segment.bytes would be passed."""
        return self.file.size > config.segment_bytes - size

    def is_due(self, config: LogConfig, max_timestamp: int, now_ms: int) -> bool:
        """segment.ms has passed from the first batch's timestamp to this one, by the clock if it has none."""
        first = self.first_batch_timestamp
        waited_ms = now_ms - self.created_ms if first is None or first < 0 else max_timestamp - first
        return waited_ms > config.max_segment_ms - self._roll_jitter_ms

    # Lookups

    def translate_offset(self, offset: int) -> BatchPosition | None:
        """The first batch that holds `offset` or a later one."""
        position = self._known_positions.get(offset)
        if position is None:
            position = self.offset_index.lookup(offset).position
        return first_reaching(self.file, position, offset)

    def remember(self, offset: int, position: int) -> None:
        """No batch before `position` reaches `offset`, and a reader will probably ask for it next."""
        if len(self._known_positions) >= KNOWN_POSITIONS:
            self._known_positions.clear()
        self._known_positions[offset] = position

    def next_offset(self) -> int:
        """Behind the last batch, by looking at the end of the file."""
        next_offset = self.base_offset
        for batch in scan_positions(self.file, self.offset_index.lookup(self.offset_index.last_offset).position):
            next_offset = batch.last_offset + 1
        return next_offset

    # The end of a segment

    def close_index(self) -> None:
        """The last entry of the time index is the largest timestamp of the segment."""
        self.time_index.maybe_append(self._largest.timestamp, self._largest.offset)

    def truncate_to(self, offset: int, now_ms: int) -> int:
        """Cut off the batches that hold `offset` or later ones, and return how many bytes that were."""
        batch = self.translate_offset(offset)
        self.offset_index.truncate_to(offset)
        self.time_index.truncate_to(offset)
        self.transaction_index.truncate_to(offset)
        before = self.size
        if batch is not None:
            self.file.truncate(batch.position)
        if self.size == 0:
            self.created_ms = now_ms
            self._first_timestamp = None
        self._bytes_since_index = 0
        self._known_positions.clear()
        self._largest = self._find_largest_timestamp()
        return before - self.size

    def _find_largest_timestamp(self) -> TimestampOffset:
        largest = self.time_index.last_entry
        for batch in scan_positions(self.file, self.offset_index.lookup(largest.offset).position):
            if batch.max_timestamp > largest.timestamp:
                largest = TimestampOffset(batch.max_timestamp, batch.last_offset)
        return largest

    def reset(self) -> None:
        """Forget all that is known about the batches: `restore` and `cut` build it again."""
        self.offset_index.reset()
        self.time_index.reset()
        self.transaction_index.reset()
        self._largest = TimestampOffset(NO_TIMESTAMP, self.base_offset)
        self._bytes_since_index = 0
        self._first_timestamp = None
        self._known_positions.clear()

    def restore(self, header: BatchHeader, position: int) -> None:
        """A batch that recovery found at `position`."""
        self._account(header, position)

    def cut(self, size: int) -> int:
        """Recovery ends at `size`; the rest is cut off. Returns how many bytes that were."""
        cut = self.size - size
        self.file.truncate(size)
        self.close_index()
        return cut

    def flush(self) -> None:
        """Wait for all files."""
        self.file.flush()
        self.offset_index.flush()
        self.time_index.flush()
        self.transaction_index.flush()

    def close(self) -> None:
        """Write the indexes and give the files back."""
        self.close_index()
        self.offset_index.close()
        self.time_index.close()
        self.transaction_index.close()
        self.file.close()

    def set_modified_ms(self, modified_ms: int) -> None:
        """This segment is as old as those that it takes the place of."""
        self.modified_ms = modified_ms
        self.file.set_modified_ms(modified_ms)

    def rename(self, name_suffix: str) -> None:
        """Put another suffix behind the names of the files. All that is left to do with this object is `delete`."""
        self.close()
        for suffix in SEGMENT_SUFFIXES:
            path = self._path(suffix)
            if self._storage.exists(path):
                new = segment_path(self._directory, self.base_offset, suffix + name_suffix)
                self._storage.rename(path, new)
        self._name_suffix = name_suffix

    def delete(self) -> None:
        """Remove the files. Slices that were read keep their contents."""
        for suffix in SEGMENT_SUFFIXES:
            self._storage.remove(self._path(suffix))
