"""Every built-in client adapter keeps the contract, against the reference broker."""

import pytest

from kafka_conformance.harness.client import ClientAdapter
from kafka_conformance.harness.contracts import ClientContract
from kafka_conformance.harness.target import Target
from kafka_conformance.plugins.builtin import make_registry


class OnTheReferenceBroker(ClientContract):
    kind: str
    target_text = "reference"

    @classmethod
    def make_target(cls) -> Target:
        return make_registry().target(cls.target_text)

    @classmethod
    def make_client(cls, target: Target) -> ClientAdapter:
        return make_registry().client(cls.kind).create(target)


class TestWire(OnTheReferenceBroker):
    kind = "wire"


class TestWireInVirtualTime(OnTheReferenceBroker):
    kind = "wire"
    target_text = "sim"


class TestAiokafka(OnTheReferenceBroker):
    kind = "aiokafka"


class TestAiokafkaInVirtualTime(OnTheReferenceBroker):
    kind = "aiokafka"
    target_text = "sim"


@pytest.mark.slow
class TestConfluent(OnTheReferenceBroker):
    kind = "confluent"


@pytest.mark.slow
class TestKafkaPython(OnTheReferenceBroker):
    kind = "kafka-python"
