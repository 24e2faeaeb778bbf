"""Small protocols and a runner for the tests of the simulation."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka_conformance.reference_broker.simulation import SimulationLoop


@contextmanager
def simulation(seed: int = 0, **options: Any) -> Iterator[SimulationLoop]:
    loop = SimulationLoop(seed, **options)
    try:
        yield loop
    finally:
        loop.close()


class Recorder(asyncio.Protocol):
    """Notes what happens to it, in order; consecutive data is one entry."""

    def __init__(self, *, stays_half_open: bool = False) -> None:
        self.events: list[Any] = []
        self.transport: Any = None
        self.lost = asyncio.get_running_loop().create_future()
        self._stays_half_open = stays_half_open

    @property
    def received(self) -> bytes:
        return b"".join(event for event in self.events if isinstance(event, bytes))

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.events.append("made")

    def data_received(self, data: bytes) -> None:
        if isinstance(self.events[-1], bytes):
            data = self.events.pop() + data
        self.events.append(data)

    def eof_received(self) -> bool:
        self.events.append("eof")
        return self._stays_half_open

    def pause_writing(self) -> None:
        self.events.append("pause")

    def resume_writing(self) -> None:
        self.events.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.events.append(("lost", type(exc)) if exc else "lost")
        self.lost.set_result(exc)


class BufferedEcho(asyncio.BufferedProtocol):
    """Receives into a small buffer of its own and sends everything back."""

    def __init__(self, buffer_size: int = 7) -> None:
        self._buffer = bytearray(buffer_size)
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._transport.write(memoryview(self._buffer)[:nbytes])


async def pair(loop: SimulationLoop, **options: Any) -> tuple[Recorder, Recorder]:
    """Return the protocols of both ends of a new connection: client's, server's."""
    accepted: asyncio.Future[Recorder] = loop.create_future()

    def accept() -> Recorder:
        recorder = Recorder(**options)
        accepted.set_result(recorder)
        return recorder

    server = await loop.create_server(accept, "broker", 0)
    port = server.sockets[0].getsockname()[1]
    _, client = await loop.create_connection(lambda: Recorder(**options), "broker", port)
    server.close()
    assert isinstance(client, Recorder)
    return client, await accepted
