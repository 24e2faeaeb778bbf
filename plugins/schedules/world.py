"""What the clients of a run share: time, addresses, the history that they fill, and what they found wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from kafka_conformance.harness.histories.recorder import Recorder
from kafka_conformance.harness.wire.history import History as Exchanges
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid
from kafka_conformance.reference_broker.simulation import SimulationLoop

INPUT = "orders"
OUTPUT = "copies"


class Topic(NamedTuple):
    """A topic as requests name it; the versions that are spoken here carry no ids."""

    name: str
    partitions: int
    id: Uuid = ZERO_UUID


class World:
    """Of one run."""

    def __init__(
        self,
        seed: int,
        loop: SimulationLoop,
        addresses: Mapping[int, tuple[str, int]],
        is_behind: Callable[[int], bool],
    ) -> None:
        self.seed = seed
        self.loop = loop
        self.is_behind = is_behind
        """Whether a broker has not heard yet what the controller has decided: it may speak for what others lead."""
        self._clock = loop.clock
        self.addresses = dict(addresses)
        self.recorder = Recorder(loop.time)
        self.exchanges = Exchanges(loop.time)
        self.problems: list[str] = []
        """What no checker reads: an answer that must not be, a partition with two owners, whoever does not end."""
        self.draining = asyncio.Event()
        """Nobody writes any more, nothing is broken: whoever reads ends when it has read all."""
        self.owners: dict[tuple[str, int, int], str] = {}
        """(group, generation, partition) -> the member that owns it."""

    def now_ms(self) -> int:
        """The wall clock of the simulation."""
        return self._clock.now_ms()

    def chance(self, name: str) -> Random:
        """A client's own, which no other client disturbs."""
        return Random(f"{self.seed} {name}")

    def problem(self, who: str, what: str) -> None:
        """Somebody met what must not be."""
        self.problems.append(f"{who}: {what}")
