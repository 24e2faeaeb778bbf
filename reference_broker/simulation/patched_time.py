"""While a simulation runs, the `time` module answers with its clock, to the simulation's thread alone.

Client libraries read `time.time()` and `time.monotonic()` beside their loop's clock (aiokafka 0.14: consumer
sessions, metadata age, batch lifetime). Code that bound such a function at import (`from time import time`, or as
a default argument) and C extensions keep seeing real time.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident

from kafka_conformance.reference_broker.simulation.clock import SimulatedClock

_clocks: dict[int, SimulatedClock] = {}  # by thread: simulations may run in several at once
_originals: dict[str, Callable[[], float | int]] = {}
_lock = threading.Lock()


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)


_VIRTUAL: dict[str, Callable[[SimulatedClock], float | int]] = {
    "time": SimulatedClock.wall,
    "time_ns": lambda clock: _nanoseconds(clock.wall()),
    "monotonic": SimulatedClock.monotonic,
    "monotonic_ns": lambda clock: _nanoseconds(clock.monotonic()),
    "perf_counter": SimulatedClock.monotonic,
    "perf_counter_ns": lambda clock: _nanoseconds(clock.monotonic()),
}


@contextmanager
def simulated_time(clock: SimulatedClock) -> Iterator[None]:
    """Let `time.*` answer with `clock` in this thread until the block ends, however it ends. Nests."""
    thread = get_ident()
    with _lock:
        if not _clocks:
            _install()
        outer = _clocks.get(thread)
        _clocks[thread] = clock
    try:
        yield
    finally:
        with _lock:
            if outer is None:
                del _clocks[thread]
            else:
                _clocks[thread] = outer
            if not _clocks:
                _restore()


def _install() -> None:
    for name, virtual in _VIRTUAL.items():
        _originals[name] = getattr(time, name)
        setattr(time, name, _by_thread(_originals[name], virtual))


def _restore() -> None:
    while _originals:
        name, original = _originals.popitem()
        setattr(time, name, original)


def _by_thread(
    original: Callable[[], float | int], virtual: Callable[[SimulatedClock], float | int]
) -> Callable[[], float | int]:
    def answer() -> float | int:
        clock = _clocks.get(get_ident())
        return original() if clock is None else virtual(clock)

    return answer
