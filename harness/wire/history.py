"""What went over the connections of one case: frames as they were, decoded only when somebody looks.

Bounded twice, by entries and by bytes, so that a long case forgets its beginning and not its end; what was
forgotten is counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kafka_conformance.harness.events import LaneKind, Moment
from kafka_conformance.harness.wire.summary import answer_summary, api_name, request_summary

MAX_ENTRIES = 2_000
MAX_BYTES = 16 << 20

CLOSED_BY_BROKER = "closed by the broker"
LOST = "lost"
"""Events on a connection's lane that end it."""


@dataclass(slots=True)
class Exchange:
    """One request and, if it came, its answer. Frames are whole: a request's with its size, an answer's without."""

    connection: str
    sent_ms: float
    request: bytes
    node: str = ""
    answered_ms: float | None = None
    answer: bytes | None = None
    problem: str = ""
    """Why what came is no answer: it does not decode, or it answers nothing that was asked."""
    arrival: int = -1
    """The place of the answer among all answers on its connection, from 0; -1 before it came."""
    poll: int = 0
    """Which waiting for something to become true asked this; 0: none."""
    attempt: int = 0
    """How often that had asked by then."""
    awaited: bool = True
    """Whether somebody waits for an answer."""

    @property
    def size(self) -> int:
        """How many bytes are kept for it."""
        return len(self.request) + len(self.answer or b"")


class History:
    """The exchanges and events of one case in the order in which they began."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._entries: deque[Exchange | Moment] = deque()
        self._bytes = 0
        self._began_s = now_s()
        self._polls: list[list[int]] = []
        self._next_poll = 1
        self._stopped_ms: float | None = None
        self.forgotten = 0

    def restart(self) -> None:
        """Forgets everything: a case, or an example of a property, begins at 0 ms."""
        self._entries.clear()
        self._bytes = 0
        self._began_s = self._now_s()
        self.forgotten = 0
        self._stopped_ms = None

    def stop(self) -> None:
        """Records nothing more until the next beginning: the case failed, and what follows only tidies up."""
        self._stopped_ms = self.now_ms() if self._stopped_ms is None else self._stopped_ms

    @property
    def ended_ms(self) -> float:
        """When the case failed; now, where it has not."""
        return self.now_ms() if self._stopped_ms is None else self._stopped_ms

    def now_ms(self) -> float:
        """Milliseconds since the case began, on the target's clock."""
        return round((self._now_s() - self._began_s) * 1000, 3)

    def sent(self, connection: str, node: str, frame: bytes, *, awaited: bool = True) -> Exchange:
        """A request went out."""
        exchange = Exchange(connection, self.now_ms(), frame, node, awaited=awaited)
        if self._polls:
            exchange.poll, exchange.attempt = self._polls[0]
        self._append(exchange, len(frame))
        return exchange

    def answered(self, exchange: Exchange, frame: bytes, arrival: int) -> None:
        """Its answer came."""
        exchange.answered_ms, exchange.answer, exchange.arrival = self.now_ms(), frame, arrival
        self._bytes += len(frame)
        self._trim()

    def note(self, lane: str, event: str, detail: str = "", kind: LaneKind = LaneKind.CONNECTION) -> None:
        """Something other than an exchange happened: a connection closed, a fault struck."""
        self._append(Moment(self.now_ms(), lane, event, detail, kind), 0)

    @contextmanager
    def polling(self) -> Iterator[Callable[[], None]]:
        """Around a question that is asked until something is true; what it gives is called before each attempt.

        Within another one it does nothing: the outer question is the one that is asked again.
        """
        poll = [self._next_poll, 0]
        self._next_poll += 1
        self._polls.append(poll)

        def attempt() -> None:
            poll[1] += 1

        try:
            yield attempt
        finally:
            self._polls.remove(poll)

    @property
    def entries(self) -> tuple[Exchange | Moment, ...]:
        """Everything, in order."""
        return tuple(self._entries)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was sent, in order, each with its answer if it came."""
        return tuple(entry for entry in self._entries if isinstance(entry, Exchange))

    def moments(self) -> tuple[Moment, ...]:
        """The history as lanes of a timeline, by time; of what was asked until it was true, the last attempt."""
        found = [moment for entry in _shown(self._entries) for moment in _moments(entry)]
        if self.forgotten:
            found.insert(0, Moment(0.0, "history", f"the first {self.forgotten} entries were dropped"))
        return tuple(sorted(found, key=lambda moment: moment.t_ms))

    def _append(self, entry: Exchange | Moment, size: int) -> None:
        if self._stopped_ms is not None:
            return
        self._entries.append(entry)
        self._bytes += size
        self._trim()

    def _trim(self) -> None:
        while len(self._entries) > MAX_ENTRIES or (self._bytes > MAX_BYTES and len(self._entries) > 1):
            dropped = self._entries.popleft()
            self.forgotten += 1
            if isinstance(dropped, Exchange):
                self._bytes -= dropped.size


def _shown(entries: Iterable[Exchange | Moment]) -> Iterable[Exchange | Moment]:
    kept = list(entries)
    last: dict[int, int] = {}
    for entry in kept:
        if isinstance(entry, Exchange):
            last[entry.poll] = max(last.get(entry.poll, 0), entry.attempt)
    return [entry for entry in kept if isinstance(entry, Moment) or entry.attempt in (0, last[entry.poll])]


def _moments(entry: Exchange | Moment) -> Iterable[Moment]:
    if isinstance(entry, Moment):
        return (entry,)
    name = api_name(entry.request)
    repeated = f"(asked {entry.attempt} times) " if entry.attempt > 1 else ""
    summary = repeated + request_summary(entry.request)
    asked = Moment(entry.sent_ms, entry.connection, f"{name} >", summary, LaneKind.CONNECTION)
    if entry.answer is None:
        return (asked,)
    detail = entry.problem or answer_summary(entry.request, entry.answer)
    when = entry.answered_ms if entry.answered_ms is not None else entry.sent_ms
    return asked, Moment(when, entry.connection, f"{name} <", detail, LaneKind.CONNECTION)
