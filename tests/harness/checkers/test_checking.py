"""From findings to a verdict."""

from __future__ import annotations

import pytest

from kafka_conformance.harness.checkers import checking
from kafka_conformance.harness.checkers.checking import judge, known
from kafka_conformance.harness.checkers.sqlite_engine import SqliteEngine
from kafka_conformance.harness.checkers.timeline import around
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.events import LaneKind
from kafka_conformance.harness.histories.history import Fault, History
from kafka_conformance.harness.histories.schema import Kind
from tests.harness.checkers.jepsen import Op, jepsen_history
from tests.harness.checkers.judging import judged, sqlite, violations, witnesses
from tests.harness.checkers.planting import planted

READ: list[Op] = [
    (0, "ok", "send", [("send", "x", (0, "a")), ("send", "x", (1, "b"))]),
    (1, "ok", "poll", [("poll", {"x": [(0, "a"), (1, "b")]})]),
]


def test_what_was_sent_and_read_is_ok() -> None:
    verdict = judged(jepsen_history(READ))
    assert (verdict.judgement, verdict.reasons) == ("ok", [])
    assert verdict.not_judged["lost_commit"] == "nothing is recorded in commits"
    assert verdict.not_judged["copied_wrongly"] == "nothing is recorded in records.source"


def test_an_incomplete_history_is_unknown_but_its_violations_stand() -> None:
    history = jepsen_history(READ)
    history.complete = False
    assert judged(history).judgement == "unknown"
    history = jepsen_history([*READ, (2, "ok", "poll", [("poll", {"x": [(2, "a")]})])])
    history.complete = False
    assert judged(history).judgement == "violation"


def test_what_nobody_read_to_the_end_is_unknown() -> None:
    assert judged(jepsen_history([*READ, (0, "ok", "send", [("send", "x", (2, "c"))])])).judgement == "unknown"


def test_what_is_allowed_is_not_judged() -> None:
    engine = SqliteEngine()
    engine.load(planted("duplicate"))
    assert judge(engine).found("duplicate")
    assert not judge(engine, allow=["duplicate"]).found("duplicate")
    with pytest.raises(UsageError, match="Did you mean 'duplicate'"):
        known(["duplicates"])


def test_of_very_many_witnesses_some_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    history = planted("unsent_read")
    found = judged(history).found("unsent_read")
    assert len(found) > 3
    monkeypatch.setattr(checking, "MOST_WITNESSES", 3)
    verdict = judged(history)
    assert set(verdict.found("unsent_read")) <= set(found)
    assert len(verdict.found("unsent_read")) == 3
    assert "unsent_read: it has more than 3 witnesses, of which 3 are shown" in verdict.reasons


def test_circles_among_too_many_transactions_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    history = planted("circular_reads")
    monkeypatch.setattr(checking, "MOST_EDGES", 1)
    verdict = judged(history)
    assert verdict.found("circular_reads") == ()
    assert "circular_reads: more than 1 edges are too many to search" in verdict.reasons


def plain(
    history: History, op: int, kind: Kind, rows: list[tuple[int, int]], *, asg: int = 0, isolated: int = 0
) -> None:
    for seq, (off, val) in enumerate(rows):
        history.add(
            "records", op=op, seq=seq, kind=kind, proc=op if kind is Kind.SEND else 9, asg=asg, tp=0, off=off, val=val,
            outcome=0, txn=op, isolated=isolated, began_ns=10 * op, ended_ns=10 * op + 5,
        )  # fmt: skip


def test_a_gap_that_only_a_marker_leaves_is_no_skip() -> None:
    history = History()
    plain(history, 0, Kind.SEND, [(0, 0), (2, 1)])
    plain(history, 1, Kind.POLL, [(0, 0)])
    plain(history, 2, Kind.POLL, [(2, 1)])
    assert violations(history) == set()


