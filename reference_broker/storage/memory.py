"""A log directory in memory, which runs the same code as one on disk.

A batch that was received is kept as the slice of the frame in which it came: storing it moves no bytes. That is worth
it only for large buffers that make up most of what they pin, so small ones are copied together into chunks.

What was flushed is known, so the loss of power can be played: `crash` forgets the rest. The end of a process (`kill`)
is something else: Kafka's files survive it whether flushed or not, and so do these.
"""

from bisect import bisect_right
from collections.abc import Sequence

from kafka_conformance.reference_broker.storage.interface import Buffer, Space, StorageError, split

KEEP_FROM_BYTES = 16 * 1024
KEEP_FROM_SHARE = 4
SMALLEST_CHUNK_BYTES = 1024
LARGEST_CHUNK_BYTES = 64 * 1024


def is_most_of_its_buffer(view: memoryview) -> bool:
    """Not just a small part of what it would keep alive."""
    return view.nbytes * KEEP_FROM_SHARE >= len(view.obj)  # type: ignore[arg-type]


class MemoryFile:
    """A list of chunks, each with the position at which it starts."""

    __slots__ = ("_chunks", "_flushed", "_room", "_size", "_starts", "modified_ms")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._chunks: list[memoryview] = []
        self._room: memoryview | None = None
        self._size = 0
        self._flushed = 0
        self.modified_ms: int | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return self._size

    def set_modified_ms(self, modified_ms: int) -> None:
        """Note it."""
        self.modified_ms = modified_ms

    def append(self, buffers: Sequence[Buffer]) -> int:
        """Keep or copy the buffers."""
        position = self._size
        for buffer in buffers:
            view = buffer if type(buffer) is memoryview else memoryview(buffer)
            length = view.nbytes
            if length >= KEEP_FROM_BYTES and is_most_of_its_buffer(view):
                self._add(view)
                self._room = None
            else:
                self._copy(view, length)
            self._size += length
        return position

    def _add(self, chunk: memoryview) -> None:
        self._starts.append(self._size)
        self._chunks.append(chunk.toreadonly())

    def _copy(self, view: memoryview, length: int) -> None:
        room = self._room
        if room is None or room.nbytes < length:
            room = memoryview(bytearray(max(length, self._next_chunk_bytes())))
            self._add(room)
        room[:length] = view
        self._room = room[length:]

    def _next_chunk_bytes(self) -> int:
        return min(max(self._size, SMALLEST_CHUNK_BYTES), LARGEST_CHUNK_BYTES)

    def read(self, position: int, length: int) -> list[memoryview]:
        """Slices of the chunks."""
        end = min(position + length, self._size)
        if position >= end:
            return []
        index = bisect_right(self._starts, position) - 1
        slices: list[memoryview] = []
        while position < end:
            start = self._starts[index]
            index += 1
            stop = min(end, self._starts[index]) if index < len(self._starts) else end
            slices.append(self._chunks[index - 1][position - start : stop - start])
            position = stop
        return slices

    def truncate(self, size: int) -> None:
        """Cut; what is appended next starts a new chunk, so that no slice handed out is written over."""
        if size >= self._size:
            return
        keep = bisect_right(self._starts, size - 1) if size else 0
        del self._starts[keep:]
        del self._chunks[keep:]
        if keep:
            self._chunks[-1] = self._chunks[-1][: size - self._starts[-1]]
        self._room = None
        self._size = size
        self._flushed = min(self._flushed, size)

    def flush(self) -> None:
        """Note how much a crash would leave."""
        self._flushed = self._size

    def crash(self) -> None:
        """The power fails: what was not flushed is gone."""
        self.truncate(self._flushed)

    def close(self) -> None:
        """Nothing is held."""


class MemoryStorage:
    """Directories of memory files; contents live as long as this object."""

    def __init__(self) -> None:
        self._directories: dict[str, dict[str, MemoryFile]] = {"": {}}

    @property
    def location(self) -> str:
        """No path."""
        return "memory"

    def space(self) -> Space:
        """Nobody knows."""
        return Space()

    def open(self, path: str) -> MemoryFile:
        """The file, created if there was none."""
        directory, name = split(path)
        files = self._directories.setdefault(directory, {})
        file = files.get(name)
        if file is None:
            file = files[name] = MemoryFile()
        return file

    def exists(self, path: str) -> bool:
        """Is there a file of that name?"""
        directory, name = split(path)
        return name in self._directories.get(directory, ())

    def files(self, directory: str = "") -> list[str]:
        """Sorted names."""
        return sorted(self._directories.get(directory, ()))

    def directories(self) -> list[str]:
        """Sorted names."""
        return sorted(name for name in self._directories if name)

    def read_bytes(self, path: str) -> bytes:
        """All of a file."""
        if not self.exists(path):
            raise StorageError(path, "no such file")
        file = self.open(path)
        return b"".join(file.read(0, file.size))

    def write_atomically(self, path: str, data: bytes) -> None:
        """Replace a file; it counts as flushed."""
        directory, name = split(path)
        file = MemoryFile()
        file.append([data])
        file.flush()
        self._directories.setdefault(directory, {})[name] = file

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        directory, name = split(path)
        self._directories.get(directory, {}).pop(name, None)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name."""
        if not self.exists(old):
            raise StorageError(old, "no such file")
        file = self.open(old)
        self.remove(old)
        directory, name = split(new)
        self._directories.setdefault(directory, {})[name] = file

    def make_directory(self, directory: str) -> None:
        """Create a directory, if it is not there."""
        self._directories.setdefault(directory, {})

    def remove_directory(self, directory: str) -> None:
        """Remove a directory and its files, if it is there."""
        self._directories.pop(directory, None)

    def rename_directory(self, old: str, new: str) -> None:
        """Give a directory another name."""
        if old not in self._directories:
            raise StorageError(old, "no such directory")
        self._directories[new] = self._directories.pop(old)

    def crash(self) -> None:
        """The power fails: each file is cut back to what was flushed. Names and removals survive."""
        for files in self._directories.values():
            for file in files.values():
                file.crash()

    def close(self) -> None:
        """Nothing is held."""
