"""The file NNN.timeindex: from which offset on to look for a timestamp (Kafka: TimeIndex).

Entries of 12 bytes (int64 timestamp, int32 offset - NNN): the largest timestamp up to and including the batch that ends
at the offset. A closed segment ends with an entry for its largest timestamp.
"""

from bisect import bisect_left, bisect_right
from struct import Struct

from kafka_conformance.reference_broker.log.index_entries import CorruptIndexError, IndexEntries
from kafka_conformance.reference_broker.log.outcome import NO_TIMESTAMP, TimestampOffset
from kafka_conformance.reference_broker.storage import StoredFile

_ENTRY = Struct(">qi")


class TimeIndex(IndexEntries):
    """Timestamps grow strictly from entry to entry, offsets do not shrink."""

    def __init__(self, file: StoredFile, base_offset: int, max_bytes: int) -> None:
        super().__init__(file, base_offset, max_bytes, _ENTRY)

    @property
    def is_full(self) -> bool:
        """One entry is kept free for the end of the segment."""
        return len(self._keys) >= self.max_entries - 1

    @property
    def last_entry(self) -> TimestampOffset:
        """The largest timestamp known here, (-1, base offset) without one."""
        if not self._keys:
            return TimestampOffset(NO_TIMESTAMP, self.base_offset)
        return TimestampOffset(self._keys[-1], self.base_offset + self._values[-1])

    def maybe_append(self, timestamp: int, offset: int) -> None:
        """An entry, if the timestamp is larger than the last one."""
        if timestamp > (self._keys[-1] if self._keys else NO_TIMESTAMP):
            self._append(timestamp, offset - self.base_offset)

    def lookup(self, timestamp: int) -> TimestampOffset:
        """The last entry whose timestamp is not above `timestamp`: no record up to its offset has a larger one."""
        index = bisect_right(self._keys, timestamp) - 1
        if index < 0:
            return TimestampOffset(NO_TIMESTAMP, self.base_offset)
        return TimestampOffset(self._keys[index], self.base_offset + self._values[index])

    def truncate_to(self, offset: int) -> None:
        """Forget the entries at or above `offset`."""
        self._cut(bisect_left(self._values, offset - self.base_offset))

    def sanity_check(self) -> None:
        """Raises CorruptIndexError."""
        if self._keys and (self._keys[-1] < self._keys[0] or self.last_entry.offset < self.base_offset):
            raise CorruptIndexError(f"the time index of {self.base_offset} ends with {self.last_entry}")
