"""What a log needs of the place where its bytes are kept.

Paths are relative to the log directory and use "/": `orders-0/00000000000000000000.log`. Everything is done at once,
in the calling thread; nothing here knows what a record is.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

Buffer: TypeAlias = bytes | bytearray | memoryview


class StorageError(Exception):
    """A file could not be read or written. What had been written before it is still there.

    Kafka answers it with KAFKA_STORAGE_ERROR.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class StoredFile(Protocol):
    """A file that grows at its end and is cut at its end; the bytes between never change."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def modified_ms(self) -> int | None:
        """Wall-clock time of the last change, None where nobody wrote it down."""

    def set_modified_ms(self, modified_ms: int) -> None:
        """Note a time of the last change other than now: that of the file which this one takes the place of."""

    def append(self, buffers: Sequence[Buffer]) -> int:
        """Write all of the buffers or none of them, and return the position of the first byte.

        The file may keep a large buffer instead of a copy, so the caller must not change it afterwards.

        Raises StorageError (a full disk, for one): the file is then as long as before.
        """

    def read(self, position: int, length: int) -> list[memoryview]:
        """Up to `length` bytes (less at the end of the file) as slices, whole buffers of `append` where possible."""

    def truncate(self, size: int) -> None:
        """Forget all bytes from `size` on. Slices already handed out keep their contents."""

    def flush(self) -> None:
        """Return when the contents would survive the loss of power."""

    def close(self) -> None:
        """Let go of what the operating system lends; a later call opens it again."""


class Space(NamedTuple):
    """Bytes of the volume that a log directory is on; -1 where nobody knows (Kafka: UNKNOWN_VOLUME_BYTES)."""

    total_bytes: int = -1
    usable_bytes: int = -1


class Storage(Protocol):
    """One log directory."""

    @property
    def location(self) -> str:
        """Where it is, for a person: an absolute path, where there is one."""

    def space(self) -> Space:
        """How much there is room for. Raises StorageError."""

    def open(self, path: str) -> StoredFile:
        """The file at `path`, created empty (and its directory with it) if there was none."""

    def exists(self, path: str) -> bool:
        """Is there a file of that name?"""

    def files(self, directory: str = "") -> list[str]:
        """Names of the files in a directory, sorted; [] for a directory that does not exist."""

    def directories(self) -> list[str]:
        """Names of the directories in the log directory, sorted."""

    def read_bytes(self, path: str) -> bytes:
        """All of a file. Raises StorageError if there is none."""

    def write_atomically(self, path: str, data: bytes) -> None:
        """Replace a file: after a crash it holds either the old contents or all of the new ones."""

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""

    def rename(self, old: str, new: str) -> None:
        """Give a file another name, in place of the one that had it."""

    def make_directory(self, directory: str) -> None:
        """Create a directory, if it is not there."""

    def remove_directory(self, directory: str) -> None:
        """Remove a directory and the files in it, if it is there."""

    def rename_directory(self, old: str, new: str) -> None:
        """Give a directory another name, in place of the one that had it."""

    def close(self) -> None:
        """Let go of everything."""


def split(path: str) -> tuple[str, str]:
    """Directory ("" for the log directory itself) and name of a path."""
    directory, _, name = path.rpartition("/")
    return directory, name
