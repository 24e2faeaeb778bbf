"""`mock:`: the mock cluster that librdkafka has inside, as another judged broker. It lives in a child process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import ClassVar

from typing_extensions import override

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.errors import TargetError, UsageError
from kafka_conformance.harness.subject.waiting import eventually
from kafka_conformance.harness.target import Address, Target
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.plugins.targets.mock_cluster import READY, START_WITHIN_S
from kafka_conformance.plugins.targets.supervised import Supervised

MOST_BROKERS = 100


class MockTarget(Target):
    """A producer whose bootstrap is its own mock cluster; it lasts as long as the producer."""

    can_start_again: ClassVar[bool] = True

    def __init__(self, name: str, brokers: int) -> None:
        super().__init__(name)
        self._brokers = brokers
        self._supervised: Supervised | None = None
        self._addresses: list[Address] = []
        self.capabilities = frozenset({"three-nodes"} if brokers >= 3 else ())

    @property
    @override
    def description(self) -> str:
        return f"librdkafka's mock cluster, {self._brokers} brokers"

    @property
    @override
    def bootstrap(self) -> Sequence[Address]:
        return self._addresses

    @override
    def start(self) -> None:
        self._supervised = Supervised("mock")
        try:
            module = "kafka_conformance.plugins.targets.mock_cluster"
            self._supervised.start([sys.executable, "-m", module, str(self._brokers)])
            within_s = 2 * START_WITHIN_S
            found = eventually(Blocking(self.loop), self._told, within_s=within_s, what="the mock cluster is there")
        except (TargetError, ConformanceViolation) as error:
            end = self.evidence()
            self.stop()
            raise TargetError("start", f"{error}\n{end}".rstrip()) from error
        self._addresses = [_address(text) for text in found]

    @override
    def stop(self) -> None:
        if self._supervised is not None:
            self._supervised.dispose()

    @override
    def problem(self) -> str | None:
        status = None if self._supervised is None else self._supervised.ended()
        return None if status is None else f"the mock cluster ended with status {status}"

    @override
    def evidence(self) -> str:
        return "" if self._supervised is None else self._supervised.evidence()

    def _told(self) -> list[str]:
        gone = self.problem()
        if gone is not None:
            raise TargetError("start", gone)
        lines = self.evidence().splitlines()
        return next((line.removeprefix(READY).split() for line in lines if line.startswith(READY)), [])


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)


def create(argument: str, name: str) -> MockTarget:
    """From brokers=N. Raises UsageError, also where confluent-kafka is not installed."""
    from importlib.util import find_spec

    if find_spec("confluent_kafka") is None:
        raise UsageError("needs confluent-kafka: pip install 'kafka-conformance[clients]'", key="mock")
    key, _, number = (argument or "brokers=1").partition("=")
    if key != "brokers" or not number.isdecimal() or not 0 < int(number) <= MOST_BROKERS:
        raise UsageError("expected an option", key="mock", value=argument, allowed=f"brokers=1 to {MOST_BROKERS}")
    return MockTarget(name, int(number))
