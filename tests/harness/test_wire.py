"""The raw client: answers find their requests, and everything that can go wrong has its own name."""

from __future__ import annotations

import asyncio

import pytest

from kafka_conformance.harness.subject.connection import results
from kafka_conformance.harness.violation import NotApplicable
from kafka_conformance.harness.wire.connection import open_connection
from kafka_conformance.harness.wire.errors import ConnectionClosed, NoAnswer, UnexpectedAnswer, Unreachable
from kafka_conformance.harness.wire.history import MAX_ENTRIES, History
from kafka_conformance.protocol.frames import encode_response
from kafka_conformance.protocol.messages.api_versions import ApiVersion, ApiVersionsRequest, ApiVersionsResponse
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from tests.harness.scripted_server import CLOSE, connected, correlation_id, framed


def heartbeat_answer(frame: bytes, error_code: int = 0) -> bytes:
    return b"".join(encode_response(HeartbeatResponse(error_code=error_code), 0, correlation_id(frame)))


def test_an_answer_is_decoded_and_recorded_with_its_request() -> None:
    with connected(lambda frame: heartbeat_answer(frame, 27)) as (connection, history):
        answer = connection.send(HeartbeatRequest(group_id="g"), version=0)

    assert answer == HeartbeatResponse(error_code=27)
    [exchange] = history.exchanges
    assert exchange.answer is not None
    assert [moment.event for moment in history.moments()] == ["Heartbeat v0 >", "Heartbeat v0 <"]
    assert "group_id='g'" in history.moments()[0].detail
    assert "error_code=27" in history.moments()[1].detail


def test_pipelined_answers_find_their_requests_in_whatever_order_they_come() -> None:
    asked: list[bytes] = []

    def answer_backwards(frame: bytes) -> bytes | None:
        asked.append(frame)
        if len(asked) < 3:
            return None
        return b"".join(heartbeat_answer(each, correlation_id(each)) for each in reversed(asked))

    with connected(answer_backwards) as (connection, _):
        handles = [connection.start(HeartbeatRequest(), version=0) for _ in range(3)]
        assert not any(handle.done for handle in handles)

        assert [answer.error_code for answer in results(handles)] == [0, 1, 2]
        assert [handle.exchange.arrival for handle in handles] == [2, 1, 0]


def test_an_answer_nobody_asked_for_fails_all_that_wait() -> None:
    with connected(lambda frame: framed(99)) as (connection, _), pytest.raises(UnexpectedAnswer, match="99"):
        connection.send(HeartbeatRequest(), version=0)


def test_an_answer_that_does_not_decode_says_at_which_byte() -> None:
    with connected(lambda frame: framed(0, b"\0")) as (connection, history):
        with pytest.raises(UnexpectedAnswer, match="does not decode"):
            connection.send(HeartbeatRequest(), version=0)
        assert "does not decode" in history.moments()[1].detail


def test_a_connection_that_closes_fails_the_request_that_is_unanswered_and_the_next() -> None:
    with connected(lambda frame: CLOSE) as (connection, history):
        with pytest.raises(ConnectionClosed, match="Heartbeat v0 was unanswered"):
            connection.send(HeartbeatRequest(), version=0)
        assert connection.is_closed()
        with pytest.raises(ConnectionClosed, match="nothing can be sent"):
            connection.send(HeartbeatRequest(), version=0)
        assert history.moments()[-1].event == "closed by the broker"


def test_silence_is_no_answer_and_the_connection_stays_open() -> None:
    with connected(lambda frame: None) as (connection, _):
        with pytest.raises(NoAnswer, match="Heartbeat v0 within"):
            connection.send(HeartbeatRequest(), version=0, within_s=0.01)
        assert not connection.is_closed(within_s=0)
        assert not connection.is_usable(within_s=0.01)


def test_a_frame_is_sent_as_it_is_and_answered_as_it_came() -> None:
    seen: list[bytes] = []

    def echo(frame: bytes) -> bytes:
        seen.append(frame)
        return framed(correlation_id(frame), b"whatever")

    with connected(echo) as (connection, _):
        frame = connection.encode(HeartbeatRequest(), version=0) + b""
        assert connection.send_frame(frame) == b"\0\0\0\0whatever"
    assert seen == [frame[4:]]


def test_the_highest_common_version_is_chosen_from_what_the_broker_advertises() -> None:
    def script(frame: bytes) -> bytes:
        ranges = [
            ApiVersion(api_key=12, min_version=1, max_version=3),
            ApiVersion(api_key=14, min_version=90, max_version=99),
        ]
        return b"".join(encode_response(ApiVersionsResponse(api_keys=ranges), 0, correlation_id(frame)))

    with connected(script) as (connection, _):
        assert connection.version_of(HeartbeatRequest()) == 3
        with pytest.raises(NotApplicable, match="API_VERSIONS"):
            connection.version_of(ApiVersionsRequest())


def test_an_unsupported_apiversions_is_answered_in_version_0() -> None:
    body = ApiVersionsResponse(error_code=35, api_keys=[ApiVersion(api_key=18, max_version=4)])
    with connected(lambda frame: b"".join(encode_response(body, 0, correlation_id(frame)))) as (connection, _):
        assert connection.send(ApiVersionsRequest(), version=3) == body


def test_nobody_there_is_unreachable() -> None:
    loop = asyncio.new_event_loop()
    with pytest.raises(Unreachable):
        loop.run_until_complete(open_connection("127.0.0.1", 1, History(loop.time)))
    loop.close()


def test_a_long_history_forgets_its_beginning_and_says_so() -> None:
    history = History(lambda: 0.0)
    for number in range(MAX_ENTRIES + 5):
        history.note("c", str(number))
    assert history.forgotten == 5
    assert history.moments()[0].event == "the first 5 entries were dropped"
    assert history.moments()[-1].event == str(MAX_ENTRIES + 4)


def test_a_history_begins_again_at_0_and_records_nothing_once_it_was_stopped() -> None:
    now = 10.0
    history = History(lambda: now)
    history.note("c", "before")
    now = 12.5
    history.restart()
    history.note("c", "first")
    history.stop()
    history.note("c", "tidying up")

    assert [(moment.t_ms, moment.event) for moment in history.moments()] == [(0.0, "first")]
