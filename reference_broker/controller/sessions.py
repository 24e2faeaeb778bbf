"""Which brokers the controller has heard of lately.

Source: BrokerHeartbeatTracker, BrokerHeartbeatManager. Kafka looks for silent brokers now and then, so that it finds
one up to a quarter of the time-out later; here it is found when its session ends. A loop that stood still itself
cannot tell who was silent meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

STOOD_STILL_S = 0.1
"""A timer that runs off so late says that nothing else has run either."""


class _Session(NamedTuple):
    epoch: int
    end_s: float


class BrokerSessions:
    """The sessions of registered brokers; `expired` is told the id and epoch of one that was silent for too long."""

    def __init__(self, loop: asyncio.AbstractEventLoop, timeout_ms: int, expired: Callable[[int, int], object]) -> None:
        self._loop = loop
        self._timeout_s = timeout_ms / 1000
        self._expired = expired
        self._sessions: dict[int, _Session] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def touch(self, node_id: int, epoch: int) -> None:
        """A broker was heard of."""
        self._sessions[node_id] = _Session(epoch, self._loop.time() + self._timeout_s)
        if node_id not in self._timers:
            self._timers[node_id] = self._loop.call_later(self._timeout_s, self._check, node_id)

    def is_valid(self, node_id: int) -> bool:
        """Whether a broker was heard of lately."""
        return node_id in self._sessions

    def end(self, node_id: int) -> None:
        """A broker is fenced, for whatever reason."""
        self._sessions.pop(node_id, None)
        timer = self._timers.pop(node_id, None)
        if timer is not None:
            timer.cancel()

    def stop(self) -> None:
        """Watch nobody any more."""
        for node_id in list(self._timers):
            self.end(node_id)

    def _check(self, node_id: int) -> None:
        session = self._sessions[node_id]
        left_s = session.end_s - self._loop.time()
        if left_s < -STOOD_STILL_S:
            left_s = self._timeout_s
            self._sessions[node_id] = session._replace(end_s=self._loop.time() + left_s)
        if left_s > 0:
            self._timers[node_id] = self._loop.call_later(left_s, self._check, node_id)
            return
        self.end(node_id)
        self._expired(node_id, session.epoch)
