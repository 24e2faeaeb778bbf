"""What happened around a witness, as moments on lanes: clients, partitions (high watermark, LSO, epoch), faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from kafka_conformance.harness.checkers.engine import Engine
from kafka_conformance.harness.events import LaneKind, Moment
from kafka_conformance.harness.histories.history import Fault, Names
from kafka_conformance.harness.histories.schema import Kind, Outcome, PositionKind

AROUND = 3
"""How many offsets before and behind one of a witness are shown."""

MOST_ROWS = 200

_OPS = ("op", "before_op", "send_op", "commit_op", "writer", "reader", "txn")
_TRANSACTIONS = ("writer", "reader", "txn")
_OFFSETS = ("off", "before_off", "other_off", "skipped_off")
_VALUES = ("val", "val_low", "val_high", "read_val")
Cells = dict[str, int]


def around(engine: Engine, names: Names, faults: Iterable[Fault], witnesses: Sequence[Cells]) -> tuple[Moment, ...]:
    """The operations of the witnesses and those near their offsets, the positions of these, and all faults."""
    records = _rows(engine, "records", witnesses)
    shown = sorted({row["op"] for row in records} | {cell for w in witnesses for name in _OPS if (cell := w.get(name))})
    more = [row for table in ("positions", "commits") for row in _of_operations(engine, table, shown)]
    started = [row["began_ns"] for row in (*records, *more) if row["began_ns"] >= 0]
    zero_ns = min([*started, *(fault.start_ns for fault in faults)], default=0)
    found = [*_of_records(records, names, zero_ns), *_of_others(more, names, zero_ns)]
    found += [moment for fault in faults for moment in _of_fault(fault, zero_ns)]
    return tuple(sorted(found, key=lambda moment: moment.t_ms))


def _rows(engine: Engine, table: str, witnesses: Sequence[Cells]) -> list[Cells]:
    conditions = [condition for witness in witnesses for condition in _conditions(witness)]
    if not conditions:
        return []
    where = " OR ".join(dict.fromkeys(conditions))
    return _query(engine, f"SELECT * FROM {table} WHERE {where} ORDER BY op, seq LIMIT {MOST_ROWS}")


def _conditions(witness: Cells) -> Iterator[str]:
    for name in _OPS:
        if name in witness:
            yield f"{'txn' if name in _TRANSACTIONS else 'op'} = {witness[name]}"
    for name in _VALUES:
        if witness.get(name, -1) >= 0:
            yield f"val = {witness[name]}"
    for name in _OFFSETS:
        if "tp" in witness and name in witness:
            tp = witness["other_tp" if name == "other_off" else "tp"]
            yield f"tp = {tp} AND off BETWEEN {witness[name] - AROUND} AND {witness[name] + AROUND}"


def _of_operations(engine: Engine, table: str, ops: Sequence[int]) -> list[Cells]:
    if not ops:
        return []
    return _query(
        engine, f"SELECT * FROM {table} WHERE op IN ({', '.join(map(str, ops))}) ORDER BY op LIMIT {MOST_ROWS}"
    )


def _query(engine: Engine, sql: str) -> list[Cells]:
    result = engine.query(sql)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def _of_records(records: Iterable[Cells], names: Names, zero_ns: int) -> Iterator[Moment]:
    ordered = sorted(records, key=lambda row: (row["op"], row["kind"], row["tp"], row["seq"]))
    for (op, kind, tp), rows in groupby(ordered, key=lambda row: (row["op"], row["kind"], row["tp"])):
        listed = list(rows)
        what = ", ".join(f"{_offset(row['off'])}:{_value(row['val'], names)}" for row in listed)
        first, partition = listed[0], names.text("tp", tp)
        lane = names.text("proc", first["proc"])
        verb = "send" if kind == Kind.SEND else "poll"
        yield Moment(_ms(first["began_ns"], op, zero_ns), lane, f"{verb} {partition}", f"[{what}] {_fate(first)}")
        epochs = {row["epoch"] for row in listed if row["epoch"] >= 0}
        if epochs:
            at_ms = _ms(max(first["began_ns"], first["ended_ns"]), op, zero_ns)
            detail = ", ".join(map(str, sorted(epochs)))
            yield Moment(at_ms, partition, "epoch", detail, LaneKind.PARTITION)


def _of_others(rows: Iterable[Cells], names: Names, zero_ns: int) -> Iterator[Moment]:
    for row in rows:
        lane, partition = names.text("proc", row["proc"]), names.text("tp", row["tp"])
        at_ms = _ms(max(row["began_ns"], row["ended_ns"]), row["op"], zero_ns)
        if "grp" in row:
            verb = "commit" if row["kind"] == 0 else "committed"
            detail = f"{names.text('grp', row['grp'])} {row['off']} {_fate(row)}"
            yield Moment(_ms(row["began_ns"], row["op"], zero_ns), lane, f"{verb} {partition}", detail)
            continue
        verb = "assigned" if row["kind"] == PositionKind.START else "position"
        yield Moment(at_ms, lane, f"{verb} {partition}", str(row["off"]))
        known = [f"{name} {row[column]}" for name, column in (("HW", "hw"), ("LSO", "lso")) if row[column] >= 0]
        if known:
            yield Moment(at_ms, partition, ", ".join(known), "", LaneKind.PARTITION)


def _of_fault(fault: Fault, zero_ns: int) -> Iterator[Moment]:
    what = f"{fault.target} {fault.detail}".strip()
    yield Moment((fault.start_ns - zero_ns) / 1e6, "faults", fault.kind, what, LaneKind.FAULT)
    if fault.stop_ns >= 0:
        yield Moment((fault.stop_ns - zero_ns) / 1e6, "faults", f"{fault.kind} ends", what, LaneKind.FAULT)


def _ms(at_ns: int, op: int, zero_ns: int) -> float:
    """Milliseconds since the first moment; where no time is known, operations are a millisecond apart."""
    return (at_ns - zero_ns) / 1e6 if at_ns >= 0 else float(op)


def _offset(off: int) -> str:
    return str(off) if off >= 0 else "?"


def _value(val: int, names: Names) -> str:
    return names.text("val", val) if val >= 0 else "(sent by nobody)"


def _fate(row: Cells) -> str:
    in_txn = f" in transaction {row['txn']}" if row["txn"] != row["op"] else ""
    return Outcome(row["outcome"]).name.lower() + in_txn
