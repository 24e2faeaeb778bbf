"""Walking over the batches of a stored file by their headers alone."""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from kafka_conformance.protocol.records.batch import BATCH_OVERHEAD, LOG_OVERHEAD
from kafka_conformance.reference_broker.storage import StoredFile

_BLOCK_BYTES = 16 * 1024
_HEADER = Struct(">qi11xi8xq")
"""Base offset, length, last offset delta and largest timestamp of a batch of magic 2."""


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
    """The batches from `position`, where one begins, up to `end`. What is stored is valid: nothing is checked."""
    stop = file.size if end is None else end
    while position + BATCH_OVERHEAD <= stop:
        block_start = position
        block = file.read(position, _BLOCK_BYTES)[0]
        if block.nbytes < BATCH_OVERHEAD:
            block = read_whole(file, position, BATCH_OVERHEAD)
        last_header = min(block.nbytes, stop - block_start) - BATCH_OVERHEAD
        while (at := position - block_start) <= last_header:
            base_offset, length, delta, max_timestamp = _HEADER.unpack_from(block, at)
            size = length + LOG_OVERHEAD
            yield BatchPosition(position, size, base_offset, base_offset + delta, max_timestamp)
            position += size


def read_whole(file: StoredFile, position: int, length: int) -> memoryview:
    """`length` bytes in one piece."""
    slices = file.read(position, length)
    return slices[0] if len(slices) == 1 else memoryview(b"".join(slices))
