"""How a connection comes to be: an OPEN goes up, ACCEPTED or REFUSED comes back, then both ends have transports."""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from errno import ECONNREFUSED, ETIMEDOUT

from kafka_conformance.reference_broker.simulation.flow import Flow, Kind, Medium
from kafka_conformance.reference_broker.simulation.server import Listener, ProtocolFactory, SocketAddress
from kafka_conformance.reference_broker.simulation.transport import SimulatedTransport

CONNECT_LIMIT_S = 127.0
"""How long connecting over a cut link takes to fail: Linux, net.ipv4.tcp_syn_retries = 6."""

Opened = tuple[asyncio.Transport, asyncio.BaseProtocol]


class Connection:
    """Two flows with a client's and a server's end."""

    def __init__(
        self,
        medium: Medium,
        number: int,
        client: SocketAddress,
        server: SocketAddress,
        find_listener: Callable[[SocketAddress], Listener | None],
        protocol_factory: ProtocolFactory,
        on_end: Callable[[int], None],
    ) -> None:
        self.medium = medium
        self.number = number
        self.client = client
        self.server = server
        self._on_end = on_end
        self._ends = {"client", "server"}
        self._dial = Dial(self, protocol_factory)
        knock = Knock(self, find_listener)
        self.upstream = Flow(medium, number, ">", client.host, server.host, (self._dial, knock))
        self.downstream = Flow(medium, number, "<", server.host, client.host, (knock, self._dial))

    async def open(self) -> Opened:
        """Connect. Raises ConnectionRefusedError if nothing listens, TimeoutError if nothing answers."""
        self.upstream.send(Kind.OPEN)
        return await self._dial.outcome()

    def client_transport(self, protocol: asyncio.BaseProtocol, context: Context) -> SimulatedTransport:
        """Give the client's end to a protocol."""
        extra = {"sockname": self.client.as_socket_name(), "peername": self.server.as_socket_name()}
        flows = self.upstream, self.downstream
        return SimulatedTransport(self.medium, protocol, flows, extra, context, self.client_is_lost)

    def server_transport(self, protocol: asyncio.BaseProtocol, context: Context) -> SimulatedTransport:
        """Give the server's end to a protocol."""
        extra = {"sockname": self.server.as_socket_name(), "peername": self.client.as_socket_name()}
        flows = self.downstream, self.upstream
        return SimulatedTransport(self.medium, protocol, flows, extra, context, self.server_is_lost)

    def client_is_lost(self) -> None:
        """Take note that the client's end is gone."""
        self._end_is_lost("client")

    def server_is_lost(self) -> None:
        """Take note that the server's end is gone, or never came to be."""
        self._end_is_lost("server")

    def _end_is_lost(self, end: str) -> None:
        self._ends.discard(end)
        if not self._ends:
            self._on_end(self.number)


class Dial:
    """The client's end until it is connected."""

    awaits_flush = False

    def __init__(self, connection: Connection, protocol_factory: ProtocolFactory) -> None:
        self.context = copy_context()
        self._connection = connection
        self._protocol_factory = protocol_factory
        self._loop = connection.medium.loop
        self._outcome: asyncio.Future[Opened] = self._loop.create_future()

    async def outcome(self) -> Opened:
        """Wait for the connection; give it up if the caller does."""
        limit = self._loop.call_later(CONNECT_LIMIT_S, self.fail, TimeoutError(ETIMEDOUT, "Connect call timed out"))
        opened = False
        try:
            transport, protocol = await self._outcome
            opened = True
        finally:
            limit.cancel()
            if not opened:
                self._drop()
        return transport, protocol

    def receive(self, kind: Kind, data: bytes) -> None:
        """Take the answer; one that comes too late is answered by a reset."""
        if kind is Kind.ACCEPTED and not self._outcome.done():
            self._connected()
        elif kind is Kind.ACCEPTED or kind is Kind.DATA:
            self._connection.downstream.consumed(len(data))
            self._connection.upstream.send(Kind.RESET)
        elif kind is Kind.REFUSED:
            name = self._connection.server.as_socket_name()
            self.fail(ConnectionRefusedError(ECONNREFUSED, f"Connect call failed {name}"))

    def flushed(self) -> None:
        """Do nothing: no data has been sent yet."""

    def fail(self, error: Exception) -> None:
        """Let the caller have the error."""
        if not self._outcome.done():
            self._outcome.set_exception(error)

    def _connected(self) -> None:
        try:
            protocol = self._protocol_factory()
        except Exception as error:  # noqa: BLE001 - it belongs to the caller of create_connection
            self._connection.upstream.send(Kind.RESET)
            self.fail(error)
            return
        transport = self._connection.client_transport(protocol, self.context)
        self._loop.call_soon(self._hand_over, transport, protocol)

    def _hand_over(self, transport: SimulatedTransport, protocol: asyncio.BaseProtocol) -> None:
        if self._outcome.done():
            transport.abort()
        else:
            self._outcome.set_result((transport, protocol))

    def _drop(self) -> None:
        if self._outcome.done() and not self._outcome.cancelled() and self._outcome.exception() is None:
            self._outcome.result()[0].abort()
            return
        self._connection.client_is_lost()
        if self._connection.upstream.abandon_held():
            self._connection.server_is_lost()


class Knock:
    """The server's end until it has accepted."""

    awaits_flush = False

    def __init__(self, connection: Connection, find_listener: Callable[[SocketAddress], Listener | None]) -> None:
        self.context = copy_context()
        self._connection = connection
        self._find_listener = find_listener

    def receive(self, kind: Kind, data: bytes) -> None:
        """Accept if somebody listens now."""
        if kind is not Kind.OPEN:
            return
        listener = self._find_listener(self._connection.server)
        if listener is None:
            self._connection.downstream.send(Kind.REFUSED)
            self._connection.server_is_lost()
        else:
            context = listener.context.copy()
            context.run(self._accept, listener, context)

    def flushed(self) -> None:
        """Do nothing: no data has been sent yet."""

    def fail(self, error: OSError) -> None:
        """Do nothing: the answer never got through, and nobody here waits for it."""

    def _accept(self, listener: Listener, context: Context) -> None:
        self._connection.downstream.send(Kind.ACCEPTED)
        try:
            protocol = listener.protocol_factory()
        except Exception as error:  # noqa: BLE001 - the edge of a connection
            report = {"message": "Error on transport creation for incoming connection", "exception": error}
            self._connection.medium.loop.call_exception_handler(report)
            self._connection.downstream.send(Kind.RESET)
            self._connection.server_is_lost()
            return
        self._connection.server_transport(protocol, context)
