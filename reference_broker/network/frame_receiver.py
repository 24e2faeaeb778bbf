"""Cuts what a connection receives into frames, with as little copying as the frame's size allows.

Small frames come out of a scratch buffer that all connections of a listener share: asyncio fills it and has it emptied
within one callback. A frame that is not complete there is received straight into a buffer of its own, which belongs to
whoever gets the frame: a log may stamp the batches in it and keep it.
Source: org.apache.kafka.common.network.NetworkReceive. Observed on 4.3.1: a size of 0, below 0 or above the limit
closes the connection; the limit itself is accepted.
"""

from __future__ import annotations

from contextlib import suppress
from struct import Struct
from typing import TYPE_CHECKING, TypeAlias

from kafka_conformance.protocol.errors import MalformedError
from kafka_conformance.protocol.layout import Buffer

if TYPE_CHECKING:
    from mmap import mmap

    Body: TypeAlias = bytearray | mmap

SCRATCH_BYTES = 256 * 1024
WHOLE_BYTES = 2 * 1024 * 1024
"""A frame up to this size gets its buffer at once; a larger one must first send half of what it wants to have."""
HEADER_WINDOW_BYTES = 4096
"""What is read after a frame that the scratch buffer could not hold, when another one is likely: its head, so that
little of it is copied. Of smaller ones a turn of the loop costs more than the copy."""

POPULATED_BYTES = 64 * 1024
"""From this size on a frame's memory is mapped for it alone."""

_SIZE = Struct(">i")
_PRODUCE = b"\x00\x00"


def new_scratch() -> memoryview:
    """Make the buffer that the connections of one listener share."""
    return memoryview(bytearray(SCRATCH_BYTES))


class FrameReceiver:
    """The frames of one connection. `error` says why no more can be read."""

    __slots__ = ("_body", "_filled", "_head", "_limit", "_scratch", "_size", "_view", "_window", "error")

    def __init__(self, scratch: memoryview, max_frame_bytes: int) -> None:
        self.error: MalformedError | None = None
        self._scratch = scratch
        self._limit = max_frame_bytes
        self._head = b""
        self._window = SCRATCH_BYTES
        self._body: Body | None = None
        self._view = scratch
        self._filled = 0
        self._size = 0

    @property
    def held_bytes(self) -> int:
        """The memory that the incomplete frame occupies."""
        return len(self._head) if self._body is None else len(self._body)

    def buffer(self) -> memoryview:
        """Return where the next bytes shall go; `received` must follow before another receiver is asked."""
        if self._body is not None:
            return self._view[self._filled :]
        head = self._head
        if head:
            self._scratch[: len(head)] = head
        return self._scratch[len(head) : self._window]

    def received(self, count: int) -> list[Buffer]:
        """Take note of `count` bytes in the buffer and return the frames that they complete, without their sizes."""
        if self._body is None:
            return self._cut(len(self._head) + count)
        self._filled += count
        if self._filled < len(self._body):
            return []
        if self._filled < self._size:
            self._grow()
            return []
        frame = self._view
        self._body, self._view = None, self._scratch
        if self._size > SCRATCH_BYTES:
            self._window = HEADER_WINDOW_BYTES
        return [frame]

    def accepts_size(self, size: int) -> bool:
        """Whether a frame may announce that many bytes."""
        return 0 < size <= self._limit

    def _cut(self, end: int) -> list[Buffer]:
        frames: list[Buffer] = []
        scratch, position = self._scratch, 0
        self._head, self._window = b"", SCRATCH_BYTES
        while end - position >= 4:
            (size,) = _SIZE.unpack_from(scratch, position)
            if not self.accepts_size(size):
                self.error = MalformedError(f"a frame of {size} bytes, the limit is {self._limit}", position=0)
                return frames
            position += 4
            if size > end - position:
                self._begin(size, scratch[position:end])
                return frames
            frames.append(_own_copy(scratch[position : position + size]))
            position += size
        self._head = bytes(scratch[position:end])
        return frames

    def _begin(self, size: int, first: memoryview) -> None:
        self._size = size
        self._filled = len(first)
        self._body = _new_body(min(size, WHOLE_BYTES))
        self._view = memoryview(self._body)
        self._view[: len(first)] = first

    def _grow(self) -> None:
        """Copy what there is into a larger buffer: asyncio still holds a view of the old one, which must not move."""
        body = _new_body(min(self._size, 2 * self._filled))
        body[: self._filled] = self._view
        self._body = body
        self._view = memoryview(body)


def _new_body(size: int) -> Body:
    """Return zeros. Large ones come from the system with their pages in place, where it can do that.

    A log keeps them, so that the memory is new; page by page it would be had at nearly twice the price, the larger part
    of what a Produce of that size costs. A process may have only so many mappings (vm.max_map_count): beyond them, and
    where pages cannot be asked for at once, the memory is ordinary.
    """
    if size < POPULATED_BYTES:
        return bytearray(size)
    import mmap  # with the first large frame

    populate = getattr(mmap, "MAP_POPULATE", None)
    if populate is not None:
        with suppress(OSError):
            return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | populate)
    return bytearray(size)


def _own_copy(frame: memoryview) -> Buffer:
    """Copy a frame out of the scratch buffer: writable for Produce, whose batches get stamped."""
    if frame[:2] != _PRODUCE:
        return bytes(frame)
    if len(frame) < POPULATED_BYTES:
        return memoryview(bytearray(frame))
    copy = memoryview(_new_body(len(frame)))
    copy[:] = frame
    return copy
