"""A server that answers as a test says: what arrives as frames is handed to a function that gives bytes to send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.subject.connection import Connection
from kafka_conformance.harness.wire.connection import open_connection
from kafka_conformance.harness.wire.history import History

Script = Callable[[bytes], bytes | None]
CLOSE = b"close"


class _Scripted(asyncio.Protocol):
    def __init__(self, script: Script) -> None:
        self._script = script
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= 4:
            end = 4 + int.from_bytes(self._received[:4], "big")
            if len(self._received) < end:
                return
            frame = bytes(self._received[4:end])
            del self._received[:end]
            answer = self._script(frame)
            if answer is CLOSE:
                self._transport.close()
            elif answer is not None:
                self._transport.write(answer)


def framed(correlation_id: int, body: bytes = b"") -> bytes:
    """A response frame with its size."""
    content = correlation_id.to_bytes(4, "big", signed=True) + body
    return len(content).to_bytes(4, "big") + content


def correlation_id(frame: bytes) -> int:
    """That of a request frame without its size."""
    return int.from_bytes(frame[4:8], "big", signed=True)


@contextmanager
def connected(script: Script) -> Iterator[tuple[Connection, History]]:
    """A connection to a server that follows the script, and its history."""
    loop = asyncio.new_event_loop()
    blocking = Blocking(loop)
    server = loop.run_until_complete(loop.create_server(lambda: _Scripted(script), "127.0.0.1", 0))
    host, port = server.sockets[0].getsockname()
    history = History(loop.time)
    wire = blocking.run(open_connection(host, port, history, name="c"))
    try:
        yield Connection(blocking, wire, None), history
    finally:
        blocking.run(wire.close())
        server.close()
        loop.run_until_complete(server.wait_closed())
        loop.close()
