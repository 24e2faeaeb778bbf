"""`reference:`: the reference broker in a thread of this process, over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import MappingProxyType
from typing import Any, TypeVar

from typing_extensions import override

from kafka_conformance.plugins.targets.embedded import SHARED_KEYS, EmbeddedTarget, parse_options, seeded
from kafka_conformance.reference_broker.environment import Environment, SystemClock
from kafka_conformance.reference_broker.hosting.thread import LoopThread

T = TypeVar("T")


class ReferenceTarget(EmbeddedTarget):
    """Its cluster has a loop in a thread of its own; clients run on another."""

    own_settings = MappingProxyType(
        {
            "log.cleaner.backoff.ms": "100",  # so soon after writing compaction begins: 1 s by default
            # so often it looks for transactions that timed out: 10 s by default
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": "200",
        }
    )
    several_brokers_settings = MappingProxyType(
        {
            **EmbeddedTarget.several_brokers_settings,
            "broker.session.timeout.ms": "1000",  # others lead only after it: 9 s by default
            "broker.heartbeat.interval.ms": "100",  # 2 s by default
        }
    )

    _thread: LoopThread | None = None

    @override
    def environment(self) -> Environment:
        return Environment(self._running().loop, SystemClock(), seeded(self.seed))

    @override
    def call(self, work: Coroutine[Any, Any, T] | Callable[[], T]) -> T:
        return self._running().call(work)

    @override
    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            if self._cluster is not None:
                thread.call(self._cluster.stop())
            thread.stop()

    def _running(self) -> LoopThread:
        if self._thread is None:
            self._thread = LoopThread(f"kafka-conformance {self.name}").start()
        return self._thread


def create(argument: str, name: str) -> ReferenceTarget:
    """From brokers=3,rf=3,racks=a/b/c,mutant=NAME,data=DIR,NAME=VALUE. Raises UsageError."""
    return ReferenceTarget(name, parse_options(argument, "reference", keys=(*SHARED_KEYS, "data")))
