"""Our codec and that of kafka-python's protocol package, byte for byte, both ways."""

import importlib
import pkgutil
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.api_versions import ApiVersionsResponse
from tests.protocol.message_strategies import every_message, messages

kafka_protocol = pytest.importorskip("kafka.protocol", reason="kafka-python, the other codec, is not installed")

pytestmark = pytest.mark.slow


def kafka_python_classes() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for package in ("admin", "consumer", "metadata", "producer"):
        parent = importlib.import_module(f"kafka.protocol.{package}")
        for module in pkgutil.iter_modules(parent.__path__):
            for name, value in vars(importlib.import_module(f"{parent.__name__}.{module.name}")).items():
                if isinstance(value, type) and name.endswith(("Request", "Response")):
                    found[name] = value
    found.update(
        {name: value for name, value in vars(importlib.import_module("kafka.protocol.sasl")).items() if "Sasl" in name}
    )
    return found


THEIRS = kafka_python_classes()


def knows(cls: type[Message], version: int) -> bool:
    theirs = THEIRS.get(cls.__name__)
    return theirs is not None and version <= theirs.max_version


PAIRS = [(cls, version) for cls, version in every_message() if knows(cls, version)]
ABSENT = {
    "AddRaftVoter",
    "AlterShareGroupOffsets",
    "ConsumerGroupDescribe",
    "ConsumerGroupHeartbeat",
    "CreateDelegationToken",
    "DeleteShareGroupOffsets",
    "DeleteShareGroupState",
    "DescribeDelegationToken",
    "DescribeShareGroupOffsets",
    "ExpireDelegationToken",
    "GetTelemetrySubscriptions",
    "InitializeShareGroupState",
    "PushTelemetry",
    "ReadShareGroupState",
    "ReadShareGroupStateSummary",
    "RemoveRaftVoter",
    "RenewDelegationToken",
    "ShareAcknowledge",
    "ShareFetch",
    "ShareGroupDescribe",
    "ShareGroupHeartbeat",
    "StreamsGroupDescribe",
    "StreamsGroupHeartbeat",
    "StreamsGroupTopologyDescriptionUpdate",
    "UnregisterBroker",
    "UnregisterController",
    "WriteShareGroupState",
}
"""APIs that kafka-python 3.0 does not speak."""


def test_kafka_python_lacks_what_is_listed() -> None:
    lacking = {cls.__name__.removesuffix("Request").removesuffix("Response") for cls, _ in every_message()} - {
        cls.__name__.removesuffix("Request").removesuffix("Response") for cls, _ in PAIRS
    }
    assert lacking == ABSENT


@pytest.mark.parametrize(("cls", "version"), PAIRS, ids=lambda value: getattr(value, "__name__", value))
@given(data=st.data())
@settings(max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_both_codecs_write_and_read_the_same_bytes(cls: type[Message], version: int, data: st.DataObject) -> None:
    theirs = THEIRS[cls.__name__]
    message = data.draw(messages(cls, version))
    if cls is ApiVersionsResponse:
        message.error_code = 0  # theirs reads every answer with an error as version 0; Kafka does so for error 35 only

    ours = b"".join(encode_message(message, version))
    decoded = theirs.decode(ours, version=version)
    decoded._header = None  # which its encoder asks for and its decoder leaves unset
    written = decoded.encode(version=version)

    assert bytes(written) == ours
    assert decode_message(cls, version, memoryview(ours)) == (message, len(ours))
