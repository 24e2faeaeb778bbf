"""Faults on command strike the requests that they select, as often as they say."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from kafka_conformance.protocol.api_keys import ApiKey, accepted_versions
from kafka_conformance.protocol.catalogue import request_type, response_type
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.frames import encode_response
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafka_conformance.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup
from kafka_conformance.reference_broker.faults.faults import Fault
from kafka_conformance.reference_broker.faults.rules import AnswerError, Delay, Disconnect, NoAnswer, Rule, Stage
from kafka_conformance.reference_broker.faults.subjects import Subject, groups_of, subjects_of
from kafka_conformance.reference_broker.network.error_answers import error_answer
from tests.reference_broker.wire import RunningCluster, Wire, batch, fetch_request, produce, produce_request

NOT_LEADER = AnswerError(ErrorCode.NOT_LEADER_OR_FOLLOWER)


@pytest.fixture
def topic(running: RunningCluster) -> Iterator[str]:
    yield running.topic(partitions=2)
    running.thread.call(running.cluster.faults.clear)


def add(running: RunningCluster, rule: Rule) -> Fault:
    return running.thread.call(lambda: running.cluster.faults.add(rule))


def end_offset(wire: Wire, topic: str) -> int:
    offset: int = wire.ask(fetch_request(topic), 11).responses[0].partitions[0].high_watermark
    return offset


def test_an_error_is_answered_as_often_as_asked_and_the_request_not_carried_out(
    running: RunningCluster, wire: Wire, topic: str
) -> None:
    fault = add(running, Rule(NOT_LEADER, api_key=ApiKey.PRODUCE, times=2))

    errors = [produce(wire, topic, batch(b"v")).error_code for _ in range(3)]

    assert errors == [ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.NONE]
    assert (fault.count, fault.active) == (2, False)
    assert end_offset(wire, topic) == 1


def test_an_error_after_the_request_was_carried_out(running: RunningCluster, wire: Wire, topic: str) -> None:
    action = AnswerError(ErrorCode.REQUEST_TIMED_OUT, Stage.AFTER)
    add(running, Rule(action, api_key=ApiKey.PRODUCE, times=1))

    assert produce(wire, topic, batch(b"v")).error_code == ErrorCode.REQUEST_TIMED_OUT
    assert end_offset(wire, topic) == 1


def test_a_removed_fault_strikes_no_more(running: RunningCluster, wire: Wire, topic: str) -> None:
    fault = add(running, Rule(NOT_LEADER, api_key=ApiKey.PRODUCE))
    assert produce(wire, topic, batch(b"v")).error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER

    running.thread.call(fault.remove)

    assert produce(wire, topic, batch(b"v")).error_code == ErrorCode.NONE


@pytest.mark.parametrize(("stage", "written"), [(Stage.BEFORE, 0), (Stage.AFTER, 1)])
def test_a_disconnect_before_or_after_the_append(
    running: RunningCluster, wire: Wire, topic: str, stage: Stage, written: int
) -> None:
    add(running, Rule(Disconnect(stage), api_key=ApiKey.PRODUCE, times=1))
    with running.wire() as other:
        other.send(produce_request(topic, batch(b"v")), 9)
        assert other.is_closed()

    assert end_offset(wire, topic) == written


def test_no_answer_leaves_the_connection_dead_but_open(running: RunningCluster, wire: Wire, topic: str) -> None:
    add(running, Rule(NoAnswer(Stage.AFTER), api_key=ApiKey.PRODUCE, times=1))
    with running.wire() as other:
        other.send(produce_request(topic, batch(b"v")), 9)
        other.send(MetadataRequest(topics=[]), 1)
        assert other.is_silent()

    assert end_offset(wire, topic) == 1


@pytest.mark.parametrize("stage", list(Stage))
def test_a_delay_holds_an_answer_back(running: RunningCluster, wire: Wire, topic: str, stage: Stage) -> None:
    add(running, Rule(Delay(100, stage), api_key=ApiKey.PRODUCE, times=1))

    started = time.monotonic()
    assert produce(wire, topic, batch(b"v")).error_code == ErrorCode.NONE
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize(
    ("selector", "strikes"),
    [
        ({"partition": 1}, False),
        ({"partition": 0}, True),
        ({"topic": "another"}, False),
        ({"client_id": "another"}, False),
        ({"client_id": "wire"}, True),
        ({"node_id": 2}, False),
        ({"node_id": 1}, True),
        ({"group_id": "g"}, False),
        ({"connection_id": "x"}, False),
        ({}, True),
    ],
)
def test_a_rule_strikes_only_what_it_selects(
    running: RunningCluster, wire: Wire, topic: str, selector: dict[str, object], strikes: bool
) -> None:
    fault = add(running, Rule(NOT_LEADER, api_key=ApiKey.PRODUCE, **selector))  # type: ignore[arg-type]

    assert bool(produce(wire, topic, batch(b"v")).error_code) is strikes
    assert fault.count == strikes


def test_an_error_without_acknowledgement_closes_the_connection(
    running: RunningCluster, wire: Wire, topic: str
) -> None:
    add(running, Rule(NOT_LEADER, api_key=ApiKey.PRODUCE))
    wire.send(produce_request(topic, batch(b"v"), acks=0), 9)

    assert wire.is_closed()


def test_topics_partitions_and_groups_are_found_in_requests_of_any_api() -> None:
    names = {b"i" * 16: "named"}.get
    by_id = fetch_request("", partition=3)
    by_id.topics[0].topic_id = b"i" * 16

    assert set(subjects_of(by_id, names)) == {Subject("named", None), Subject("named", 3)}
    assert list(subjects_of(MetadataRequest(topics=[MetadataRequestTopic(name="t")]), names)) == [Subject("t", None)]
    assert list(groups_of(HeartbeatRequest(group_id="g"))) == ["g"]
    groups = [OffsetFetchRequestGroup(group_id="a"), OffsetFetchRequestGroup(group_id="b")]
    assert {"a", "b"} <= set(groups_of(OffsetFetchRequest(groups=groups)))


@pytest.mark.parametrize("key", sorted(accepted_versions()))
def test_every_api_can_answer_an_error_in_all_its_versions(key: ApiKey) -> None:
    request = request_type(key)
    for version in range(accepted_versions()[key].first, accepted_versions()[key].last + 1):
        answer = error_answer(request(), version, ErrorCode.UNKNOWN_SERVER_ERROR)
        if answer is not None:
            assert type(answer) is response_type(key)
            encode_response(answer, version, 1)


def test_an_error_stands_where_the_version_of_the_answer_has_it() -> None:
    asked = produce_request("t", b"", partition=4)
    (partition,) = error_answer(asked, 9, ErrorCode.REQUEST_TIMED_OUT).responses[0].partition_responses  # type: ignore
    assert (partition.index, partition.error_code, partition.base_offset) == (4, ErrorCode.REQUEST_TIMED_OUT, -1)

    fetch = error_answer(fetch_request("t"), 12, ErrorCode.REQUEST_TIMED_OUT)
    assert fetch.error_code == ErrorCode.REQUEST_TIMED_OUT  # type: ignore[union-attr]
    metadata = error_answer(MetadataRequest(topics=[MetadataRequestTopic(name="t")]), 13, ErrorCode.REQUEST_TIMED_OUT)
    assert metadata.topics[0].error_code == ErrorCode.REQUEST_TIMED_OUT  # type: ignore[union-attr]
    groups = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id="g")])
    fetched = error_answer(groups, 8, ErrorCode.NOT_COORDINATOR)
    assert fetched.groups[0].error_code == ErrorCode.NOT_COORDINATOR  # type: ignore[union-attr]
