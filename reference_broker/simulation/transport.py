"""One end of a connection as asyncio's protocols know it.

Held to asyncio's own socket transport: close() flushes first; nothing is read after close(); errors of a protocol are
reported to the loop and end the connection. Closing a connection that has unread data, or sending to one that is
closed, resets it, as TCP does. abort() always resets. A reset, too, waits until the protocol reads, or writes.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from enum import Enum
from errno import ECONNRESET
from typing import Any

from kafka_conformance.reference_broker.override import override
from kafka_conformance.reference_broker.simulation.flow import Flow, Kind, Medium

DEFAULT_HIGH_WATER_BYTES = 65_536  # as asyncio's

Buffer = bytes | bytearray | memoryview


def _reset_by_peer() -> ConnectionResetError:
    return ConnectionResetError(ECONNRESET, "Connection reset by peer")


class _State(Enum):
    OPEN = "open"
    CLOSING = "closing"  # close() was called, what was written is being flushed
    LOST = "lost"  # connection_lost() has been called or is about to be


class SimulatedTransport(asyncio.Transport):
    """Joins a protocol to the two flows of a connection."""

    def __init__(
        self,
        medium: Medium,
        protocol: asyncio.BaseProtocol,
        flows: tuple[Flow, Flow],
        extra: Mapping[str, Any],
        context: Context,
        on_lost: Callable[[], None],
    ) -> None:
        super().__init__(extra)
        self.context = context
        self._loop = medium.loop
        self._protocol = protocol
        self._outgoing, self._incoming = flows
        self._on_lost = on_lost
        self._state = _State.OPEN
        self._eof_sent = False
        self._reading = True
        self._reset_sent = False
        self._arrived: deque[tuple[Kind, memoryview]] = deque()
        self._protocol_paused = False
        self._low_water, self._high_water = DEFAULT_HIGH_WATER_BYTES // 4, DEFAULT_HIGH_WATER_BYTES
        self._outgoing.sender = self
        self._incoming.receiver = self
        self._loop.call_soon(protocol.connection_made, self, context=context)

    @override
    def __repr__(self) -> str:
        return f"<SimulatedTransport {self._outgoing} {self._state.value}>"

    # Writing

    @override
    def write(self, data: Buffer) -> None:
        """Send data. Raises RuntimeError after write_eof(); ignored once the transport closes."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data argument must be a bytes-like object, not {type(data).__name__!r}")
        if self._eof_sent and self._state is _State.OPEN:
            raise RuntimeError("Cannot call write() after write_eof()")
        if self._state is not _State.OPEN or not len(data):
            return
        if self._was_reset():
            self._lose(_reset_by_peer())
        else:
            self._outgoing.send_data(bytes(data))
            self._pause_protocol_if_full()

    @override
    def writelines(self, list_of_data: Iterable[Buffer]) -> None:
        """Send pieces of data as one."""
        self.write(b"".join(list_of_data))

    @override
    def write_eof(self) -> None:
        """Tell the other side that nothing more comes, after what was written."""
        if self._state is _State.OPEN and not self._eof_sent:
            self._eof_sent = True
            self._outgoing.send(Kind.EOF)

    @override
    def can_write_eof(self) -> bool:
        """Return True."""
        return True

    @override
    def get_write_buffer_size(self) -> int:
        """Return the bytes that are written, unread, and beyond what the kernels would hold."""
        return self._outgoing.buffered

    @override
    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return low and high water in bytes."""
        return self._low_water, self._high_water

    @override
    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set high and low water in bytes, with asyncio's defaults."""
        if high is None:
            high = DEFAULT_HIGH_WATER_BYTES if low is None else 4 * low
        if low is None:
            low = high // 4
        if not high >= low >= 0:
            raise ValueError(f"high ({high!r}) must be >= low ({low!r}) must be >= 0")
        self._low_water, self._high_water = low, high
        self._pause_protocol_if_full()

    @property
    def awaits_flush(self) -> bool:
        """Whether the protocol is paused or a close() waits for the buffer to empty."""
        return self._protocol_paused or self._state is _State.CLOSING

    def flushed(self) -> None:
        """Go on with what waited for the other side to read."""
        size = self.get_write_buffer_size()
        if self._protocol_paused and size <= self._low_water:
            self._protocol_paused = False
            self._call_protocol("resume_writing")
        if self._state is _State.CLOSING and size == 0:
            self._lose(None)

    def _pause_protocol_if_full(self) -> None:
        if not self._protocol_paused and self.get_write_buffer_size() > self._high_water:
            self._protocol_paused = True
            self._call_protocol("pause_writing")

    # Reading

    @override
    def is_reading(self) -> bool:
        """Tell whether the protocol is given what arrives."""
        return self._reading and self._state is _State.OPEN

    @override
    def pause_reading(self) -> None:
        """Let what arrives wait."""
        self._reading = False

    @override
    def resume_reading(self) -> None:
        """Give the protocol what waited, and what arrives."""
        if not self._reading:
            self._reading = True
            self._loop.call_soon(self._read, context=self.context)

    def receive(self, kind: Kind, data: bytes) -> None:
        """Take what arrives; what the protocol does not want to read yet waits here."""
        if self._state is _State.OPEN:
            self._arrived.append((kind, memoryview(data)))
            self._read()
        else:
            self._refuse(kind, len(data))

    def _refuse(self, kind: Kind, size: int) -> None:
        self._incoming.consumed(size)
        if kind is Kind.DATA:
            self._send_reset()
        elif kind is Kind.RESET:
            self._lose(_reset_by_peer())

    def _read(self) -> None:
        while self._arrived and self.is_reading():
            kind, data = self._arrived.popleft()
            try:
                self._feed(kind, data)
            except Exception as error:  # noqa: BLE001 - the edge of a connection, as in asyncio's transports
                self._fatal(error)

    def _feed(self, kind: Kind, data: memoryview) -> None:
        if kind is Kind.RESET:
            self._lose(_reset_by_peer())
        elif not isinstance(self._protocol, asyncio.BufferedProtocol | asyncio.Protocol):
            raise TypeError(f"{self._protocol!r} cannot read a stream")
        elif kind is Kind.EOF:
            if not self._protocol.eof_received():
                self.close()
        elif isinstance(self._protocol, asyncio.BufferedProtocol):
            self._feed_buffer(self._protocol, data)
        else:
            self._incoming.consumed(len(data))
            self._protocol.data_received(bytes(data))

    def _feed_buffer(self, protocol: asyncio.BufferedProtocol, data: memoryview) -> None:
        buffer = memoryview(protocol.get_buffer(-1)).cast("B")
        size = min(len(buffer), len(data))
        if size == 0:
            raise RuntimeError("get_buffer() returned an empty buffer")
        buffer[:size] = data[:size]
        if size < len(data):
            self._arrived.appendleft((Kind.DATA, data[size:]))
        self._incoming.consumed(size)
        protocol.buffer_updated(size)

    # The protocol and the end

    @override
    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another protocol have this end of the connection."""
        self._protocol = protocol

    @override
    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol."""
        return self._protocol

    @override
    def is_closing(self) -> bool:
        """Tell whether the end has begun."""
        return self._state is not _State.OPEN

    @override
    def close(self) -> None:
        """End the connection once what was written is flushed; read nothing more."""
        if self._state is not _State.OPEN:
            return
        if any(kind is Kind.DATA for kind, _ in self._arrived):
            self._send_reset()
        elif not self._eof_sent:
            self._outgoing.send(Kind.EOF)
        self._state = _State.CLOSING
        if self.get_write_buffer_size() == 0:
            self._lose(None)

    @override
    def abort(self) -> None:
        """Reset the connection; what the network has not taken is lost."""
        self._abort(None)

    def fail(self, error: OSError) -> None:
        """End the connection because the network does not deliver."""
        self._lose(error)

    def _abort(self, error: Exception | None) -> None:
        if self._state is not _State.LOST:
            self._outgoing.discard_buffered()
            self._send_reset()
            self._lose(error)

    def _send_reset(self) -> None:
        if not self._reset_sent:
            self._reset_sent = True
            self._outgoing.send(Kind.RESET)

    def _was_reset(self) -> bool:
        return any(kind is Kind.RESET for kind, _ in self._arrived)

    def _lose(self, error: Exception | None) -> None:
        if self._state is not _State.LOST:
            self._state = _State.LOST
            self._incoming.consumed(sum(len(data) for _, data in self._arrived))
            self._arrived.clear()
            self._loop.call_soon(self._finish, error, context=self.context)

    def _finish(self, error: Exception | None) -> None:
        try:
            self._protocol.connection_lost(error)
        finally:
            self._on_lost()

    def _call_protocol(self, name: str) -> None:
        try:
            getattr(self._protocol, name)()
        except Exception as error:  # noqa: BLE001 - reported and survived, as in asyncio's transports
            self._report(error, f"protocol.{name}() failed")

    def _fatal(self, error: Exception) -> None:
        self._report(error, "Fatal error: a protocol failed to take what it received.")
        self._abort(error)

    def _report(self, error: Exception, message: str) -> None:
        context = {"message": message, "exception": error, "transport": self, "protocol": self._protocol}
        self._loop.call_exception_handler(context)
