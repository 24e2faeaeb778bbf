"""The cases of jepsen/tests/kafka_test.clj (jepsen-io/jepsen, c4c7473d) for what we check too, in our words."""

from __future__ import annotations

import pytest

from tests.harness.checkers.jepsen import Op, jepsen_history
from tests.harness.checkers.judging import judged, violations, witnesses


def found(ops: list[Op], check: str, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[column] for column in columns) for row in witnesses(jepsen_history(ops), check)]


INFO_CONFLICT: list[Op] = [
    (0, "info", "send", [("send", "x", (0, 1)), ("send", "y", 1)]),
    (1, "ok", "send", [("send", "x", (0, 2))]),
]


def test_an_offset_of_a_send_that_nobody_knows_of_does_not_conflict() -> None:
    assert found(INFO_CONFLICT, "inconsistent_offsets", "off") == []


def test_it_conflicts_once_another_record_of_it_was_read() -> None:
    ops = [*INFO_CONFLICT, (2, "ok", "poll", [("poll", {"y": [(5, 1)]})])]
    assert found(ops, "inconsistent_offsets", "tp", "off", "val_low", "val_high") == [("x", 0, "x 1", "x 2")]


def test_conflicting_versions_of_an_offset_are_found() -> None:
    ops: list[Op] = [
        (0, "ok", "txn", [("poll", {"x": [(0, "a"), (1, "b")]})]),
        (1, "info", "txn", [("send", "x", (1, "c")), ("send", "x", (3, "b")), ("send", "x", (4, "d"))]),
        (2, "info", "txn", [("send", "x", "a")]),
    ]
    assert found(ops, "inconsistent_offsets", "tp", "off") == [("x", 1)]
    acknowledged: list[Op] = [
        (379, "ok", "send", [("send", "11", (537, 641))]),
        (363, "ok", "send", [("send", "11", (537, 645))]),
    ]
    assert found(acknowledged, "inconsistent_offsets", "off", "val_low", "val_high") == [(537, "11 641", "11 645")]


def test_a_read_of_a_failed_write_is_an_aborted_read() -> None:
    ops: list[Op] = [
        (0, "fail", "send", [("send", "x", 2), ("send", "y", 3)]),
        (1, "ok", "poll", [("poll", {"x": [(0, 2)]})]),
    ]
    assert found(ops, "aborted_read", "op", "send_op", "tp", "val") == [(1, 0, "x", "x 2")]


def test_what_lies_below_a_read_and_was_not_read_is_lost() -> None:
    consistent: list[Op] = [
        (0, "ok", "send", [("send", "x", (0, "a"))]),
        (0, "ok", "send", [("send", "x", (1, "b")), ("send", "x", (3, "d"))]),
        (1, "info", "send", [("send", "x", "c")]),
        (0, "ok", "poll", [("poll", {"x": [(2, "c")]})]),
    ]
    assert found(consistent, "lost_write", "op", "val", "off", "high") == [(0, "x a", 0, 2), (1, "x b", 1, 2)]
    inconsistent: list[Op] = [
        (0, "ok", "send", [("send", "x", (0, "a"))]),
        (0, "ok", "send", [("send", "x", (0, "b")), ("send", "x", (2, "c"))]),
        (0, "ok", "poll", [("poll", {"x": [(0, "b"), (2, "c")]})]),
    ]
    assert found(inconsistent, "lost_write", "op", "val", "off") == [(0, "x a", 0)]


def test_a_transaction_that_nobody_knows_of_can_lose_a_record_only_if_another_one_was_read() -> None:
    ops: list[Op] = [
        (0, "info", "send", [("send", "x", "a"), ("send", "y", (0, "b"))]),
        (1, "info", "send", [("send", "y", "c")]),
        (3, "ok", "poll", [("poll", {"y": [(1, "c")]})]),
    ]
    assert found(ops, "lost_write", "val") == []
    ops.insert(2, (2, "ok", "poll", [("poll", {"x": [(0, "a")]})]))
    assert found(ops, "lost_write", "op", "tp", "val", "off", "high") == [(0, "y", "y b", 0, 1)]
    assert found(ops, "torn_transaction", "txn", "val", "read_val") == [(0, "y b", "x a")]


SKIPS: list[Op] = [
    (0, "ok", "poll", [("poll", {"x": [(1, "a"), (2, "b")]})]),
    (1, "ok", "poll", [("poll", {"x": [(3, "c")]})]),
    (0, "ok", "poll", [("poll", {"x": [(4, "d")]})]),
    (2, "ok", "send", [("send", "x", (6, "f"))]),
    (0, "ok", "poll", [("poll", {"x": [(7, "g")]})]),
    (3, "info", "send", [("send", "x", value) for value in "abcdg"]),
]


