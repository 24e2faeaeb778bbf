"""An asyncio event loop in virtual time.

    loop = SimulationLoop(seed=7)
    loop.run_until_complete(main())     # an hour's sleep takes no time, and seed 7 is always the same hour

Where asyncio's loop would block for sockets or timers, this one lets its clock jump to the next timer. It relies on
`BaseEventLoop._run_once`, which is alike in Python 3.11 to 3.13: ready callbacks, `_selector.select(timeout)`, then
the `_scheduled` heap.
"""

import asyncio
import heapq
import itertools
import random
import socket
import threading
from collections.abc import Callable, Iterable
from contextvars import Context
from typing import Any

from kafka_conformance.reference_broker.override import override
from kafka_conformance.reference_broker.simulation.clock import START_S, SimulatedClock
from kafka_conformance.reference_broker.simulation.errors import (
    SimulationDeadlock,
    SimulationTimeLimit,
    waiting_tasks,
)
from kafka_conformance.reference_broker.simulation.flow import Medium
from kafka_conformance.reference_broker.simulation.handshake import Opened
from kafka_conformance.reference_broker.simulation.links import DEFAULT_LATENCY, Latency, Links
from kafka_conformance.reference_broker.simulation.network import SimulatedNetwork
from kafka_conformance.reference_broker.simulation.patched_random import GlobalRandomness
from kafka_conformance.reference_broker.simulation.patched_time import simulated_time
from kafka_conformance.reference_broker.simulation.refusals import WithoutOperatingSystem, refuse_unless_plain
from kafka_conformance.reference_broker.simulation.server import ProtocolFactory, SimulatedServer
from kafka_conformance.reference_broker.simulation.timers import ChosenTimer, JumpingSelector
from kafka_conformance.reference_broker.simulation.transcript import Transcript

SIMULTANEOUS_S = 1e-7
"""Timers as close as this are due together. asyncio's nanosecond is lost in a float after a year of virtual time."""


class SimulationLoop(WithoutOperatingSystem, asyncio.BaseEventLoop):
    """Runs coroutines on a virtual clock and a network in memory; all chance comes from `seed`.

    `shuffle`: timers and deliveries of the same instant run in an order drawn from the seed; otherwise in the order
    in which they were scheduled. `latency`: bounds in seconds for each delivery. `fragmentation`: how often a piece
    of data arrives in two. `time_limit_s`: virtual seconds after which SimulationTimeLimit ends the run.

    While it runs, `time.time`, `time.monotonic`, `time.perf_counter` and the functions of `random` answer this
    thread from the simulation.
    """

    _scheduled: list[ChosenTimer]
    _clock_resolution: float
    _thread_id: int | None
    _check_closed: Callable[[], None]

    def __init__(
        self,
        seed: int = 0,
        *,
        shuffle: bool = True,
        latency: Latency = DEFAULT_LATENCY,
        fragmentation: float = 0.05,
        time_limit_s: float | None = None,
    ) -> None:
        super().__init__()
        self.seed = seed
        self.clock = SimulatedClock()
        self._clock_resolution = SIMULTANEOUS_S
        self._selector = JumpingSelector(self)
        self._time_limit_s = time_limit_s
        self._rank: Callable[[], float] = self.random("timers").random if shuffle else itertools.count().__next__
        self._global_randomness = GlobalRandomness(f"{seed} global")
        chance = self.random("network")
        medium = Medium(self, self.clock, Links(chance, latency), Transcript(), chance, fragmentation)
        self.network = SimulatedNetwork(medium)

    def random(self, purpose: str) -> random.Random:
        """Return a generator for a purpose, derived from the seed: what one part draws does not disturb another."""
        return random.Random(f"{self.seed} {purpose}")

    # Time

    @override
    def time(self) -> float:
        """Return the virtual monotonic clock in seconds."""
        return self.clock.monotonic()

    @override
    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> ChosenTimer:
        """Schedule a callback for a moment of the virtual clock."""
        self._check_closed()
        timer = ChosenTimer(self._rank(), when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def jump(self) -> None:
        """Move the clock to the next timer. Called where another loop would wait for it."""
        when = self._scheduled[0].when()
        if self._time_limit_s is not None and when > START_S + self._time_limit_s:
            raise SimulationTimeLimit(f"more than {self._time_limit_s} virtual seconds have passed", self._pending())
        self.clock.move_to(when)

    def stuck(self) -> SimulationDeadlock:
        """Return the error that says who waits, for want of anything that could happen."""
        return SimulationDeadlock(
            f"nothing can happen after {self.clock.elapsed():.3f} virtual seconds", self._pending()
        )

    def _pending(self) -> list[str]:
        return waiting_tasks(self) + self.network.held()

    # Running

    @override
    def run_forever(self) -> None:
        """Run until stop(). Raises SimulationDeadlock and SimulationTimeLimit."""
        with simulated_time(self.clock), self._global_randomness.installed():
            super().run_forever()

    @override
    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Schedule a callback. Raises RuntimeError in any thread but the loop's own."""
        if self._thread_id not in (None, threading.get_ident()):
            raise RuntimeError("a simulation has one thread: a call from another would come at a moment of its own")
        return super().call_soon_threadsafe(callback, *args, context=context)

    @override
    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run `func` at once, in this thread, in no virtual time."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever awaits the future
            future.set_exception(error)
        return future

    def _write_to_self(self) -> None:
        """Do nothing: the loop never sleeps, so nobody has to wake it."""

    def _process_events(self, _events: list[object]) -> None:
        """Do nothing: there are no sockets."""

    # Network

    @override
    async def create_connection(  # type: ignore[override]
        self,
        protocol_factory: ProtocolFactory,
        host: str | None = None,
        port: int | None = None,
        *,
        ssl: object = None,
        sock: object = None,
        local_addr: tuple[str | None, int] | None = None,
        **_ignored: object,
    ) -> Opened:
        """Connect in memory. Options that choose among addresses are ignored: each host has one."""
        refuse_unless_plain(ssl=ssl, sock=sock)
        if port is None:
            raise ValueError("host and port was not specified and no sock specified")
        return await self.network.connect(protocol_factory, host, int(port), local_addr or (None, 0))

    @override
    async def create_server(  # type: ignore[override]
        self,
        protocol_factory: ProtocolFactory,
        host: str | Iterable[str | None] | None = None,
        port: int | None = None,
        *,
        ssl: object = None,
        sock: object = None,
        start_serving: bool = True,
        **_ignored: object,
    ) -> SimulatedServer:
        """Listen in memory. Options of sockets are ignored."""
        refuse_unless_plain(ssl=ssl, sock=sock)
        hosts = [host] if host is None or isinstance(host, str) else list(host)
        server = self.network.bind(protocol_factory, hosts, port)
        if start_serving:
            server.serve()
        return server

    @override
    async def getaddrinfo(  # type: ignore[override]
        self,
        host: str | None,
        port: int | str | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - the name in asyncio's interface
        proto: int = 0,
        flags: int = 0,
    ) -> list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]]:
        """Return the one IPv4 address that each name has. Raises socket.gaierror if IPv6 is asked for."""
        if family not in (socket.AF_UNSPEC, socket.AF_INET):
            raise socket.gaierror(socket.EAI_FAMILY, "a simulated host has an IPv4 address only")
        name = (self.network.address(host), int(port or 0))
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", name)]

    @override
    async def getnameinfo(  # type: ignore[override]
        self, sockaddr: tuple[str, int], flags: int = 0
    ) -> tuple[str, str]:
        """Return the name of a host and the port as text."""
        return self.network.host_name(sockaddr[0]), str(sockaddr[1])
