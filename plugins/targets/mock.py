"""`mock:`: the mock cluster that librdkafka has inside, as another judged broker. It lives in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from kafka_conformance.harness.errors import TargetError, UsageError
from kafka_conformance.harness.target import Address, Target

MOST_BROKERS = 100
START_WITHIN_S = 10.0


class MockTarget(Target):
    """A producer whose bootstrap is its own mock cluster; it lasts as long as the producer."""

    def __init__(self, name: str, brokers: int) -> None:
        super().__init__(name)
        self._brokers = brokers
        self._host: Any = None
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
        import confluent_kafka

        try:
            self._host = confluent_kafka.Producer({"test.mock.num.brokers": self._brokers, "log_level": 0})
            metadata = self._host.list_topics(timeout=START_WITHIN_S)
        except confluent_kafka.KafkaException as error:
            self.stop()
            raise TargetError("start", str(error)) from error
        self._addresses = [(broker.host, broker.port) for broker in metadata.brokers.values()]

    @override
    def stop(self) -> None:
        self._host = None


def create(argument: str, name: str) -> MockTarget:
    """From brokers=N. Raises UsageError, also where confluent-kafka is not installed."""
    from importlib.util import find_spec

    if find_spec("confluent_kafka") is None:
        raise UsageError("needs confluent-kafka: pip install 'kafka-conformance[clients]'", key="mock")
    key, _, number = (argument or "brokers=1").partition("=")
    if key != "brokers" or not number.isdecimal() or not 0 < int(number) <= MOST_BROKERS:
        raise UsageError("expected an option", key="mock", value=argument, allowed=f"brokers=1 to {MOST_BROKERS}")
    return MockTarget(name, int(number))
