"""What is still to be sent of a connection's answers.

An answer of many megabytes goes to the transport in pieces, the next one when the last has been taken: a transport
copies what it cannot send at once. Small buffers are joined, since a system call costs more than copying them.
"""

from __future__ import annotations

from collections import deque

from kafka_conformance.protocol.layout import Buffer

PIECE_BYTES = 256 * 1024


class Unsent:
    """Buffers in the order in which they go out."""

    __slots__ = ("_buffers",)

    def __init__(self) -> None:
        self._buffers: deque[Buffer] = deque()

    def __bool__(self) -> bool:
        return bool(self._buffers)

    def add(self, buffers: list[Buffer]) -> None:
        """Put an answer behind the others."""
        self._buffers.extend(buffers)

    def next_piece(self) -> Buffer:
        """Take the next bytes to send. Raises IndexError where there are none."""
        buffers = self._buffers
        first = buffers.popleft()
        size = len(first)
        if size > PIECE_BYTES:
            view = memoryview(first)
            buffers.appendleft(view[PIECE_BYTES:])
            return view[:PIECE_BYTES]
        parts = [first]
        while buffers and (size := size + len(buffers[0])) <= PIECE_BYTES:
            parts.append(buffers.popleft())
        return b"".join(parts) if len(parts) > 1 else first
