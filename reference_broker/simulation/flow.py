"""One direction of a connection: what is sent arrives later, in order, or waits while the link is cut."""

import asyncio
import random
from collections import deque
from contextvars import Context
from enum import Enum
from errno import ETIMEDOUT
from typing import NamedTuple, Protocol

from kafka_conformance.reference_broker.simulation.clock import SimulatedClock
from kafka_conformance.reference_broker.simulation.links import Links
from kafka_conformance.reference_broker.simulation.transcript import Transcript

SEGMENT_BYTES = 65_536
WINDOW_BYTES = 131_072
"""What the kernels of both sides hold for a connection: so much is on its way without counting as buffered."""

RETRANSMISSION_LIMIT_S = 924.6
"""How long a sender tries over a cut link before its connection fails: Linux, net.ipv4.tcp_retries2 = 15."""


class Kind(Enum):
    """What travels on a connection. All kinds keep their order within a direction."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DATA = "data"
    EOF = "eof"
    RESET = "reset"


class Segment(NamedTuple):
    """One delivery: due when the loop's clock shows `due_s`."""

    kind: Kind
    data: bytes
    due_s: float


class Endpoint(Protocol):
    """What stands at an end of a flow; it is called in its own context."""

    context: Context

    @property
    def awaits_flush(self) -> bool:
        """Whether `flushed` matters now."""
        ...

    def receive(self, kind: Kind, data: bytes) -> None:
        """Take a delivery. Data is owed a call of `Flow.consumed` as soon as it is read."""
        ...

    def flushed(self) -> None:
        """Learn that some of what was sent has been read at the other side."""
        ...

    def fail(self, error: OSError) -> None:
        """Learn that what was sent can never be delivered."""
        ...


class Medium(NamedTuple):
    """What all flows of a network share."""

    loop: asyncio.AbstractEventLoop
    clock: SimulatedClock
    links: Links
    transcript: Transcript
    chance: random.Random
    fragmentation: float
    """Probability that a piece of data arrives in two."""


class Flow:
    """What goes from `source` to `target` on one connection."""

    def __init__(
        self, medium: Medium, connection: int, direction: str, source: str, target: str, ends: tuple[Endpoint, Endpoint]
    ) -> None:
        self._medium = medium
        self._connection = connection
        self._direction = direction
        self.source = source
        self.target = target
        self.sender, self.receiver = ends
        self._queue: deque[Segment] = deque()
        self._unread = 0
        self._last_due_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._failed = False

    @property
    def buffered(self) -> int:
        """The bytes that the sender still has to keep: sent, unread, and more than the window holds."""
        return max(0, self._unread - WINDOW_BYTES)

    @property
    def held(self) -> int:
        """The number of deliveries that a cut link holds back."""
        return len(self._queue) if self._patience is not None else 0

    def __str__(self) -> str:
        return f"connection {self._connection}, {self.source} to {self.target}"

    def send(self, kind: Kind) -> None:
        """Send what carries no data."""
        self._enqueue(kind, b"")

    def send_data(self, data: bytes) -> None:
        """Send data, in pieces of the network's choice."""
        self._unread += len(data)
        for start in range(0, len(data), SEGMENT_BYTES):
            self._send_piece(data[start : start + SEGMENT_BYTES])

    def consumed(self, size: int) -> None:
        """Take note that the receiver has read `size` bytes."""
        self._unread -= size
        if self.sender.awaits_flush:
            self._medium.loop.call_soon(self.sender.flushed, context=self.sender.context)

    def discard_buffered(self) -> None:
        """Forget what lies beyond the window: the sender is gone before the network took it."""
        while self._queue and self.buffered:
            self._unread -= len(self._queue.pop().data)

    def abandon_held(self) -> bool:
        """Forget what a cut link holds back; tell whether there was anything."""
        if self._patience is None:
            return False
        self._patience.cancel()
        self._patience = None
        self._forget_queue()
        return True

    def links_changed(self) -> None:
        """Send again what a cut link held back, if it is whole now."""
        if self._patience is None or self._medium.links.is_cut(self.source, self.target):
            return
        self._patience.cancel()
        self._patience = None
        self._arm(self._medium.loop.time() + self._latency())

    def _send_piece(self, data: bytes) -> None:
        if len(data) > 1 and self._medium.chance.random() < self._medium.fragmentation:
            middle = self._medium.chance.randrange(1, len(data))
            self._enqueue(Kind.DATA, data[:middle])
            data = data[middle:]
        self._enqueue(Kind.DATA, data)

    def _enqueue(self, kind: Kind, data: bytes) -> None:
        if self._failed:
            return
        self._last_due_s = max(self._last_due_s, self._medium.loop.time() + self._latency())
        self._queue.append(Segment(kind, data, self._last_due_s))
        self._arm(0.0)

    def _latency(self) -> float:
        return self._medium.links.latency(self.source, self.target)

    def _arm(self, earliest_s: float) -> None:
        if self._queue and self._timer is None and self._patience is None:
            due_s = max(earliest_s, self._queue[0].due_s)
            self._timer = self._medium.loop.call_at(due_s, self._arrive, context=self.receiver.context)

    def _arrive(self) -> None:
        self._timer = None
        if not self._queue:
            return
        if self._medium.links.is_cut(self.source, self.target):
            loop, context = self._medium.loop, self.sender.context
            self._patience = loop.call_later(RETRANSMISSION_LIMIT_S, self._give_up, context=context)
            return
        kind, data, _ = self._queue.popleft()
        elapsed_s = self._medium.clock.elapsed()
        self._medium.transcript.record(elapsed_s, self._connection, self._direction, kind.value, data)
        self._arm(0.0)
        self.receiver.receive(kind, data)

    def _give_up(self) -> None:
        self._patience = None
        self._failed = True
        self._forget_queue()
        self.sender.fail(TimeoutError(ETIMEDOUT, "Connection timed out"))

    def _forget_queue(self) -> None:
        self._unread -= sum(len(segment.data) for segment in self._queue)
        self._queue.clear()
