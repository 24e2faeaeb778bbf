"""The built-in clients. Listing them imports none of them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from kafka_conformance.harness.client import ClientAdapter, ClientKind
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.target import Target


class _Library:
    """Makes the adapter of a module beside this one, if the library that it drives is installed."""

    def __init__(self, module: str, adapter: str, package: str) -> None:
        self._module = module
        self._adapter = adapter
        self._package = package

    def __call__(self, target: Target) -> ClientAdapter:
        if find_spec(self._package) is None:
            needed = "pip install 'kafka-conformance[clients]'"
            raise UsageError(f"the library is not installed: {needed}", key="client", value=self._package)
        module = import_module(f"kafka_conformance.plugins.clients.{self._module}")
        adapter: ClientAdapter = getattr(module, self._adapter)(target)
        return adapter


def _kind(
    kind: str, summary: str, module: str, adapter: str, package: str, *, virtual_time: bool = False
) -> ClientKind:
    return ClientKind(kind, summary, _Library(module, adapter, package), virtual_time, package)


CLIENT_KINDS = (
    _kind("wire", "our own raw protocol client", "wire", "WireClient", "kafka_conformance", virtual_time=True),
    _kind("confluent", "confluent-kafka (librdkafka)", "confluent", "ConfluentClient", "confluent_kafka"),
    _kind("kafka-python", "kafka-python", "kafka_python", "KafkaPythonClient", "kafka"),
    _kind("aiokafka", "aiokafka", "aiokafka", "AiokafkaClient", "aiokafka", virtual_time=True),
)
