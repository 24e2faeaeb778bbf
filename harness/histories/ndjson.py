"""A history as lines of JSON, for small ones and for people: one object for each row, in any order.

    {"row": "history", "version": 1}                                                               the first line
    {"row": "send", "op": 0, "proc": "p1", "tp": "orders-0", "off": 5, "val": "a", "outcome": "ok", "txn": "t1"}
    {"row": "poll", "op": 1, "proc": "c1", "tp": "orders-0", "off": 5, "val": "a", "outcome": "ok", "isolated": 1}
    {"row": "start" or "position", "op": 0, "proc": "c1", "tp": "orders-0", "off": 0}
    {"row": "commit" or "committed", "op": 2, "proc": "c1", "grp": "g", "tp": "orders-0", "off": 6, "outcome": "ok"}
    {"row": "added", "minimum", "sum", "maximum" or "count", "op": 0, "val": "a", "account": "alice", "amount": -5}
    {"row": "fault", "kind": "kill", "target": "node 1", "start_ns": 7, "stop_ns": 9}
    {"row": "end", "rows": 6}                                           the last line: how many rows there were

The fields are the columns of the schema. What has a name is a text; a row that says no `txn` is its own, and a `txn`
that is a text is numbered by its first operation. Reading is strict: whatever is unknown, missing or of another type is
a UsageError with file, line and column, since a history that is half understood must not become ok.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from kafka_conformance.harness.errors import UsageError, did_you_mean
from kafka_conformance.harness.histories.history import Fault, History
from kafka_conformance.harness.histories.schema import (
    TABLES,
    AmountKind,
    Column,
    CommitKind,
    Kind,
    Outcome,
    PositionKind,
)

VERSION = 1
_ROWS: Mapping[str, tuple[str, int]] = {
    "send": ("records", Kind.SEND),
    "poll": ("records", Kind.POLL),
    "start": ("positions", PositionKind.START),
    "position": ("positions", PositionKind.AFTER_POLL),
    "commit": ("commits", CommitKind.COMMIT),
    "committed": ("commits", CommitKind.FETCHED),
    **{kind.name.lower(): ("amounts", kind) for kind in AmountKind},
}
_ROW_OF = {place: name for name, place in _ROWS.items()}
_OUTCOMES = {outcome.name.lower(): outcome for outcome in Outcome}
_FAULT_FIELDS = {"kind": str, "target": str, "start_ns": int, "stop_ns": int, "detail": str}
_INT64 = range(-(2**63), 2**63)


def write(history: History, path: Path) -> None:
    """Writes a history; one that is not complete gets no last line."""
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in to_lines(history))


def to_lines(history: History) -> Iterator[dict[str, Any]]:
    """The objects of the lines."""
    yield {"row": "history", "version": VERSION}
    for table, rows in history.tables.items():
        for row in rows:
            yield _object(history, table, row)
    for fault in history.faults:
        yield {"row": "fault", **fault._asdict()}
    if history.complete:
        yield {"row": "end", "rows": sum(map(len, history.tables.values())) + len(history.faults)}


def read(path: Path) -> History:
    """The history of a file; a last line that was cut is left out. Raises UsageError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    with file:
        return from_lines(file, where=str(path))


def from_lines(lines: Iterable[bytes], *, where: str) -> History:
    """The history of lines. Raises UsageError with the place of what is wrong."""
    reader = _Reader(where)
    for number, line in enumerate(lines, 1):
        if line.strip():
            reader.take(number, line)
    return reader.finish()


def _object(history: History, table: str, row: tuple[int, ...]) -> dict[str, Any]:
    cells = {column.name: cell for column, cell in zip(TABLES[table], row, strict=True)}
    written: dict[str, Any] = {"row": _ROW_OF[table, cells.pop("kind")]}
    for column in TABLES[table]:
        if column.name not in cells or cells[column.name] == column.default:
            continue
        cell = cells[column.name]
        if column.name == "outcome":
            written["outcome"] = Outcome(cell).name.lower()
        else:
            written[column.name] = history.names.text(column.names, cell) if column.names else cell
    if written.get("txn") == written["op"]:
        del written["txn"]
    return written


