"""A listening socket of a broker and the connections that it has accepted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.network.connection import Connection
from kafka_conformance.reference_broker.network.frame_receiver import FrameReceiver, new_scratch

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.network.dispatcher import Dispatcher

BACKLOG = 50
"""socket.listen.backlog.size of Apache Kafka."""


class Listener:
    """Accepts connections on one address. `port` is known once it is open."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        dispatcher: Dispatcher,
        *,
        max_frame_bytes: int,
        max_idle_ms: int,
        receiver: type[FrameReceiver] = FrameReceiver,
    ) -> None:
        self.loop = loop
        self.dispatcher = dispatcher
        self.max_frame_bytes = max_frame_bytes
        self.max_idle_s = max_idle_ms / 1000
        self.scratch = new_scratch()
        self._receiver = receiver
        self.connections: dict[str, Connection] = {}
        self.frozen = False
        self.host = ""
        self.port = 0
        self._server: asyncio.AbstractServer | None = None
        self._accepted = 0

    def new_receiver(self) -> FrameReceiver:
        """What cuts the frames of one more connection."""
        return self._receiver(self.scratch, self.max_frame_bytes)

    async def open(self, host: str, port: int) -> None:
        """Bind and listen; port 0 takes a free one. Raises OSError where that is not possible."""
        server = await self.loop.create_server(lambda: Connection(self), host, port, backlog=BACKLOG)
        self._server = server
        self.host = host
        self.port = server.sockets[0].getsockname()[1]

    def close(self, *, abort: bool = False) -> None:
        """Stop listening and close all connections; with `abort`, cut them as a crash would."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self.connections.values()):
            if abort:
                connection.abort()
            else:
                connection.close("the broker stops")

    def freeze(self) -> None:
        """Let nothing through on any connection; new ones are accepted, as an operating system does."""
        self.frozen = True
        for connection in list(self.connections.values()):
            connection.freeze()

    def thaw(self) -> None:
        """Let everything through again, what has waited first."""
        self.frozen = False
        for connection in list(self.connections.values()):
            connection.thaw()

    def opened(self, connection: Connection, transport: asyncio.Transport) -> tuple[str, str]:
        """Register a connection; return its id and the client's address as Kafka writes it."""
        peer = transport.get_extra_info("peername") or ("unknown", 0)
        self._accepted += 1
        # Kafka's form: local address and port, peer's, the processor's number and a counter (ServerConnectionId).
        name = f"{self.host}:{self.port}-{peer[0]}:{peer[1]}-0-{self._accepted}"
        self.connections[name] = connection
        return name, f"/{peer[0]}"

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        self.connections.pop(connection.id, None)
