"""The network of a simulation: connections in memory between named hosts, over links that can be cut and slowed."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from errno import EADDRINUSE

from kafka_conformance.reference_broker.simulation.flow import Medium
from kafka_conformance.reference_broker.simulation.handshake import Connection, Opened
from kafka_conformance.reference_broker.simulation.hosts import WILDCARD, Hosts, on_host
from kafka_conformance.reference_broker.simulation.links import Links
from kafka_conformance.reference_broker.simulation.server import (
    Listener,
    ProtocolFactory,
    SimulatedServer,
    SocketAddress,
)
from kafka_conformance.reference_broker.simulation.transcript import Transcript


class SimulatedNetwork:
    """What `SimulationLoop.network` is. Hosts need not be declared: code is on `localhost` unless `on_host` says so."""

    def __init__(self, medium: Medium) -> None:
        self._medium = medium
        self._hosts = Hosts()
        self._bound: dict[tuple[str, int], Listener] = {}
        self._connections: dict[int, Connection] = {}  # in the order of their numbers, so that healing has an order
        self._connections_made = 0

    # Faults

    def cut(self, a: str, b: str, *, one_way: bool = False) -> None:
        """Let nothing through between the hosts `a` and `b` (only from `a` to `b`: `one_way`).

        What is sent meanwhile is kept, as TCP keeps it, and arrives after `heal`; after 924.6 s the sender's
        connection fails with TimeoutError. Connecting fails with it after 127 s.
        """
        self._links.cut(self._hosts.name(a), self._hosts.name(b), one_way=one_way)

    def isolate(self, host: str) -> None:
        """Cut a host off from all others, known or not."""
        self._links.cut(self._hosts.name(host))

    def slow(self, a: str, b: str, extra_ms: float) -> None:
        """Let each delivery between `a` and `b` take `extra_ms` longer, from now on; 0 ends it."""
        self._links.slow(self._hosts.name(a), self._hosts.name(b), extra_ms)

    def heal(self, a: str | None = None, b: str | None = None) -> None:
        """Undo cut, isolate and slow: for the link between `a` and `b`, for all links of `a`, or everywhere."""
        self._links.heal(a and self._hosts.name(a), b and self._hosts.name(b))
        for connection in list(self._connections.values()):
            connection.upstream.links_changed()
            connection.downstream.links_changed()

    def on_host(self, name: str) -> AbstractContextManager[None]:
        """Run a block, and all tasks and servers that it starts, on the host `name`."""
        return on_host(name)

    # What happened

    @property
    def transcript(self) -> Transcript:
        """All deliveries in their order."""
        return self._medium.transcript

    def transcript_digest(self) -> str:
        """Return the SHA-256 of all deliveries so far: equal for two runs that did the same."""
        return self.transcript.digest()

    @property
    def open_connections(self) -> int:
        """The number of connections that at least one side has not left."""
        return len(self._connections)

    def held(self) -> list[str]:
        """Return one line for each direction of a connection that a cut link holds up."""
        flows = [
            flow for connection in self._connections.values() for flow in (connection.upstream, connection.downstream)
        ]
        return [f"{flow}: the link is cut, {flow.held} deliveries wait" for flow in flows if flow.held]

    # What the loop asks for

    def address(self, host: str | None) -> str:
        """Return the IP address of a host."""
        return self._hosts.address(host)

    def host_name(self, address: str) -> str:
        """Return the name of the host that has an IP address."""
        return self._hosts.name(address)

    def bind(self, protocol_factory: ProtocolFactory, hosts: Iterable[str | None], port: int | None) -> SimulatedServer:
        """Bind a port on each of `hosts`, 0 for any port. Raises OSError (EADDRINUSE)."""
        listeners = [Listener(self._address_to_bind(host, port or 0), protocol_factory) for host in hosts]
        for listener in listeners:
            self._bound[listener.bound.host, listener.bound.port] = listener
        return SimulatedServer(self._medium.loop, listeners, self._unbind)

    async def connect(
        self, protocol_factory: ProtocolFactory, host: str | None, port: int, local: tuple[str | None, int]
    ) -> Opened:
        """Connect from the host that runs this (or that `local` names) to a port of `host`."""
        client_host, client_port = local
        server = SocketAddress(self._hosts.name(host), self._hosts.address(host), port)
        client_name = self._hosts.name(client_host)
        client_address = server.address if client_name == server.host else self._hosts.address(client_name)
        client = SocketAddress(client_name, client_address, client_port or self._hosts.ephemeral_port())
        self._connections_made += 1
        connection = Connection(
            self._medium, self._connections_made, client, server, self._find, protocol_factory, self._forget
        )
        self._connections[connection.number] = connection
        return await connection.open()

    @property
    def _links(self) -> Links:
        return self._medium.links

    def _address_to_bind(self, host: str | None, port: int) -> SocketAddress:
        name = self._hosts.name(host)
        address = "0.0.0.0" if host is None or host in WILDCARD else self._hosts.address(host)
        if (name, port) in self._bound:
            raise OSError(EADDRINUSE, f"error while attempting to bind on address {(address, port)}: already in use")
        while port == 0 or (name, port) in self._bound:
            port = self._hosts.ephemeral_port()
        return SocketAddress(name, address, port)

    def _unbind(self, listener: Listener) -> None:
        self._bound.pop((listener.bound.host, listener.bound.port), None)

    def _find(self, address: SocketAddress) -> Listener | None:
        listener = self._bound.get((address.host, address.port))
        return listener if listener is not None and listener.serving else None

    def _forget(self, number: int) -> None:
        connection = self._connections.pop(number, None)
        if connection is not None:
            connection.upstream.abandon_held()
            connection.downstream.abandon_held()
