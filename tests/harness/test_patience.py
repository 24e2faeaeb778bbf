"""A wait is cut only where the same thing was waited for in full, in vain, for a minute, with nothing in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafka_conformance.harness import patience as module
from kafka_conformance.harness.patience import ENOUGH_IN_VAIN_S, LONG_WAIT_S, SHORT_WAIT_S, Patience
from kafka_conformance.harness.wire.errors import NoAnswer
from kafka_conformance.protocol.frames import encode_response
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from tests.harness.scripted_server import connected, correlation_id


def waited_in_vain(patience: Patience, what: str, times: int) -> None:
    for _ in range(times):
        patience.waited_in_vain(what, 30.0, 30.0)


def test_the_first_waits_are_full_and_the_next_are_short() -> None:
    patience = Patience()
    for _ in range(2):
        assert patience.limit_s("Heartbeat v0", 30.0) == 30.0
        assert patience.waited_in_vain("Heartbeat v0", 30.0, 30.0) == ""

    assert patience.limit_s("Heartbeat v0", 30.0) == SHORT_WAIT_S
    assert "before, 60 s altogether" in patience.waited_in_vain("Heartbeat v0", SHORT_WAIT_S, 30.0)
    assert patience.limit_s("Heartbeat v1", 30.0) == 30.0, "of something else nothing is known"


def test_one_wait_of_more_than_a_minute_is_enough() -> None:
    patience = Patience()
    assert patience.waited_in_vain("compaction", ENOUGH_IN_VAIN_S + 30.0, ENOUGH_IN_VAIN_S + 30.0) == ""
    assert patience.limit_s("compaction", 90.0) == SHORT_WAIT_S


def test_processes_that_judge_together_wait_in_full_but_once(tmp_path: Path) -> None:
    first, second = (Patience(str(tmp_path / "known")) for _ in range(2))
    waited_in_vain(first, "Heartbeat v0", 1)
    assert second.limit_s("Heartbeat v0", 30.0) == 30.0
    waited_in_vain(second, "Heartbeat v0", 1)
    waited_in_vain(second, "Heartbeat v1", 2)

    assert [each.limit_s("Heartbeat v0", 30.0) for each in (first, second)] == [SHORT_WAIT_S] * 2
    first.was_done("Heartbeat v0")
    assert [each.limit_s("Heartbeat v0", 30.0) for each in (first, second)] == [30.0] * 2
    assert [each.limit_s("Heartbeat v1", 30.0) for each in (first, second)] == [SHORT_WAIT_S] * 2
    for each in (first, second):
        each.close()


def test_what_was_done_once_is_waited_for_in_full_again() -> None:
    patience = Patience()
    waited_in_vain(patience, "Heartbeat v0", 5)
    patience.was_done("Heartbeat v0")
    assert patience.limit_s("Heartbeat v0", 30.0) == 30.0


def test_a_wait_that_is_about_time_is_neither_cut_nor_counted() -> None:
    patience = Patience()
    for _ in range(10):
        patience.waited_in_vain("Fetch v4", LONG_WAIT_S / 2, LONG_WAIT_S / 2)
    assert patience.limit_s("Fetch v4", 30.0) == 30.0
    waited_in_vain(patience, "Fetch v4", 2)
    assert patience.limit_s("Fetch v4", LONG_WAIT_S / 2) == LONG_WAIT_S / 2


def test_a_finding_says_that_its_wait_was_cut_and_a_late_answer_makes_waits_full_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ENOUGH_IN_VAIN_S", 0.04)
    monkeypatch.setattr(module, "LONG_WAIT_S", 0.02)
    monkeypatch.setattr(module, "SHORT_WAIT_S", 0.01)
    asked: list[bytes] = []

    def answers_the_fourth(frame: bytes) -> bytes | None:
        asked.append(frame)
        return b"".join(encode_response(HeartbeatResponse(), 0, correlation_id(frame))) if len(asked) == 4 else None

    with connected(answers_the_fourth) as (connection, _):
        for _ in range(2):
            with pytest.raises(NoAnswer, match=r"within 0\.02 s$"):
                connection.send(HeartbeatRequest(), version=0, within_s=0.02)
        with pytest.raises(NoAnswer, match=r"within 0.01 s, cut short: .* before, 0\.04 s altogether"):
            connection.send(HeartbeatRequest(), version=0, within_s=0.02)

        late = connection.start(HeartbeatRequest(), version=0, within_s=0.02)
        assert connection.is_closed(within_s=0.1) is False
        assert late.done
        with pytest.raises(NoAnswer, match=r"within 0\.02 s$"):
            connection.send(HeartbeatRequest(), version=0, within_s=0.02)
