"""The file NNN.index: at which byte of the segment to look for an offset (Kafka: OffsetIndex).

One entry of 8 bytes (int32 offset - NNN, int32 position) about every index.interval.bytes: the last offset of a batch
and the position of that batch.
"""

from bisect import bisect_left, bisect_right
from struct import Struct
from typing import NamedTuple

from kafka_conformance.reference_broker.log.index_entries import CorruptIndexError, IndexEntries
from kafka_conformance.reference_broker.storage import StoredFile

_ENTRY = Struct(">ii")


class OffsetPosition(NamedTuple):
    """A byte of a segment, and an offset at or behind it."""

    offset: int
    position: int


class OffsetIndex(IndexEntries):
    """Sparse: a lookup gives the place from which to scan."""

    def __init__(self, file: StoredFile, base_offset: int, max_bytes: int) -> None:
        super().__init__(file, base_offset, max_bytes, _ENTRY)

    def _entry(self, index: int) -> OffsetPosition:
        return OffsetPosition(self.base_offset + self._keys[index], self._values[index])

    def append(self, offset: int, position: int) -> None:
        """A batch whose last offset is `offset` begins at `position`."""
        self._append(offset - self.base_offset, position)

    @property
    def is_full(self) -> bool:
        """No further entry fits into segment.index.bytes: the segment must be rolled."""
        return len(self._keys) >= self.max_entries

    @property
    def last_offset(self) -> int:
        """The last offset that has an entry, else the base offset."""
        return self.base_offset + self._keys[-1] if self._keys else self.base_offset

    def lookup(self, offset: int) -> OffsetPosition:
        """The last entry whose offset is not above `offset`, else the beginning."""
        index = bisect_right(self._keys, offset - self.base_offset) - 1
        return self._entry(index) if index >= 0 else OffsetPosition(self.base_offset, 0)

    def position_before(self, position: int) -> int:
        """The position of the last entry not behind `position`: a batch begins there."""
        index = bisect_right(self._values, position) - 1
        return self._values[index] if index >= 0 else 0

    def fetch_upper_bound_offset(self, position: int) -> int | None:
        """The offset of the first entry at or behind `position`, if there is one."""
        index = bisect_left(self._values, position)
        return self._entry(index).offset if index < len(self) else None

    def truncate_to(self, offset: int) -> None:
        """Forget the entries at or above `offset`."""
        self._cut(bisect_left(self._keys, offset - self.base_offset))

    def sanity_check(self, segment_bytes: int) -> None:
        """Raises CorruptIndexError."""
        if self._keys and (self._keys[-1] < 0 or not 0 <= self._values[-1] < segment_bytes):
            last = self._entry(-1)
            raise CorruptIndexError(f"{last} in the index of segment {self.base_offset} of {segment_bytes} bytes")
