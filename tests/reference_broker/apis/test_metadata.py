"""Metadata, as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafka_conformance.protocol.primitives import ZERO_UUID
from tests.reference_broker.wire import RunningCluster, Wire


def asked(*names: str | None, **options: Any) -> MetadataRequest:
    return MetadataRequest(topics=[MetadataRequestTopic(name=name) for name in names], **options)


def test_an_unknown_topic_is_created_only_after_the_answer_that_it_is_not_there(wire: Wire) -> None:
    name = f"auto-{uuid4()}"

    first = wire.ask(asked(name), 9).topics[0]
    assert (first.error_code, first.topic_id, first.partitions) == (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ZERO_UUID, [])

    second = wire.ask(asked(name), 12).topics[0]
    assert second.error_code == ErrorCode.NONE
    assert second.topic_id != ZERO_UUID
    assert [each.leader_id for each in second.partitions] == [1]


def test_version_1_creates_always_and_version_4_only_if_it_says_so(wire: Wire) -> None:
    old, new = f"old-{uuid4()}", f"new-{uuid4()}"

    for _ in range(2):
        wire.ask(asked(old), 1)
        wire.ask(asked(new, allow_auto_topic_creation=False), 4)

    assert wire.ask(asked(old), 1).topics[0].error_code == ErrorCode.NONE
    again = wire.ask(asked(new, allow_auto_topic_creation=False), 4)
    assert again.topics[0].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "a/b", "ä", "x" * 250])
def test_names_that_no_topic_can_have_are_refused(wire: Wire, name: str) -> None:
    assert wire.ask(asked(name), 9).topics[0].error_code == ErrorCode.INVALID_TOPIC_EXCEPTION


def test_a_name_of_249_characters_is_fine(wire: Wire) -> None:
    name = f"{uuid4()}".ljust(249, "x")
    wire.ask(asked(name), 9)

    assert wire.ask(asked(name), 9).topics[0].error_code == ErrorCode.NONE


def test_a_null_name_without_an_id_is_an_unknown_server_error(wire: Wire) -> None:
    topic = wire.ask(asked(None), 12).topics[0]

    assert (topic.error_code, topic.name) == (ErrorCode.UNKNOWN_SERVER_ERROR, "")


def test_a_topic_is_found_by_its_id_whatever_name_stands_beside_it(running: RunningCluster, wire: Wire) -> None:
    name = running.topic()
    topic_id = wire.ask(asked(name), 12).topics[0].topic_id

    request = MetadataRequest(topics=[MetadataRequestTopic(topic_id=topic_id, name="other")])
    assert wire.ask(request, 12).topics[0].name == name


def test_an_unknown_id_is_answered_without_a_name(wire: Wire) -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(topic_id=uuid4().bytes, name=None)])

    topic = wire.ask(request, 12).topics[0]
    assert (topic.error_code, topic.name) == (ErrorCode.UNKNOWN_TOPIC_ID, None)


@pytest.mark.parametrize("version", [10, 11])
def test_ids_are_refused_in_the_versions_that_only_answer_with_them(wire: Wire, version: int) -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(topic_id=uuid4().bytes, name="a")])

    assert wire.ask(request, version).topics[0].error_code == ErrorCode.INVALID_REQUEST


def test_null_asks_for_all_topics_and_an_empty_list_for_none_but_in_version_0(
    running: RunningCluster, wire: Wire
) -> None:
    name = running.topic()

    def names(topics: list[MetadataRequestTopic] | None, version: int) -> list[str]:
        return [topic.name for topic in wire.ask(MetadataRequest(topics=topics), version).topics]

    assert name in names(None, 1)
    assert name in names([], 0)
    assert names([], 1) == []


def test_a_topic_that_is_named_twice_is_answered_once(running: RunningCluster, wire: Wire) -> None:
    name = running.topic()

    assert [topic.name for topic in wire.ask(asked(name, name), 9).topics] == [name]


def test_all_operations_are_authorized_where_nobody_authorizes(running: RunningCluster, wire: Wire) -> None:
    request = asked(
        running.topic(), include_topic_authorized_operations=True, include_cluster_authorized_operations=True
    )

    response = wire.ask(request, 8)

    assert response.topics[0].topic_authorized_operations == 3576
    assert response.cluster_authorized_operations == 8096
    assert wire.ask(asked(running.topic()), 9).topics[0].topic_authorized_operations == -(2**31)


def test_a_deleted_topic_is_not_found_by_its_id(running: RunningCluster, wire: Wire) -> None:
    from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest

    name = running.topic()
    topic_id = wire.ask(asked(name), 12).topics[0].topic_id
    assert wire.ask(DeleteTopicsRequest(topic_names=[name], timeout_ms=1000), 4).responses[0].error_code == 0

    request = MetadataRequest(topics=[MetadataRequestTopic(topic_id=topic_id, name=None)])
    assert wire.ask(request, 12).topics[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_little_is_done_before_the_first_metadata_is_answered() -> None:
    def cpu_seconds() -> float:
        with RunningCluster() as running, running.wire() as wire:
            wire.ask(MetadataRequest(topics=None), 9)
            return running.thread.call(time.thread_time)

    cpu_seconds()  # imports, and compiles codecs

    assert min(cpu_seconds() for _ in range(3)) < 0.03
