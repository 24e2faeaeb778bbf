"""The built-in clients. Listing them imports none of them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from kafka_conformance.harness.client import ClientAdapter, ClientKind
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.target import Target


class _Library:
    """Makes the adapter of a module beside this one, if the library that it drives is installed."""

    def __init__(self, module: str, adapter: str, package: str | None = None) -> None:
        self._module = module
        self._adapter = adapter
        self._package = package

    def __call__(self, target: Target) -> ClientAdapter:
        if self._package is not None and find_spec(self._package) is None:
            needed = "pip install 'kafka-conformance[clients]'"
            raise UsageError(f"the library is not installed: {needed}", key="client", value=self._package)
        module = import_module(f"kafka_conformance.plugins.clients.{self._module}")
        adapter: ClientAdapter = getattr(module, self._adapter)(target)
        return adapter


CLIENT_KINDS = (
    ClientKind("wire", "our own raw protocol client", _Library("wire", "WireClient"), runs_in_virtual_time=True),
    ClientKind(
        "confluent", "confluent-kafka (librdkafka)", _Library("confluent", "ConfluentClient", "confluent_kafka")
    ),
    ClientKind("kafka-python", "kafka-python", _Library("kafka_python", "KafkaPythonClient", "kafka")),
    ClientKind("aiokafka", "aiokafka", _Library("aiokafka", "AiokafkaClient", "aiokafka"), runs_in_virtual_time=True),
)
