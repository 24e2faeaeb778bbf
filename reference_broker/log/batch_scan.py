"""Walking over the batches of a stored file by their headers alone.

Recovery has checked them; a walk ends where a length cannot be one, for files rot also after a clean stop.
"""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from kafka_conformance.protocol.records.batch import BATCH_OVERHEAD, LOG_OVERHEAD
from kafka_conformance.reference_broker.storage import StoredFile

_BLOCK_BYTES = 16 * 1024
_HEADER = Struct(">qi11xi8xq")
"""Base offset, length, last offset delta and largest timestamp of a batch of magic 2."""
_LENGTH = Struct(">8xi")


class BatchPosition(NamedTuple):
    """Where a batch lies in its file, and what its header says."""

    position: int
    size: int
    base_offset: int
    last_offset: int
    max_timestamp: int

    @property
    def end(self) -> int:
        """Where the next batch begins."""
        return self.position + self.size


def scan_positions(file: StoredFile, position: int, end: int | None = None) -> Iterator[BatchPosition]:
    """The batches from `position`, where one begins, up to `end`."""
    stop = file.size if end is None else end
    while position + BATCH_OVERHEAD <= stop:
        block_start = position
        block = _block(file, position)
        last_header = min(block.nbytes, stop - block_start) - BATCH_OVERHEAD
        while (at := position - block_start) <= last_header:
            base_offset, length, delta, max_timestamp = _HEADER.unpack_from(block, at)
            size = length + LOG_OVERHEAD
            if size < BATCH_OVERHEAD:
                return
            yield BatchPosition(position, size, base_offset, base_offset + delta, max_timestamp)
            position += size


def first_reaching(file: StoredFile, position: int, offset: int) -> BatchPosition | None:
    """The first batch from `position` on whose last offset is not below `offset`."""
    unpack = _HEADER.unpack_from
    while position + BATCH_OVERHEAD <= file.size:
        block_start = position
        block = _block(file, position)
        last_header = block.nbytes - BATCH_OVERHEAD
        while (at := position - block_start) <= last_header:
            base_offset, length, delta, max_timestamp = unpack(block, at)
            size = length + LOG_OVERHEAD
            if size < BATCH_OVERHEAD:
                return None
            if base_offset + delta >= offset:
                return BatchPosition(position, size, base_offset, base_offset + delta, max_timestamp)
            position += size
    return None


def last_boundary(file: StoredFile, position: int, limit: int) -> int:
    """The last position not above `limit` at which a batch begins or ends, from `position` on."""
    unpack = _LENGTH.unpack_from
    stop = min(limit, file.size)
    while position + BATCH_OVERHEAD <= stop:
        block_start = position
        block = _block(file, position)
        last_header = block.nbytes - BATCH_OVERHEAD
        while (at := position - block_start) <= last_header:
            end = position + int(unpack(block, at)[0]) + LOG_OVERHEAD
            if not position + BATCH_OVERHEAD <= end <= stop:
                return position
            position = end
    return position


def _block(file: StoredFile, position: int) -> memoryview:
    """At least the header of the batch at `position`, and what lies behind it in one piece."""
    block = file.read(position, _BLOCK_BYTES)[0]
    return block if block.nbytes >= BATCH_OVERHEAD else read_whole(file, position, BATCH_OVERHEAD)


def read_whole(file: StoredFile, position: int, length: int) -> memoryview:
    """`length` bytes in one piece."""
    slices = file.read(position, length)
    return slices[0] if len(slices) == 1 else memoryview(b"".join(slices))
