"""How long data takes from host to host, and which links are cut or slow. Links of a host to itself are never cut."""

import random

Latency = tuple[float, float]
"""Bounds in seconds; each delivery draws its own, uniformly."""

DEFAULT_LATENCY: Latency = (0.000_1, 0.001)

_EVERYWHERE = "*"


class Links:
    """The state of the links between named hosts. Changes strike what is on its way, too."""

    def __init__(self, chance: random.Random, latency: Latency = DEFAULT_LATENCY) -> None:
        self._chance = chance
        self._latency = latency
        self._cut: set[tuple[str, str]] = set()
        self._slow_s: dict[tuple[str, str], float] = {}

    def latency(self, source: str, target: str) -> float:
        """Draw the seconds that a delivery takes."""
        return self._chance.uniform(*self._latency) + self._slow_s.get((source, target), 0.0)

    def is_cut(self, source: str, target: str) -> bool:
        """Tell whether nothing gets from `source` to `target`."""
        if not self._cut or source == target:
            return False
        return not self._cut.isdisjoint({(source, target), (source, _EVERYWHERE), (_EVERYWHERE, target)})

    def cut(self, a: str, b: str = _EVERYWHERE, *, one_way: bool = False) -> None:
        """Let nothing through from `a` to `b`, nor back unless `one_way`."""
        self._cut.add((a, b))
        if not one_way:
            self._cut.add((b, a))

    def slow(self, a: str, b: str, extra_ms: float) -> None:
        """Add `extra_ms` to each delivery between `a` and `b`, both ways; 0 ends it."""
        for pair in ((a, b), (b, a)):
            self._slow_s[pair] = extra_ms / 1000

    def heal(self, a: str | None = None, b: str | None = None) -> None:
        """End what was done to the link between `a` and `b`, to all links of `a`, or to all links."""
        if a is None:
            self._cut.clear()
            self._slow_s.clear()
            return
        ended = [pair for pair in (*self._cut, *self._slow_s) if a in pair and (b is None or b in pair)]
        self._cut.difference_update(ended)
        for pair in ended:
            self._slow_s.pop(pair, None)
