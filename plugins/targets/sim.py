"""`sim:`: the reference broker in virtual time: an hour's wait takes no time, and a seed always gives the same run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from typing_extensions import override

from kafka_conformance.plugins.targets.embedded import SHARED_KEYS, EmbeddedTarget, Options, parse_options
from kafka_conformance.reference_broker.environment import Environment
from kafka_conformance.reference_broker.simulation import SimulationLoop, simulated_environment
from kafka_conformance.reference_broker.simulation.links import DEFAULT_LATENCY

T = TypeVar("T")


class SimulatedTarget(EmbeddedTarget):
    """Cluster and clients share one loop, whose clock moves only while somebody waits."""

    link_latency = DEFAULT_LATENCY
    _simulation: SimulationLoop | None = None

    def __init__(self, name: str, options: Options) -> None:
        super().__init__(name, options)
        self.capabilities |= {"virtual-time"}

    @property
    @override
    def description(self) -> str:
        return f"{super().description}, in virtual time"

    @property
    @override
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._simulated()

    @override
    def environment(self) -> Environment:
        return simulated_environment(self._simulated())

    @override
    def call(self, work: Coroutine[Any, Any, T] | Callable[[], T]) -> T:
        async def run() -> T:
            return await work if isinstance(work, Coroutine) else work()

        return self._simulated().run_until_complete(run())

    @override
    def stop(self) -> None:
        if self._cluster is not None and self._simulation is not None and not self._simulation.is_closed():
            self.call(self._cluster.stop())

    @override
    def close_loop(self) -> None:
        if self._simulation is not None and not self._simulation.is_closed():
            self._simulation.close()

    def _simulated(self) -> SimulationLoop:
        if self._simulation is None:
            seed = self.seed if self.options.seed is None else self.options.seed
            self._simulation = SimulationLoop(seed)
        return self._simulation


def create(argument: str, name: str) -> SimulatedTarget:
    """From brokers=3,rf=3,racks=a/b/c,mutant=NAME,seed=N,NAME=VALUE. Raises UsageError."""
    return SimulatedTarget(name, parse_options(argument, "sim", keys=(*SHARED_KEYS, "seed")))
