"""A log directory on disk: plain files, as Kafka lays them out.

What was appended survives the end of the process in any case. Whether it also survives the loss of power is `sync`:
each flush and each checkpoint then waits for the disk, and all partitions wait with it. Without it, flushes do nothing.

A broker may have more files than a process may have open, so a file opens itself when it is used and the storage closes
those that were used longest ago.
"""

import contextlib
import fcntl
import os
import shutil
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

from kafka_conformance.reference_broker.storage.interface import Buffer, Space, StorageError

OPEN_FILES = 256
LOCK_FILE = ".lock"
BUFFERS_PER_WRITE = 512


@contextlib.contextmanager
def _storage_errors(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error


class OpenFiles:
    """The descriptors in use, least recently used first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._files: OrderedDict[DiskFile, int] = OrderedDict()
        self._is_over = False

    def check(self) -> None:
        """Raises OSError once the storage is closed: another broker may work in the directory."""
        if self._is_over:
            raise OSError("the storage is closed")

    def descriptor(self, file: "DiskFile") -> int:
        """An open descriptor of the file, closing another one if there are too many."""
        descriptor = self._files.get(file)
        if descriptor is None:
            self.check()
            descriptor = os.open(file.location, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            self._files[file] = descriptor
            if len(self._files) > self._limit:
                os.close(self._files.popitem(last=False)[1])
        else:
            self._files.move_to_end(file)
        return descriptor

    def close(self, file: "DiskFile") -> None:
        """Close a file, if it is open."""
        descriptor = self._files.pop(file, None)
        if descriptor is not None:
            os.close(descriptor)

    def end(self) -> None:
        """Close all that are open, and open no more."""
        self._is_over = True
        for file in list(self._files):
            self.close(file)


class DiskFile:
    """One file. Its size is known here: nobody else writes it, which the lock of the directory assures."""

    def __init__(self, path: str, location: Path, open_files: OpenFiles, *, sync: bool) -> None:
        self.path = path
        self.location = location
        self._open_files = open_files
        self._sync = sync
        with _storage_errors(path):
            self._size = os.fstat(open_files.descriptor(self)).st_size

    @property
    def size(self) -> int:
        """Bytes."""
        return self._size

    @property
    def modified_ms(self) -> int | None:
        """The time that the file system noted."""
        with _storage_errors(self.path):
            return os.fstat(self._open_files.descriptor(self)).st_mtime_ns // 1_000_000

    def set_modified_ms(self, modified_ms: int) -> None:
        """Let the file system note it."""
        with _storage_errors(self.path):
            descriptor = self._open_files.descriptor(self)
            os.utime(descriptor, ns=(modified_ms * 1_000_000, modified_ms * 1_000_000))

    def append(self, buffers: Sequence[Buffer]) -> int:
        """Write at the end; a write that fails half-way is cut off again."""
        position = self._size
        with _storage_errors(self.path):
            descriptor = self._open_files.descriptor(self)
            try:
                written = self._write(descriptor, buffers)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, position)
                raise
        self._size = position + written
        return position

    @staticmethod
    def _write(descriptor: int, buffers: Sequence[Buffer]) -> int:
        waiting = [memoryview(buffer) for buffer in buffers if len(buffer)]
        total = 0
        while waiting:
            count = os.writev(descriptor, waiting[:BUFFERS_PER_WRITE])
            total += count
            while waiting and count >= waiting[0].nbytes:
                count -= waiting.pop(0).nbytes
            if count:
                waiting[0] = waiting[0][count:]
        return total

    def read(self, position: int, length: int) -> list[memoryview]:
        """One read of the file."""
        wanted = min(length, self._size - position)
        slices: list[memoryview] = []
        with _storage_errors(self.path):
            while wanted > 0:
                data = os.pread(self._open_files.descriptor(self), wanted, position)
                if not data:
                    raise StorageError(self.path, f"ends at byte {position} instead of {self._size}")
                slices.append(memoryview(data))
                position += len(data)
                wanted -= len(data)
        return slices

    def truncate(self, size: int) -> None:
        """Cut the file."""
        if size < self._size:
            with _storage_errors(self.path):
                os.ftruncate(self._open_files.descriptor(self), size)
            self._size = size

    def flush(self) -> None:
        """Wait for the disk, if that is wanted."""
        if self._sync:
            with _storage_errors(self.path):
                os.fsync(self._open_files.descriptor(self))

    def close(self) -> None:
        """Give the descriptor back."""
        self._open_files.close(self)


class DiskStorage:
    """A directory of the file system, which one broker at a time may use.

    Raises StorageError if another one works in it: ours (flock tells two of one process apart) or Kafka (lockf).
    """

    def __init__(self, root: str | os.PathLike[str], *, sync: bool = False, open_files: int = OPEN_FILES) -> None:
        self.root = Path(root)
        self._sync = sync
        self._open_files = OpenFiles(open_files)
        self._files: dict[str, DiskFile] = {}
        with _storage_errors(str(root)):
            self.root.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.root / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise StorageError(str(root), "another broker is using this directory") from error

    @property
    def location(self) -> str:
        """The absolute path."""
        return str(self.root.absolute())

    def space(self) -> Space:
        """That of the file system."""
        with _storage_errors(str(self.root)):
            usage = shutil.disk_usage(self.root)
        return Space(usage.total, usage.free)

    def open(self, path: str) -> DiskFile:
        """The file, created if there was none."""
        file = self._files.get(path)
        if file is None:
            location = self.root / path
            with _storage_errors(path):
                location.parent.mkdir(parents=True, exist_ok=True)
            file = self._files[path] = DiskFile(path, location, self._open_files, sync=self._sync)
        return file

    def _forget(self, path: str) -> None:
        file = self._files.pop(path, None)
        if file is not None:
            file.close()

    def _forget_directory(self, directory: str) -> None:
        for path in [path for path in self._files if path.startswith(directory + "/")]:
            self._forget(path)

    def exists(self, path: str) -> bool:
        """Is there a file of that name?"""
        return (self.root / path).is_file()

    def files(self, directory: str = "") -> list[str]:
        """Sorted names; the lock is ours and no file of the log's."""
        where = self.root / directory
        if not where.is_dir():
            return []
        return sorted(entry.name for entry in os.scandir(where) if entry.is_file() and entry.name != LOCK_FILE)

    def directories(self) -> list[str]:
        """Sorted names."""
        return sorted(entry.name for entry in os.scandir(self.root) if entry.is_dir())

    def read_bytes(self, path: str) -> bytes:
        """All of a file."""
        with _storage_errors(path):
            return (self.root / path).read_bytes()

    def write_atomically(self, path: str, data: bytes) -> None:
        """Write beside it and rename, as Kafka's CheckpointFile does."""
        beside = self.root / (path + ".tmp")
        with _storage_errors(path):
            self._open_files.check()
            try:
                beside.parent.mkdir(parents=True, exist_ok=True)
                with beside.open("wb") as file:
                    file.write(data)
                    if self._sync:
                        file.flush()
                        os.fsync(file.fileno())
                beside.replace(self.root / path)
            except OSError:
                with contextlib.suppress(OSError):
                    beside.unlink()
                raise
        self._forget(path)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        self._forget(path)
        with _storage_errors(path):
            (self.root / path).unlink(missing_ok=True)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name."""
        self._forget(old)
        self._forget(new)
        with _storage_errors(old):
            (self.root / old).replace(self.root / new)

    def make_directory(self, directory: str) -> None:
        """Create a directory, if it is not there."""
        with _storage_errors(directory):
            (self.root / directory).mkdir(parents=True, exist_ok=True)

    def remove_directory(self, directory: str) -> None:
        """Remove a directory and its files, if it is there."""
        self._forget_directory(directory)
        if (self.root / directory).is_dir():
            with _storage_errors(directory):
                shutil.rmtree(self.root / directory)

    def rename_directory(self, old: str, new: str) -> None:
        """Give a directory another name."""
        self.remove_directory(new)
        self._forget_directory(old)
        with _storage_errors(old):
            (self.root / old).rename(self.root / new)

    def close(self) -> None:
        """Close all files and give up the lock."""
        self._open_files.end()
        self._files.clear()
        with contextlib.suppress(OSError):
            os.close(self._lock)
