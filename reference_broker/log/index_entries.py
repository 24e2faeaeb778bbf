"""What the offset index and the time index have in common: entries in memory, and a file that `flush` completes.

Kafka maps the file; here the entries of the active segment are in memory only until the segment is flushed, rolled or
closed. Nothing is lost by that: after a kill the indexes of unflushed segments are built again in any case.
"""

from array import array
from struct import Struct

from kafka_conformance.reference_broker.storage import StoredFile

MAX_RELATIVE_OFFSET = 2**31 - 1


class CorruptIndexError(Exception):
    """An index file that contradicts itself; the segment is recovered and its indexes built again."""


class IndexEntries:
    """Pairs of numbers, both columns never decreasing, in the order of the file."""

    def __init__(self, file: StoredFile, base_offset: int, max_bytes: int, layout: Struct) -> None:
        self._file = file
        self._layout = layout
        self.base_offset = base_offset
        self.max_entries = max_bytes // layout.size
        self._keys: array[int] = array("q")
        self._values: array[int] = array("q")
        self._stored = 0
        self._load()

    def _load(self) -> None:
        size = self._layout.size
        data = b"".join(self._file.read(0, self._file.size))
        used = len(data.rstrip(b"\0"))  # a Kafka that was killed leaves zeros behind the last entry
        whole = min(-(-used // size), len(data) // size) * size or (size if len(data) == size else 0)
        for key, value in self._layout.iter_unpack(data[:whole]):
            self._append(key, value)
        self._stored = len(self._keys)
        self._file.truncate(whole)

    def __len__(self) -> int:
        """Number of entries."""
        return len(self._keys)

    @property
    def size(self) -> int:
        """Bytes of all entries, written or not."""
        return len(self._keys) * self._layout.size

    def can_append_offset(self, offset: int) -> bool:
        """Offsets are stored relative to the base offset, in 31 bits."""
        return 0 <= offset - self.base_offset <= MAX_RELATIVE_OFFSET

    def _append(self, key: int, value: int) -> None:
        self._keys.append(key)
        self._values.append(value)

    def _cut(self, entries: int) -> None:
        del self._keys[entries:]
        del self._values[entries:]
        if entries < self._stored:
            self._file.truncate(entries * self._layout.size)
            self._stored = entries

    def reset(self) -> None:
        """Forget all entries."""
        self._cut(0)

    def flush(self) -> None:
        """Write what is not in the file yet, and wait for it."""
        if self._stored < len(self._keys):
            new = zip(self._keys[self._stored :], self._values[self._stored :], strict=True)
            self._file.append([b"".join(self._layout.pack(key, value) for key, value in new)])
            self._stored = len(self._keys)
        self._file.flush()

    def close(self) -> None:
        """Flush and close the file."""
        self.flush()
        self._file.close()
