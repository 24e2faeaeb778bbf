"""The links between the nodes of a cluster, over which followers fetch and brokers speak with the controller.

As over TCP, what is sent while a link is cut or a node is frozen waits, and arrives when that ends; whoever waits for
too long gives up by itself. Nothing here knows what is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kafka_conformance.reference_broker.environment import Environment

CONTROLLER = 0
"""The controller's place among the nodes; brokers have their ids."""
AT_ONCE = (0.0, 0.0)

Pair = tuple[int, int]
_Parcel = tuple[Callable[..., object], tuple[Any, ...]]


class Links:
    """One link for each direction between two nodes. `latency`: bounds in seconds, of which each delivery draws."""

    def __init__(self, env: Environment, latency: tuple[float, float] = AT_ONCE) -> None:
        self._loop = env.loop
        self._random = env.random
        self._latency = latency
        self._cut: set[Pair] = set()
        self._frozen: set[int] = set()
        self._slow_s: dict[Pair, float] = {}
        self._held: dict[Pair, list[_Parcel]] = {}
        self._last_arrival_s: dict[Pair, float] = {}

    def send(self, source: int, target: int, deliver: Callable[..., object], *args: Any) -> None:
        """Have `deliver` called at the target: never before this returns, and in the order of sending."""
        pair = source, target
        if self.is_cut(source, target):
            self._held.setdefault(pair, []).append((deliver, args))
            return
        latency_s = self.latency_s(source, target)
        if not latency_s:
            self._loop.call_soon(self._arrive, pair, deliver, args)
            return
        arrival_s = max(self._loop.time() + latency_s, self._last_arrival_s.get(pair, 0.0))
        self._last_arrival_s[pair] = arrival_s
        self._loop.call_at(arrival_s, self._arrive, pair, deliver, args)

    def latency_s(self, source: int, target: int) -> float:
        """Draw the seconds that a delivery takes."""
        least, most = self._latency
        drawn = self._random.uniform(least, most) if most else 0.0
        return drawn + self._slow_s.get((source, target), 0.0)

    def _arrive(self, pair: Pair, deliver: Callable[..., object], args: tuple[Any, ...]) -> None:
        if self.is_cut(*pair):  # it was cut meanwhile
            self._held.setdefault(pair, []).append((deliver, args))
        else:
            deliver(*args)

    def is_cut(self, source: int, target: int) -> bool:
        """Whether nothing gets through now."""
        if not self._cut and not self._frozen:
            return False
        return (source, target) in self._cut or source in self._frozen or target in self._frozen

    def cut(self, a: int, b: int, *, one_way: bool = False) -> None:
        """Let nothing through from `a` to `b`, nor back unless `one_way`."""
        self._cut.add((a, b))
        if not one_way:
            self._cut.add((b, a))

    def slow(self, a: int, b: int, extra_ms: float) -> None:
        """Add `extra_ms` to each delivery between `a` and `b`, both ways; 0 ends it."""
        for pair in ((a, b), (b, a)):
            self._slow_s[pair] = extra_ms / 1000

    def heal(self, a: int | None = None, b: int | None = None) -> None:
        """End what was done to the link between `a` and `b`, to all links of `a`, or to all links."""
        for pair in [*self._cut, *self._slow_s]:
            if (a is None or a in pair) and (b is None or b in pair):
                self._cut.discard(pair)
                self._slow_s.pop(pair, None)
        self._deliver_held()

    def freeze(self, node_id: int) -> None:
        """A node neither sends nor receives, as if its process stood still."""
        self._frozen.add(node_id)

    def thaw(self, node_id: int) -> None:
        """It goes on; what has waited for it arrives."""
        self._frozen.discard(node_id)
        self._deliver_held()

    def forget(self, node_id: int) -> None:
        """A node's process is gone, and with it what it had sent and what waits for it."""
        self._frozen.discard(node_id)
        for pair in [pair for pair in self._held if node_id in pair]:
            del self._held[pair]
        self._deliver_held()

    def _deliver_held(self) -> None:
        for pair in [pair for pair in self._held if not self.is_cut(*pair)]:
            for deliver, args in self._held.pop(pair):
                self.send(*pair, deliver, *args)