def with_assignments(ops: list[Op], first: int, second: int, keys: list[str]) -> list[Op]:
    subscribe, assign = (0, "ok", "subscribe", keys), (0, "info", "assign", keys)
    return [*ops[:first], subscribe, *ops[first:second], assign, *ops[second:]]


def test_a_poll_that_leaves_out_what_is_known_to_exist_skips() -> None:
    skips = [("x", 2, 4, 3), ("x", 4, 7, 6)]
    columns = ("tp", "before_off", "off", "skipped_off")
    assert found(SKIPS, "poll_skip", *columns) == skips
    assert found(with_assignments(SKIPS, 2, 3, ["x", "y"]), "poll_skip", *columns) == skips
    assert found(with_assignments(SKIPS, 2, 3, ["y"]), "poll_skip", *columns) == []


def sent(count: int) -> Op:
    return (0, "ok", "send", [("send", "x", (value, value)) for value in range(count)])


def polled(outcome: str, *offsets: int) -> Op:
    return (1, outcome, "txn", [("poll", {"x": [(off, off) for off in offsets]})])


def test_a_transaction_that_did_not_commit_is_read_again() -> None:
    ops = [sent(3), polled("ok", 0), polled("fail", 1, 2), polled("info", 1, 2), polled("ok", 1, 2)]
    assert violations(jepsen_history(ops)) == set()


def test_reading_on_behind_an_aborted_transaction_skips() -> None:
    columns = ("before_op", "op", "before_off", "off")
    ops = [sent(6), polled("ok", 0), polled("fail", 1, 2), polled("fail", 3, 4), polled("ok", 5)]
    assert found(ops, "poll_skip", *columns) == [(1, 3, 0, 3), (1, 4, 0, 5)]
    ops = [sent(6), polled("ok", 0), polled("fail", 1, 2), polled("info", 3, 4)]
    assert found(ops, "poll_skip", *columns) == [(1, 3, 0, 3)]


def test_a_poll_that_goes_back_is_not_monotonic() -> None:
    ops: list[Op] = [
        (0, "ok", "send", [("send", "x", value) for value in "abcd"]),
        (0, "ok", "poll", [("poll", {"x": [(1, "a"), (2, "b"), (3, "c")]})]),
        (0, "ok", "poll", [("poll", {"x": [(2, "b"), (3, "c"), (4, "d")]})]),
    ]
    for given_up in ([], ["subscribe"], ["assign"]):
        for keys in (["x", "y"], ["y"]):
            assigned: list[Op] = [(0, "ok", f, keys) for f in given_up]
            back = [] if given_up and keys == ["y"] else [("x", 3, 2)]
            assert found([*ops[:2], *assigned, ops[2]], "nonmonotonic_poll", "tp", "before_off", "off") == back


def test_a_send_that_lies_before_an_earlier_one_is_not_monotonic() -> None:
    ops: list[Op] = [
        (0, "ok", "send", [("send", "x", (3, "c")), ("send", "x", (4, "d"))]),
        (0, "ok", "send", [("send", "x", (1, "a")), ("send", "x", (2, "b"))]),
    ]
    columns = ("tp", "before_off", "off", "before_op", "op")
    assert found(ops, "nonmonotonic_send", *columns) == [("x", 4, 1, 0, 1)]
    assert found([ops[0], (0, "ok", "assign", ["y"]), ops[1]], "nonmonotonic_send", *columns) == []


def test_polls_of_one_transaction_skip_and_go_back() -> None:
    skip: list[Op] = [
        (1, "info", "send", [("send", "x", value) for value in "abd"]),
        (0, "ok", "poll", [("poll", {"x": [(1, "a"), (4, "d")]})]),
        (2, "ok", "poll", [("poll", {"x": [(1, "a")]}), ("poll", {"x": [(4, "d")]})]),
        (3, "ok", "poll", [("poll", {"x": [(2, "b")]})]),
    ]
    columns = ("op", "before_off", "off")
    assert found(skip, "int_poll_skip", *columns, "skipped_off") == [(1, 1, 4, 2), (2, 1, 4, 2)]
    back: list[Op] = [
        (0, "info", "send", [("send", "x", value) for value in "abc"]),
        (0, "ok", "poll", [("poll", {"x": [(3, "c"), (1, "a")]})]),
        (1, "ok", "poll", [("poll", {"x": [(2, "b"), (3, "c")]}), ("poll", {"x": [(3, "c")]})]),
    ]
    assert found(back, "int_nonmonotonic_poll", *columns) == [(1, 3, 1), (2, 3, 3)]


