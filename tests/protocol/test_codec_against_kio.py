"""Our codec and kio's, byte for byte, both ways.

kio (Apache-2.0, generated from the same message definitions up to Kafka 4.2) is an implementation that we share no
line with.
"""

import importlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.layout import Message
from tests.protocol.message_strategies import every_message, messages

kio = pytest.importorskip("kio", reason="kio, the other codec, is not installed")

pytestmark = pytest.mark.slow

NEWER_THAN_KIO = {
    ("ApiVersions", 5),
    ("DeleteGroups", 3),
    ("StreamsGroupDescribe", 1),
    ("StreamsGroupHeartbeat", 1),
    ("StreamsGroupTopologyDescriptionUpdate", 0),
    ("TxnOffsetCommit", 6),
    ("UnregisterController", 0),
}
"""kio's definitions end with Kafka 4.2."""


def kio_module(cls: type[Message], version: int) -> str:
    api = cls.__module__.rpartition(".")[2]
    side = "request" if cls.__name__.endswith("Request") else "response"
    return f"kio.schema.{api}.v{version}.{side}"


def kio_has(cls: type[Message], version: int) -> bool:
    """Looks for the file: to import all 570 takes two seconds, also where these tests are only collected."""
    return Path(kio.__file__).parent.parent.joinpath(*kio_module(cls, version).split(".")).with_suffix(".py").exists()


PAIRS = [(cls, version) for cls, version in every_message() if kio_has(cls, version)]


def test_kio_lacks_only_what_is_newer_than_it() -> None:
    lacking = {pair for pair in every_message() if pair not in PAIRS}
    assert {(cls.__name__.removesuffix("Request").removesuffix("Response"), v) for cls, v in lacking} == NEWER_THAN_KIO


@pytest.mark.parametrize(("cls", "version"), PAIRS, ids=lambda value: getattr(value, "__name__", value))
@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_both_codecs_write_and_read_the_same_bytes(cls: type[Message], version: int, data: st.DataObject) -> None:
    from kio.serial import entity_reader, entity_writer

    theirs: Any = getattr(importlib.import_module(kio_module(cls, version)), cls.__name__)
    message = data.draw(messages(cls, version))

    ours = b"".join(encode_message(message, version))
    entity, size = entity_reader(theirs)(ours, 0)
    written = BytesIO()
    entity_writer(theirs)(written, entity)

    assert size == len(ours)
    assert written.getvalue() == ours
    assert decode_message(cls, version, memoryview(ours)) == (message, len(ours))
