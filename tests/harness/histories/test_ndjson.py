"""Histories as lines of JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.histories import ndjson
from kafka_conformance.harness.histories.history import History
from kafka_conformance.harness.histories.schema import column_names
from tests.harness.checkers.model import Step, played, scripts

HEADER = '{"row": "history", "version": 1}\n'
SEND = '{"row": "send", "op": 0, "proc": "p", "tp": "x", "val": "a", "outcome": "ok"}\n'
END = '{"row": "end", "rows": 1}\n'


def read(text: str) -> History:
    return ndjson.from_lines(text.encode().splitlines(keepends=True), where="h")


def cells(history: History, table: str = "records") -> list[dict[str, int]]:
    return [dict(zip(column_names(table), row, strict=True)) for row in history.tables[table]]


def named(script: list[Step]) -> History:
    history = played(script)
    for kind in ("proc", "tp", "val", "grp", "key"):
        for number in range(400):
            history.names.number(kind, f"{kind} {number} ß")
    return history


@settings(max_examples=20, deadline=None)
@given(script=scripts())
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, script: list[Step]) -> None:
    history = named(script)
    path = tmp_path_factory.mktemp("history") / "h.ndjson"
    ndjson.write(history, path)
    again = ndjson.read(path)
    ndjson.write(again, path.with_suffix(".again"))
    assert path.with_suffix(".again").read_text() == path.read_text()
    assert (again.faults, again.complete) == (history.faults, True)
    assert {name: len(rows) for name, rows in again.tables.items()} == {n: len(r) for n, r in history.tables.items()}


def test_a_row_that_says_little_gets_the_defaults() -> None:
    (row,) = cells(read(HEADER + SEND + END))
    assert (row["off"], row["seq"], row["txn"], row["isolated"], row["compacted_key"]) == (-1, 0, 0, 0, -1)


def test_a_transaction_is_numbered_by_its_first_operation_wherever_that_stands() -> None:
    in_txn = SEND.replace('"ok"', '"ok", "txn": "t"')
    later, first = in_txn.replace('"op": 0', '"op": 9'), in_txn.replace('"op": 0', '"op": 4')
    rows = cells(read(HEADER + later + first))
    assert [(row["op"], row["txn"], row["isolated"]) for row in rows] == [(9, 4, 1), (4, 4, 1)]


@pytest.mark.parametrize("cut", [HEADER + SEND, HEADER + SEND + END[:-8], HEADER + SEND + SEND[:30]])
def test_a_history_without_its_end_is_incomplete(cut: str) -> None:
    history = read(cut)
    assert not history.complete
    assert len(history.records) == 1


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "h:0:1", "it is empty"),
        (SEND, "h:1:2", "begins with its header"),
        (HEADER + HEADER, "h:2:2", "begins with its header"),
        ('{"row": "history", "version": 2}\n', "h:1:20", "a version that is not known"),
        (HEADER + "{]\n", "h:2:2", "is not JSON"),
        (HEADER + '{"row": "send", "op": NaN}\n', "h:2:1", "NaN is no JSON number"),
        (HEADER + "\xff[]\n", "h:2:1", "is not JSON"),
        (HEADER + "[]\n", "h:2:1", 'expected an object with a "row"'),
        (HEADER + '{"row": "sent"}\n', "h:2:2", "Did you mean 'send'?"),
        (HEADER + SEND.replace('"val"', '"vla"'), "h:2:50", "Did you mean 'val'?"),
        (HEADER + SEND.replace('"tp": "x", ', ""), "h:2:1", "tp: is missing"),
        (HEADER + SEND.replace('"x"', "7"), "h:2:39", "tp: expected a text, not 7"),
        (HEADER + SEND.replace('"op": 0', '"op": true'), "h:2:17", "op: expected a number of 64 bits, not True"),
        (HEADER + SEND.replace('"op": 0', f'"op": {2**63}'), "h:2:17", "op: expected a number of 64 bits"),
        (HEADER + SEND.replace('"ok"', '"okay"'), "h:2:62", "outcome: is no outcome, not 'okay'"),
        (HEADER + '{"row": "fault", "kind": "kill", "target": 1}\n', "h:2:34", "target: is no field of a fault"),
        (HEADER + '{"row": "fault", "kind": "kill", "target": "n"}\n', "h:2:1", "start_ns: is missing"),
        (HEADER + SEND + END.replace("1", "2"), "h:3:16", "rows are lost: 1 were read, not 2"),
        (HEADER + SEND + END + SEND, "h:4:1", "nothing follows the end"),
    ],
)
def test_a_broken_history_is_refused_with_the_place(text: str, place: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(text)
    assert str(refused.value).startswith(f"{place}: ")
    assert message in str(refused.value)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        ndjson.read(tmp_path / "none")
