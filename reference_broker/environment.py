"""What a cluster needs of the world: an event loop, a clock, a source of chance.

They are handed in, never reached for, so that the same broker code runs in real and in virtual time.
Importing this module costs next to nothing: asyncio and random are named for the type checker only.
"""

from time import monotonic as _monotonic
from time import time_ns as _time_ns
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import asyncio
    import random


class Clock(Protocol):
    """Tells the time of day and the time that has passed."""

    def now_ms(self) -> int:
        """Return the wall clock: milliseconds since 1970-01-01T00:00Z, as Kafka stamps records."""
        ...

    def monotonic(self) -> float:
        """Return seconds since an arbitrary moment; never goes back. The same clock as `loop.time()`."""
        ...


class SystemClock:
    """The time of this machine, also while a simulation answers for `time.time` in this process."""

    __slots__ = ()

    def now_ms(self) -> int:
        """Return the wall clock in milliseconds since 1970-01-01T00:00Z."""
        return _time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return the monotonic clock in seconds."""
        return _monotonic()


class Environment(NamedTuple):
    """The world of one cluster. Immutable; everything in the reference broker is given one.

    `random` decides whatever is left open (ids, jitter): with a seeded one and a simulation's loop and
    clock, a run can be repeated exactly.
    """

    loop: "asyncio.AbstractEventLoop"
    clock: Clock
    random: "random.Random"
