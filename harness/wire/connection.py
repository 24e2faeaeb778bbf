"""One connection to one broker: requests out, answers matched to them by correlation id, all of it recorded.

Nothing is retried and nothing is checked beyond what is needed to know which answer is whose; judging is the cases'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar

from kafka_conformance.harness.patience import Patience
from kafka_conformance.harness.wire.errors import ConnectionClosed, NoAnswer, UnexpectedAnswer, Unreachable
from kafka_conformance.harness.wire.history import CLOSED_BY_BROKER, LOST, Exchange, History
from kafka_conformance.harness.wire.summary import api_name, decode_answer, request_key
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.frames import encode_request
from kafka_conformance.protocol.layout import Message

CONNECT_WITHIN_S = 10.0
ANSWER_WITHIN_S = 30.0
CLIENT_ID = "kafka-conformance"

A = TypeVar("A")


class Pending(Generic[A]):
    """A request whose answer is owed. Awaiting it gives the answer, as often as it is awaited."""

    def __init__(self, exchange: Exchange, future: asyncio.Future[A], within_s: float, patience: Patience) -> None:
        self.exchange = exchange
        self._future = future
        self._within_s = within_s
        self._patience = patience

    @property
    def done(self) -> bool:
        """Whether the answer, or the end of the connection, is there."""
        return self._future.done()

    def __await__(self) -> Generator[Any, None, A]:
        return self.answer().__await__()

    async def answer(self, within_s: float | None = None) -> A:
        """The answer. Raises ConnectionClosed, UnexpectedAnswer, NoAnswer after `within_s` seconds.

        An API whose version has been left unanswered time and again is waited for less (Patience).
        """
        asked = request_key(self.exchange.request)
        full = self._within_s if within_s is None else within_s
        limit = self._patience.limit_s(asked, full)
        await asyncio.wait((self._future,), timeout=limit)
        if not self._future.done():
            cut = self._patience.waited_in_vain(asked, limit, full)
            raise NoAnswer(f"no answer to {api_name(self.exchange.request)} within {limit:g} s{cut}")
        return self._future.result()


class _Waiting:
    """What an answer is waited for with: how to read it and whom to tell."""

    __slots__ = ("exchange", "future", "read")

    def __init__(self, exchange: Exchange, future: asyncio.Future[Any], read: Callable[[bytes], Any]) -> None:
        self.exchange = exchange
        self.future = future
        self.read = read


class WireConnection(asyncio.Protocol):
    """The connection itself; made by `open_connection`."""

    def __init__(
        self,
        name: str,
        node: str,
        history: History,
        client_id: str | None,
        on_close: Callable[[], None],
        patience: Patience,
    ) -> None:
        self.name = name
        self.node = node
        self.client_id = client_id
        self.history = history
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[str] = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._waiting: dict[int, _Waiting] = {}
        self._next_id = 0
        self._arrivals = 0
        self._on_close = on_close
        self._patience = patience
        self._closing = False

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the connection stands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came; each whole frame is an answer."""
        self._received += data
        while len(self._received) >= 4:
            size = int.from_bytes(self._received[:4], "big", signed=True)
            if size < 0 or len(self._received) - 4 < size:
                break
            frame = bytes(self._received[4 : 4 + size])
            del self._received[: 4 + size]
            self._answered(frame)

    def eof_received(self) -> bool:
        """asyncio: the broker will send no more; closing follows."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: it is over, for whatever reason."""
        event = CLOSED_BY_BROKER if exc is None else LOST
        reason = "closed by us" if self._closing else event if exc is None else f"{event}: {exc}"
        if not self._closing:
            self.history.note(self.name, event, "" if exc is None else str(exc))
        if not self.closed.done():
            self.closed.set_result(reason)
        waiting, self._waiting = self._waiting, {}
        for entry in waiting.values():
            if not entry.future.done():
                name = api_name(entry.exchange.request)
                entry.future.set_exception(ConnectionClosed(f"{self.node}: {reason} while {name} was unanswered"))
                entry.future.exception()  # seen: an answer that nobody waits for is not worth a warning
        self._on_close()

    # requests

    @property
    def next_correlation_id(self) -> int:
        """What the next request will carry."""
        return self._next_id

    @property
    def is_busy(self) -> bool:
        """Whether an answer is owed."""
        return bool(self._waiting)

    def encode(self, message: Message, version: int) -> bytes:
        """The frame of a request, its size included, with the next correlation id; nothing is sent."""
        correlation_id, self._next_id = self._next_id, (self._next_id + 1) & 0x7FFFFFFF
        return b"".join(encode_request(message, version, correlation_id, self.client_id))

    def send(self, message: Message, version: int, *, within_s: float = ANSWER_WITHIN_S) -> Pending[Any]:
        """Sends a request. Raises ConnectionClosed at once where there is no connection any more, EncodeError."""
        frame = self.encode(message, version)
        key = message.api_key
        return self._send(frame, lambda answer: decode_answer(key, version, answer)[1], within_s)

    def send_frame(self, frame: bytes, *, within_s: float = ANSWER_WITHIN_S) -> Pending[bytes]:
        """Sends bytes that are meant as one frame; the answer is its frame without the size."""
        return self._send(frame, bytes, within_s)

    def write(self, data: bytes) -> None:
        """Sends bytes for which no answer is expected."""
        self.history.sent(self.name, self.node, data, awaited=False)
        self._writable().write(data)

    def write_eof(self) -> None:
        """Half-closes: we send no more and still read."""
        self.history.note(self.name, "half-closed by us")
        self._writable().write_eof()

    async def close(self) -> None:
        """Closes the connection and waits until it is."""
        self._closing = True
        if self._transport is not None and not self.closed.done():
            self._transport.abort()
            await self.closed

    async def closed_within(self, within_s: float) -> bool:
        """Whether the broker closed it within so many seconds."""
        await asyncio.wait((self.closed,), timeout=within_s)
        return self.closed.done()

    def _writable(self) -> asyncio.Transport:
        if self._transport is None or self.closed.done():
            reason = self.closed.result() if self.closed.done() else "never opened"
            raise ConnectionClosed(f"{self.node}: {reason}, so nothing can be sent")
        return self._transport

    def expect_answer(self, frame: bytes, *, within_s: float = ANSWER_WITHIN_S) -> Pending[bytes]:
        """Waits for the answer to a frame that `write` will send, in pieces or together with others."""
        return self._expect(frame, bytes, within_s)

    def _send(self, frame: bytes, read: Callable[[bytes], A], within_s: float) -> Pending[A]:
        transport = self._writable()
        pending = self._expect(frame, read, within_s)
        transport.write(frame)
        return pending

    def _expect(self, frame: bytes, read: Callable[[bytes], A], within_s: float) -> Pending[A]:
        exchange = self.history.sent(self.name, self.node, frame)
        future: asyncio.Future[A] = self._loop.create_future()
        self._waiting[int.from_bytes(frame[8:12], "big", signed=True)] = _Waiting(exchange, future, read)
        return Pending(exchange, future, within_s, self._patience)

    def _answered(self, frame: bytes) -> None:
        correlation_id = int.from_bytes(frame[:4], "big", signed=True) if len(frame) >= 4 else None
        entry = self._waiting.pop(correlation_id, None) if correlation_id is not None else None
        if entry is None:
            self.history.note(self.name, "unexpected answer", f"correlation id {correlation_id}, {len(frame)} bytes")
            problem = f"{self.node} answered with correlation id {correlation_id}, which no request in flight has"
            for waiting in self._waiting.values():
                _fail(waiting, problem)
            self._waiting.clear()
            return
        self._patience.was_done(request_key(entry.exchange.request))
        self.history.answered(entry.exchange, frame, self._arrivals)
        self._arrivals += 1
        if entry.future.done():
            return
        try:
            entry.future.set_result(entry.read(frame))
        except ProtocolError as error:
            entry.exchange.problem = f"does not decode: {error}"
            _fail(entry, f"the answer of {self.node} to {api_name(entry.exchange.request)} does not decode: {error}")


def _fail(waiting: _Waiting, problem: str) -> None:
    waiting.exchange.problem = waiting.exchange.problem or problem
    if not waiting.future.done():
        waiting.future.set_exception(UnexpectedAnswer(problem))
        waiting.future.exception()


async def open_connection(
    host: str,
    port: int,
    history: History,
    *,
    name: str = "connection",
    client_id: str | None = CLIENT_ID,
    on_close: Callable[[], None] = lambda: None,
    within_s: float = CONNECT_WITHIN_S,
    patience: Patience | None = None,
) -> WireConnection:
    """Connects on the running loop. Raises Unreachable. `patience` is shared by all connections to a target."""
    kept = patience or Patience()
    loop = asyncio.get_running_loop()
    node = f"{host}:{port}"
    connecting: Awaitable[tuple[asyncio.BaseTransport, WireConnection]] = loop.create_connection(
        lambda: WireConnection(name, node, history, client_id, on_close, kept), host, port
    )
    try:
        _, connection = await asyncio.wait_for(connecting, within_s)
    except OSError as error:  # TimeoutError is one
        raise Unreachable(f"no connection to {node}: {str(error) or 'timed out'}") from error
    return connection
