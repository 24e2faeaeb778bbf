"""What listens on the simulated network, and the handle that asyncio gives for it."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from typing import NamedTuple

from kafka_conformance.reference_broker.override import override

ProtocolFactory = Callable[[], asyncio.BaseProtocol]


class SocketAddress(NamedTuple):
    """One side of a connection: the host's name for the network, address and port as sockets show them."""

    host: str
    address: str
    port: int

    def as_socket_name(self) -> tuple[str, int]:
        """Return the pair that `getsockname()` and `getpeername()` give for IPv4."""
        return self.address, self.port


class Listener:
    """A bound port. Connections are accepted in the context that made the server."""

    def __init__(self, bound: SocketAddress, protocol_factory: ProtocolFactory) -> None:
        self.bound = bound
        self.protocol_factory = protocol_factory
        self.context: Context = copy_context()
        self.serving = False


class BoundSocket:
    """The little of a listening socket that callers ask a server for."""

    family = socket.AF_INET
    type = socket.SOCK_STREAM

    def __init__(self, bound: SocketAddress) -> None:
        self._bound = bound

    def getsockname(self) -> tuple[str, int]:
        """Return address and port."""
        return self._bound.as_socket_name()

    def fileno(self) -> int:
        """Return -1: there is no descriptor."""
        return -1


class SimulatedServer(asyncio.AbstractServer):
    """Listeners that start and stop together. As in Python 3.11, wait_closed() does not wait for connections."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listeners: Sequence[Listener],
        unbind: Callable[[Listener], None],
    ) -> None:
        self._loop = loop
        self._listeners = listeners
        self._unbind = unbind
        self._closed = loop.create_future()

    @property
    def sockets(self) -> tuple[BoundSocket, ...]:
        """What the server is bound to; nothing once it is closed."""
        return () if self._closed.done() else tuple(BoundSocket(listener.bound) for listener in self._listeners)

    @override
    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop that the server belongs to."""
        return self._loop

    @override
    def is_serving(self) -> bool:
        """Tell whether connections are accepted."""
        return any(listener.serving for listener in self._listeners)

    @override
    async def start_serving(self) -> None:
        """Accept connections from now on."""
        self.serve()

    def serve(self) -> None:
        """Accept connections from now on. Raises RuntimeError if the server is closed."""
        if self._closed.done():
            raise RuntimeError(f"server {self!r} is closed")
        for listener in self._listeners:
            listener.serving = True

    @override
    async def serve_forever(self) -> None:
        """Accept connections until cancelled or closed; ends with CancelledError, as in asyncio."""
        self.serve()
        try:
            await asyncio.shield(self._closed)
        finally:
            self.close()
        raise asyncio.CancelledError

    @override
    def close(self) -> None:
        """Stop listening and free the ports. Open connections go on."""
        if not self._closed.done():
            self._closed.set_result(None)
            for listener in self._listeners:
                listener.serving = False
                self._unbind(listener)

    @override
    async def wait_closed(self) -> None:
        """Wait until close() was called."""
        await asyncio.shield(self._closed)
