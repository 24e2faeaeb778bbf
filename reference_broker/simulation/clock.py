"""The clock of a simulation: starts at a fixed moment, moves only when the loop lets it."""

EPOCH_MS = 1_735_689_600_000
"""Wall clock at the start of each simulation: 2025-01-01T00:00Z."""

START_S = 100_000.0
"""Monotonic clock at the start: a little over a day, as of a machine that is up for a while. From zero, a client
that keeps "last refreshed: 0" and compares it with an interval would behave as it never does in reality."""

# A timer for 45.3 s fires when the difference of two floats is 45.29999...; the wall clock must then say 45300 ms.
_ROUNDING_MS = 0.001


class SimulatedClock:
    """Virtual time. The loop alone calls `move_to`; everybody else reads.

    The wall clock and the monotonic clock pass at the same rate.
    """

    __slots__ = ("_now_s",)

    def __init__(self) -> None:
        self._now_s = START_S

    def now_ms(self) -> int:
        """Return the virtual wall clock in milliseconds since 1970-01-01T00:00Z."""
        return EPOCH_MS + int((self._now_s - START_S) * 1000 + _ROUNDING_MS)

    def monotonic(self) -> float:
        """Return the virtual monotonic clock in seconds: the loop's `time()`."""
        return self._now_s

    def elapsed(self) -> float:
        """Return the virtual seconds since the simulation began."""
        return self._now_s - START_S

    def wall(self) -> float:
        """Return the virtual wall clock in seconds since 1970-01-01T00:00Z: what `time.time()` answers."""
        return EPOCH_MS / 1000 + self.elapsed()

    def move_to(self, now_s: float) -> None:
        """Let time pass until the monotonic clock shows `now_s`; a moment in the past changes nothing."""
        self._now_s = max(self._now_s, now_s)
