"""What clients do becomes the rows of a history."""

from __future__ import annotations

from itertools import count

import pytest

from kafka_conformance.harness.checkers.anomalies import anomalies
from kafka_conformance.harness.histories.history import Fault
from kafka_conformance.harness.histories.recorder import Recorder, Seen, outcome_of, outcome_of_commit
from kafka_conformance.harness.histories.schema import Outcome, column_names
from kafka_conformance.protocol.error_codes import ErrorCode


@pytest.fixture
def recorder() -> Recorder:
    ticks = count()
    return Recorder(lambda: next(ticks) / 1000)


def rows(recorder: Recorder, table: str, *columns: str) -> list[tuple[int, ...]]:
    places = [column_names(table).index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in recorder.history.tables[table]]


def test_a_batch_that_was_acknowledged_is_a_row_for_each_record(recorder: Recorder) -> None:
    recorder.client("p").begin().sent("x-0", [b"a", b"b"], Outcome.OK, 7)
    assert rows(recorder, "records", "op", "seq", "kind", "off", "val", "outcome") == [
        (0, 0, 0, 7, 0, 0),
        (0, 1, 0, 8, 1, 0),
    ]
    assert rows(recorder, "records", "began_ns", "ended_ns") == [(0, 1_000_000)] * 2


def test_what_nobody_knows_of_never_returned_and_has_no_offset(recorder: Recorder) -> None:
    recorder.client("p").begin().sent("x-0", [b"a"], Outcome.INFO)
    assert rows(recorder, "records", "off", "outcome", "ended_ns") == [(-1, Outcome.INFO, -1)]


def test_each_assignment_has_a_number_of_its_own_and_says_where_it_began(recorder: Recorder) -> None:
    consumer = recorder.client("c")
    consumer.begin().assigned("x-0", 0)
    consumer.begin().polled("x-0", [], position=0, high_watermark=3)
    consumer.begin().assigned("x-0", 2)
    assert rows(recorder, "positions", "op", "kind", "asg", "off", "hw") == [
        (0, 0, 0, 0, -1),
        (1, 1, 0, 0, 3),
        (2, 0, 1, 2, -1),
    ]


def test_a_value_that_nobody_sent_is_found(recorder: Recorder) -> None:
    recorder.client("p").begin().sent("x-0", [b"a"], Outcome.OK, 0)
    consumer = recorder.client("c")
    consumer.begin().assigned("x-0", 0)
    consumer.begin().polled("x-0", [Seen(0, b"a"), Seen(1, None)], position=2)
    assert anomalies(recorder.history) == ["unsent_read: op 2, tp x-0, off 1, proc c"]


def test_a_value_that_is_read_before_its_producer_knows_of_it_was_sent(recorder: Recorder) -> None:
    operation, consumer = recorder.client("p").begin(), recorder.client("c")
    operation.sending([b"early"])
    reading = consumer.begin()
    reading.assigned("x-0", 0)
    reading.polled("x-0", [Seen(0, b"early")], position=1)
    operation.sent("x-0", [b"early"], Outcome.OK, 0)
    assert anomalies(recorder.history) == []


def test_a_history_without_reads_shows_nothing(recorder: Recorder) -> None:
    recorder.client("p").begin().sent("x-0", [b"a"], Outcome.OK, 0)
    assert anomalies(recorder.history) == [
        "unseen: op 0, tp x-0, off 0, val a",
        "the history is unread: no record was polled",
    ]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ErrorCode.NONE, Outcome.OK),
        (ErrorCode.PRODUCER_FENCED, Outcome.FAIL),
        (ErrorCode.NOT_LEADER_OR_FOLLOWER, Outcome.INFO),
        (ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, Outcome.INFO),
        (ErrorCode.REQUEST_TIMED_OUT, Outcome.INFO),
    ],
)
def test_what_a_producer_knows_after_an_error(error: ErrorCode, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome


def test_a_fault_lasts_from_then_until_now(recorder: Recorder) -> None:
    recorder.fault("kill", "node 1", recorder.now_ns(), "a reason")
    assert recorder.history.faults == [Fault("kill", "node 1", 0, 1_000_000, "a reason")]


def test_rows_of_a_transaction_get_its_fate_and_its_number(recorder: Recorder) -> None:
    transaction = recorder.client("p").transaction()
    transaction.begin().sent("x-0", [b"a"], Outcome.OK, 4)
    transaction.begin().sent("x-1", [b"b"], Outcome.INFO)
    transaction.begin().committed("g", "y-0", 7, Outcome.OK)
    assert rows(recorder, "records", "op") == []

    transaction.ended(Outcome.FAIL)

    assert rows(recorder, "records", "op", "txn", "off", "outcome", "isolated") == [
        (0, 0, 4, Outcome.FAIL, 1),
        (1, 0, -1, Outcome.FAIL, 1),
    ]
    assert rows(recorder, "commits", "op", "kind", "txn", "off", "outcome") == [(2, 0, 0, 7, Outcome.FAIL)]


def test_offsets_of_a_transaction_are_committed_when_it_ends(recorder: Recorder) -> None:
    transaction = recorder.client("p").transaction()
    transaction.begin().committed("g", "y-0", 7, Outcome.OK)
    transaction.ended(Outcome.OK)
    assert rows(recorder, "commits", "began_ns", "ended_ns") == [(0, 2_000_000)]


def test_what_a_transaction_was_refused_failed_whatever_becomes_of_it(recorder: Recorder) -> None:
    transaction = recorder.client("p").transaction()
    transaction.begin().sent("x-0", [b"a"], Outcome.FAIL)
    transaction.ended(Outcome.OK)
    assert rows(recorder, "records", "outcome") == [(Outcome.FAIL,)]


def test_a_value_may_be_seen_before_its_sender_knows(recorder: Recorder) -> None:
    sending = recorder.client("p").begin()
    sending.sending([b"a"])
    consumer = recorder.client("c").begin()
    consumer.assigned("x-0", 0)
    consumer.polled("x-0", [Seen(0, b"a")], position=1)
    sending.sent("x-0", [b"a"], Outcome.OK, 0)
    assert anomalies(recorder.history) == []


def test_a_copy_names_what_it_was_made_of(recorder: Recorder) -> None:
    recorder.client("p").begin().sent("x-0", [b"a"], Outcome.OK, 0)
    recorder.client("p").begin().sent("y-0", [b"copy of a"], Outcome.OK, 0, sources=[b"a"])
    value = recorder.history.names.known("val", "a")
    assert rows(recorder, "records", "source") == [(-1,), (value,)]


def test_a_commit_that_was_told_and_lost_is_found(recorder: Recorder) -> None:
    client = recorder.client("c")
    client.begin().sent("x-0", [b"a"], Outcome.OK, 0)
    client.begin().committed("g", "x-0", 3, Outcome.OK)
    client.begin().fetched_commit("g", "x-0", -1)
    assert "lost_commit: op 2, grp g, tp x-0, off -1, commit_op 1" in anomalies(recorder.history)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ErrorCode.NONE, Outcome.OK),
        (ErrorCode.ILLEGAL_GENERATION, Outcome.FAIL),
        (ErrorCode.COORDINATOR_NOT_AVAILABLE, Outcome.INFO),
        (ErrorCode.NOT_COORDINATOR, Outcome.INFO),
    ],
)
def test_what_a_member_knows_after_an_error(error: ErrorCode, outcome: Outcome) -> None:
    assert outcome_of_commit(error) is outcome
