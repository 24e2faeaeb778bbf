"""What counts as the same again where no answer came: silence for as long, and answers that answer nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import cast

import pytest

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.replay.player import Player
from kafka_conformance.harness.replay.recording import Recording, Step
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.connection import Connection
from kafka_conformance.protocol.frames import encode_request, encode_response
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from tests.harness.scripted_server import Script, connected, correlation_id, framed

REQUEST = b"".join(encode_request(HeartbeatRequest(group_id="g"), 0, 5, "c"))
NONSENSE = "answered with correlation id 99, which no request in flight has"


@dataclass
class OneConnection:
    """In the place of a cluster."""

    connection: Connection
    blocking: Blocking
    node_ids: tuple[int, ...] = ()

    def connect(self, node: int | None, name: str) -> Connection:
        return self.connection


def recording(*steps: Step, ended_ms: float = 0.0) -> Recording:
    return Recording("test", (("x/y", "MUST", "A sentence."),), "t", 1, "m", "e", "a", steps, ended_ms=ended_ms)


def played(script: Script, recorded: Recording, *, to_the_end: bool = True) -> list[str]:
    with connected(script) as (connection, _):
        cluster = OneConnection(connection, connection._blocking)
        found = Player(cast(Cluster, cluster), recorded).play(to_the_end=to_the_end)
        return [deviation.what for deviation in found]


def answers(frame: bytes) -> bytes:
    return b"".join(encode_response(HeartbeatResponse(), 0, correlation_id(frame)))


def answers_nothing_that_was_asked(frame: bytes) -> bytes:
    return framed(99)


def says_nothing(frame: bytes) -> None:
    return None


SILENT = Step(0.0, "c", request=REQUEST)


@pytest.mark.parametrize(
    ("script", "step", "expected"),
    [
        (says_nothing, SILENT, ""),
        (answers, SILENT, "there was no answer when this was recorded, and is one now"),
        (answers_nothing_that_was_asked, SILENT, NONSENSE),
        (answers_nothing_that_was_asked, replace(SILENT, problem=NONSENSE), ""),
        (says_nothing, replace(SILENT, problem=NONSENSE), f"when this was recorded, {NONSENSE}"),
        (answers, replace(SILENT, answer=answers(REQUEST[4:]), answered_ms=1.0), ""),
        (answers_nothing_that_was_asked, replace(SILENT, answer=answers(REQUEST[4:]), answered_ms=1.0), NONSENSE),
    ],
)
def test_silence_and_nonsense_are_told_apart(script: Script, step: Step, expected: str) -> None:
    found = played(script, recording(step, ended_ms=30.0))
    assert [expected in what for what in found] == [True] * bool(expected)


def test_silence_is_waited_for_as_long_as_it_was_when_recorded() -> None:
    with connected(says_nothing) as (connection, history):
        cluster = OneConnection(connection, connection._blocking)
        assert Player(cast(Cluster, cluster), recording(SILENT, ended_ms=80.0)).play() == []
        assert history.now_ms() >= 80


def test_an_answer_that_could_not_be_read_then_may_have_other_bytes_now() -> None:
    then = replace(SILENT, answer=b"\0\0\0\5\7", answered_ms=1.0, problem="does not decode")

    def malformed(frame: bytes) -> bytes:
        return framed(correlation_id(frame), b"\6")

    assert played(malformed, recording(then)) == []
    assert played(malformed, recording(replace(then, problem=""))) == ["other bytes, which do not decode"]
    assert played(answers, recording(then)) == ["it can be read now"]


def test_what_was_asked_before_the_last_attempt_is_asked_again_in_its_time() -> None:
    asked: list[bytes] = []

    def counts(frame: bytes) -> bytes:
        asked.append(frame)
        return b"".join(encode_response(HeartbeatResponse(error_code=len(asked)), 0, correlation_id(frame)))

    third = b"".join(encode_response(HeartbeatResponse(error_code=3), 0, 5))[4:]
    attempts = [Step(20.0 * n, "c", request=REQUEST, answer=third, poll=1, attempt=n) for n in (1, 2, 3)]
    assert played(counts, recording(*attempts)) == []
    assert len(asked) == 3


def test_the_pause_between_two_steps_stays_where_an_earlier_answer_takes_longer_now() -> None:
    came_s: list[float] = []

    def answers_the_first_late(frame: bytes) -> bytes | None:
        came_s.append(time.monotonic())
        if len(came_s) == 1:
            time.sleep(0.2)
        return None if len(came_s) == 2 else answers(frame)

    first = Step(0.0, "c", request=REQUEST, answer=answers(REQUEST[4:]), answered_ms=1.0)
    silent, third = replace(SILENT, at_ms=1.0), replace(first, at_ms=101.0, answered_ms=102.0)
    assert played(answers_the_first_late, recording(first, silent, third, ended_ms=102.0)) == []
    assert came_s[2] - came_s[1] >= 0.09


def test_who_would_try_again_plays_up_to_the_first_answer_that_differs() -> None:
    asked: list[bytes] = []

    def refuses(frame: bytes) -> bytes:
        asked.append(frame)
        return b"".join(encode_response(HeartbeatResponse(error_code=27), 0, correlation_id(frame)))

    step = Step(0.0, "c", request=REQUEST, answer=answers(REQUEST[4:]), answered_ms=1.0)
    steps = [replace(step, at_ms=float(at_ms)) for at_ms in (0, 2, 4)]
    assert len(played(refuses, recording(*steps), to_the_end=False)) == 1
    assert len(asked) == 2, "an answer is compared when the next step is due"
    assert len(played(refuses, recording(*steps))) == 3
