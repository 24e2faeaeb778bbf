"""How long a target is waited for: in full, and less for what it has never done when it was waited for in full.

A broker that leaves an API unanswered leaves it so for every case, and half a minute each time would make its run take
hours. A wait is cut only behind waits for the same thing that went by in full and in vain, a minute of them altogether,
with nothing of it done in between, and the first time that it is done, however late, makes all waits full again. So a
wait is never cut in a run that has found nothing yet: a broker that is slow and right is waited for as long as ever.

Processes that judge a target together share what they know in a file to which each appends. What one of them learns
counts for the others at once: who waits for the same thing meanwhile need not do so to the end.
"""

from __future__ import annotations

import os
from collections.abc import Hashable

ENOUGH_IN_VAIN_S = 60.0
"""So long it is waited for in full: twice for an answer (half a minute), once for a cleaner (more than a minute)."""
SHORT_WAIT_S = 5.0
"""Above what Kafka waits for by itself, such as group.initial.rebalance.delay.ms (3 s)."""
LONG_WAIT_S = 20.0
"""What is waited for less than that is about promptness: it is neither cut nor counted."""


class Patience:
    """What one target was waited for in vain, by what it was, and for how many seconds.

    `shared` is the path of the file of the processes that judge it together; None where there is but one.
    """

    def __init__(self, shared: str | None = None) -> None:
        self._in_vain_s: dict[str, float] = {}
        # Each line is one write to the end, so that those of several processes do not mix.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = None if shared is None else os.open(shared, flags, 0o600)
        self._heard = 0

    def limit_s(self, what: Hashable, full_s: float) -> float:
        """How many seconds to wait for it where `full_s` are right."""
        if full_s < LONG_WAIT_S:
            return full_s
        self._hear()
        if self._in_vain_s and self._in_vain_s.get(repr(what), 0.0) >= ENOUGH_IN_VAIN_S:
            return SHORT_WAIT_S
        return full_s

    def waited_in_vain(self, what: Hashable, waited_s: float, full_s: float) -> str:
        """Counts a wait that nothing came of, and returns what a finding is to say of it: empty if it was in full."""
        name = repr(what)
        if waited_s < full_s:
            before = self._in_vain_s.get(name, 0.0)
            return f", cut short: it was waited for before, {before:g} s altogether, always in vain"
        if full_s >= LONG_WAIT_S:
            self._tell(waited_s, name)
        return ""

    def was_done(self, what: Hashable) -> None:
        """It was done after all: it is waited for in full again."""
        if self._in_vain_s and repr(what) in self._in_vain_s:
            self._tell(0.0, repr(what))

    def close(self) -> None:
        """Closes the file, if there is one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _tell(self, in_vain_s: float, name: str) -> None:
        if self._file is None:
            self._take(in_vain_s, name)
        else:
            os.write(self._file, f"{in_vain_s:g} {name}\n".encode())
            self._hear()

    def _hear(self) -> None:
        """Takes what all have told since, this process too, in the order of the file."""
        while self._file is not None and (told := os.pread(self._file, 1 << 16, self._heard)):
            lines = told[: told.rfind(b"\n") + 1]
            for line in lines.decode().splitlines():
                in_vain_s, _, name = line.partition(" ")
                self._take(float(in_vain_s), name)
            self._heard += len(lines)

    def _take(self, in_vain_s: float, name: str) -> None:
        """Nothing in vain means that it was done."""
        self._in_vain_s[name] = self._in_vain_s.get(name, 0.0) + in_vain_s
        if not in_vain_s:
            del self._in_vain_s[name]