def test_sends_of_one_transaction_go_back_as_acknowledged_and_as_read() -> None:
    ops: list[Op] = [
        (0, "ok", "send", [("send", "x", (3, "c")), ("send", "x", (1, "a"))]),
        (1, "info", "send", [("send", "y", "d"), ("send", "y", "b")]),
        (2, "info", "send", [("send", "y", "c")]),
        (3, "ok", "poll", [("poll", {"y": [(2, "b"), (3, "c"), (4, "d")]})]),
    ]
    columns = ("tp", "before_off", "off", "op")
    assert found(ops, "int_nonmonotonic_send", *columns) == [("x", 3, 1, 0), ("y", 4, 2, 1)]


def test_records_of_others_between_those_of_one_transaction_are_normal() -> None:
    ops: list[Op] = [
        (0, "ok", "send", [("send", "x", (1, "a")), ("send", "x", "c")]),
        (1, "info", "send", [("send", "x", "b")]),
        (2, "ok", "poll", [("poll", {"x": [(1, "a"), (2, "b"), (3, "c")]})]),
    ]
    assert violations(jepsen_history(ops)) == set()


def test_a_value_at_two_offsets_is_a_duplicate() -> None:
    basic: list[Op] = [
        (0, "ok", "send", [("send", "x", (1, "a"))]),
        (1, "info", "send", [("send", "x", "b")]),
        (2, "ok", "poll", [("poll", {"x": [(2, "b"), (3, "a")]})]),
    ]
    assert found(basic, "duplicate", "val", "off", "other_off") == [("x a", 1, 3)]
    aborted: list[Op] = [
        (0, "ok", "send", [("send", "x", (1, 0))]),
        (0, "fail", "send", [("send", "x", (2, 1))]),
        (1, "fail", "poll", [("poll", {"x": [(11, 0), (12, 1)]})]),
    ]
    assert found(aborted, "duplicate", "val", "off", "other_off") == [("x 0", 1, 11)]


def test_many_values_at_the_same_two_offsets_are_all_duplicates() -> None:
    ops: list[Op] = []
    for value in range(10):
        ops += [
            (0, "ok", "send", [("send", "x", (0, value))]),
            (1, "ok", "poll", [("poll", {"x": [(1, value)]})]),
        ]
    assert {val for (val,) in found(ops, "duplicate", "val")} == {f"x {value}" for value in range(10)}
    assert found(ops, "inconsistent_offsets", "off") == [(0,), (1,)]


def test_a_history_in_which_nothing_was_sent_or_read_is_unknown() -> None:
    verdict = judged(jepsen_history([(0, "ok", "assign", ["x"])]))
    assert verdict.judgement == "unknown"
    assert verdict.reasons == ["the history is empty: nothing was sent", "the history is unread: no record was polled"]


@pytest.mark.parametrize(("length", "unseen"), [(2, ["x a", "x b"]), (3, ["x b"]), (4, [])])
def test_what_was_acknowledged_and_not_read_yet_is_unseen(length: int, unseen: list[str]) -> None:
    ops: list[Op] = [
        (0, "ok", "poll", [("poll", {})]),
        (0, "ok", "send", [("send", "x", (0, "a")), ("send", "x", (1, "b"))]),
        (0, "ok", "poll", [("poll", {"x": [(0, "a")]})]),
        (0, "ok", "poll", [("poll", {"x": [(1, "b")]})]),
    ]
    assert [val for (val,) in found(ops[:length], "unseen", "val")] == unseen


def test_circles_of_writes_are_normal() -> None:
    ops: list[Op] = [
        (0, "ok", "send", [("send", "x", (0, "a")), ("send", "y", (1, "a"))]),
        (1, "ok", "send", [("send", "x", (1, "b")), ("send", "y", (0, "b"))]),
        (2, "ok", "poll", [("poll", {"x": [(0, "a"), (1, "b")], "y": [(0, "b"), (1, "a")]})]),
    ]
    assert violations(jepsen_history(ops)) == set()
    with_a_read: list[Op] = [
        (0, "ok", "txn", [("send", "x", (0, "a")), ("send", "y", (2, "c"))]),
        (1, "ok", "txn", [("poll", {"x": [(0, "a")]}), ("send", "y", (1, "b"))]),
    ]
    assert violations(jepsen_history(with_a_read)) == set()


def test_transactions_that_read_each_other_are_a_circle() -> None:
    ops: list[Op] = [
        (0, "ok", "txn", [("send", "x", (0, "a")), ("poll", {"y": [(0, "b")]})]),
        (1, "ok", "txn", [("send", "y", (0, "b")), ("poll", {"x": [(0, "a")]})]),
    ]
    assert found(ops, "circular_reads", "writer", "reader", "val") == [(0, 1, "x a"), (1, 0, "y b")]


def test_a_transaction_that_reads_its_own_record_read_it_before_it_was_committed() -> None:
    ops: list[Op] = [(0, "ok", "txn", [("send", "x", (0, "a")), ("poll", {"x": [(0, "a")]})])]
    assert found(ops, "precommitted_read", "op", "tp", "val") == [(0, "x", "x a")]