class _Reader:
    def __init__(self, where: str) -> None:
        self._where = where
        self._history = History(complete=False)
        self._named: dict[str, int] = {}
        self._pending: list[tuple[str, dict[str, int], str]] = []
        self._rows = 0
        self._number = 0
        self._line = ""

    def take(self, number: int, line: bytes) -> None:
        """One line."""
        self._number, self._line = number, ""
        try:
            self._line = line.decode("utf-8").rstrip("\r\n")
            row = json.loads(self._line, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            if not line.endswith(b"\n"):
                return  # it was cut: the history is incomplete
            self._refuse(f"is not JSON: {getattr(error, 'msg', error)}", column=getattr(error, "colno", 1))
        if not isinstance(row, dict) or "row" not in row:
            self._refuse('expected an object with a "row"')
        self._row(row.pop("row"), row)

    def finish(self) -> History:
        """The history, its transactions numbered."""
        if self._number == 0:
            self._refuse("holds no history: it is empty")
        for table, cells, txn in self._pending:
            cells["txn"] = self._named[txn]
            self._history.add(table, **cells)
        return self._history

    def _row(self, kind: object, row: dict[str, Any]) -> None:
        if self._history.complete:
            self._refuse("nothing follows the end")
        if (self._rows == 0 and kind == "history") != (self._number == 1):
            self._refuse("a history begins with its header, and has one", key="row", value=kind)
        if kind == "history":
            if row != {"version": VERSION}:
                self._refuse("is of a version that is not known", key="version", allowed=str(VERSION))
            return
        if kind == "end":
            if row != {"rows": self._rows}:
                self._refuse(f"rows are lost: {self._rows} were read", key="rows", value=row.get("rows"))
            self._history.complete = True
            return
        self._rows += 1
        if kind == "fault":
            self._history.faults.append(self._fault(row))
        elif isinstance(kind, str) and kind in _ROWS:
            self._cells(*_ROWS[kind], row)
        else:
            hint = did_you_mean(str(kind), _ROWS)
            self._refuse(
                f"is no kind of row.{hint}", key="row", value=kind, allowed=", ".join([*_ROWS, "fault", "end"])
            )

    def _cells(self, table: str, kind: int, row: dict[str, Any]) -> None:
        columns = {column.name: column for column in TABLES[table] if column.name != "kind"}
        for name in row.keys() - columns.keys():
            self._refuse(f"is no column.{did_you_mean(name, columns)}", key=name, allowed=", ".join(columns))
        txn = row.pop("txn", None)
        cells = {"kind": kind} | {name: self._cell(column, row) for name, column in columns.items() if name != "txn"}
        if "isolated" in columns and "isolated" not in row and kind == Kind.SEND:
            cells["isolated"] = int(txn is not None)
        if "txn" not in columns and txn is None:
            self._history.add(table, **cells)
        elif isinstance(txn, str):
            self._named[txn] = min(cells["op"], self._named.get(txn, cells["op"]))
            self._pending.append((table, cells, txn))
        else:
            cells["txn"] = cells["op"] if txn is None else self._number_of("txn", txn)
            self._history.add(table, **cells)

    def _cell(self, column: Column, row: Mapping[str, Any]) -> int:
        if column.name not in row:
            if column.default is None:
                self._refuse("is missing", key=column.name)
            return column.default
        value = row[column.name]
        if column.name == "outcome":
            if value not in _OUTCOMES:
                self._refuse("is no outcome", key="outcome", value=value, allowed=", ".join(_OUTCOMES))
            return _OUTCOMES[value]
        if not column.names:
            return self._number_of(column.name, value)
        if not isinstance(value, str):
            self._refuse("expected a text", key=column.name, value=value)
        return self._history.names.number(column.names, value)

    def _number_of(self, name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value not in _INT64:
            self._refuse("expected a number of 64 bits", key=name, value=value)
        return value

    def _fault(self, row: dict[str, Any]) -> Fault:
        for name, value in row.items():
            if type(value) is not _FAULT_FIELDS.get(name):
                self._refuse("is no field of a fault, or of another type", key=name, value=value)
        for name in ("kind", "target", "start_ns"):
            if name not in row:
                self._refuse("is missing", key=name)
        return Fault(**row)

    def _refuse(
        self, message: str, *, key: str | None = None, value: object = None, allowed: str | None = None, column: int = 0
    ) -> NoReturn:
        place = column or max(1, self._line.find(f'"{key}"') + 1)
        raise UsageError(message, key=key, value=value, allowed=allowed, where=f"{self._where}:{self._number}:{place}")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