def test_what_read_uncommitted_saw_of_an_aborted_transaction_need_not_be_seen_by_others() -> None:
    history = History()
    plain(history, 0, Kind.SEND, [(0, 0), (2, 2)])
    history.add("records", op=1, kind=0, proc=5, tp=0, off=1, val=1, outcome=2, txn=1, isolated=1)
    plain(history, 2, Kind.POLL, [(0, 0), (1, 1), (2, 2)], asg=1)
    plain(history, 3, Kind.POLL, [(0, 0), (2, 2)], asg=2, isolated=1)
    assert violations(history) == set()


def test_a_reader_that_began_behind_a_record_has_not_lost_it() -> None:
    history = History()
    plain(history, 0, Kind.SEND, [(0, 0), (1, 1), (2, 2)])
    plain(history, 1, Kind.POLL, [(1, 1), (2, 2)])
    assert witnesses(history, "lost_write") == [{"op": 0, "tp": "0", "off": 0, "val": "0", "high": 2}]
    history.add("positions", op=1, kind=0, proc=9, asg=0, tp=0, off=1)
    assert violations(history) == set()


def test_a_reader_is_given_what_lies_where_its_assignment_began() -> None:
    history = History()
    plain(history, 1, Kind.SEND, [(0, 0), (1, 1), (2, 2)])
    plain(history, 2, Kind.POLL, [(0, 0), (1, 1), (2, 2)], asg=1)
    plain(history, 3, Kind.POLL, [(1, 1), (2, 2)], asg=2)
    history.add("positions", op=0, kind=0, proc=9, asg=1, tp=0, off=0)
    history.add("positions", op=0, kind=0, proc=9, asg=2, tp=0, off=1)
    assert violations(history) == set()
    history.tables["positions"].pop()
    history.add("positions", op=0, kind=0, proc=9, asg=2, tp=0, off=0)
    assert [(row["before_off"], row["skipped_off"]) for row in witnesses(history, "poll_skip")] == [(-1, 0)]


def test_a_position_behind_the_last_record_read_says_what_was_read_past() -> None:
    history = History()
    plain(history, 0, Kind.SEND, [(0, 0), (1, 1)])
    plain(history, 1, Kind.POLL, [(0, 0)])
    assert witnesses(history, "lost_write") == []
    history.add("positions", op=1, kind=1, proc=9, asg=0, tp=0, off=2)
    assert [row["off"] for row in witnesses(history, "lost_write")] == [1]


def test_the_lag_is_counted_from_when_the_position_stopped_being_the_end() -> None:
    """Jepsen's realtime-lag-test: positions of polls, with what was known when."""
    history = History()
    polls = [(2, 0), (6, 0), (10, 0), (12, 2), (16, 2), (22, 0), (24, 4)]
    for op, (at_ns, position) in enumerate(polls):
        history.add("positions", op=op, kind=1, proc=0, tp=0, off=position, began_ns=at_ns, ended_ns=at_ns + 1)
    sends = [(0, 4, 5), (2, 8, 9), (3, 8, 9)]
    for off, began_ns, ended_ns in sends:
        history.add(
            "records", op=100 + off, kind=0, proc=1, tp=0, off=off, val=off, outcome=0, txn=100 + off,
            began_ns=began_ns, ended_ns=ended_ns,
        )  # fmt: skip
    assert witnesses(history, "realtime_lag") == [{"proc": 0, "tp": "0", "lag_ns": 17}]


def test_the_timeline_of_a_witness_has_its_clients_partitions_and_faults() -> None:
    history = planted("lost_write")
    history.faults = [Fault("pause", "node 2", 0, 9_000_000, "for a while")]
    verdict = judged(history)
    finding = next(finding for finding in verdict.findings if finding.check.name == "lost_write")
    moments = around(sqlite(), history.names, history.faults, finding.witnesses[:1])
    assert {moment.kind for moment in moments} == {LaneKind.CLIENT, LaneKind.PARTITION, LaneKind.FAULT}
    assert [moment.t_ms for moment in moments] == sorted(moment.t_ms for moment in moments)
    lost = finding.witnesses[0]
    assert any(f"{lost['off']}:{lost['val']}" in moment.detail for moment in moments if moment.event.startswith("send"))
    assert [moment.event for moment in moments if moment.kind is LaneKind.FAULT] == ["pause", "pause ends"]
