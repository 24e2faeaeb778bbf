"""How long a target is waited for: in full, and less for what it has never done when it was waited for in full.

A broker that leaves an API unanswered leaves it so for every case, and half a minute each time would make its run take
hours. A wait is cut only behind `FULL_WAITS` waits for the same thing that went by in full and in vain, with nothing of
it done in between, and the first time that it is done, however late, makes all waits full again. So a wait is never cut
in a run that has found nothing yet: a broker that is slow and right is waited for as long as ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

FULL_WAITS = 2
SHORT_WAIT_S = 5.0
"""Above what Kafka waits for by itself, such as group.initial.rebalance.delay.ms (3 s)."""
LONG_WAIT_S = 20.0
"""What is waited for less than that is about promptness: it is neither cut nor counted."""


class Patience:
    """What one target was waited for in vain, by what it was."""

    def __init__(self) -> None:
        self._in_vain: Counter[Hashable] = Counter()

    def limit_s(self, what: Hashable, full_s: float) -> float:
        """How many seconds to wait for it where `full_s` are right."""
        return SHORT_WAIT_S if full_s >= LONG_WAIT_S and self._in_vain[what] >= FULL_WAITS else full_s

    def waited_in_vain(self, what: Hashable, waited_s: float, full_s: float) -> str:
        """Counts a wait that nothing came of, and returns what a finding is to say of it: empty if it was in full."""
        if waited_s < full_s:
            return f", cut short: it was waited for {full_s:g} s {self._in_vain[what]} times before, always in vain"
        if full_s >= LONG_WAIT_S:
            self._in_vain[what] += 1
        return ""

    def was_done(self, what: Hashable) -> None:
        """It was done after all: it is waited for in full again."""
        self._in_vain.pop(what, None)
