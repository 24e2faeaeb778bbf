"""Every built-in target keeps the contract."""

import pytest

from kafka_conformance.harness.contracts import TargetContract
from kafka_conformance.harness.target import Target
from kafka_conformance.plugins.builtin import make_registry
from tests.apache_kafka import VERSION, require_apache_kafka


class Named(TargetContract):
    text: str

    @classmethod
    def make_target(cls) -> Target:
        return make_registry().target(cls.text)


class TestReference(Named):
    text = "reference"


class TestReferenceOfThreeBrokers(Named):
    text = "reference:brokers=3"


class TestSimulation(Named):
    text = "sim"


class TestSimulationOfThreeBrokers(Named):
    text = "sim:brokers=3"


class TestMockOfLibrdkafka(Named):
    text = "mock"

    @classmethod
    def make_target(cls) -> Target:
        pytest.importorskip("confluent_kafka")
        return super().make_target()


@pytest.mark.slow
class TestApacheKafka(Named):
    text = f"kafka:{VERSION}"

    @classmethod
    def make_target(cls) -> Target:
        require_apache_kafka()
        return super().make_target()
