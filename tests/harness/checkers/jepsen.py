"""Histories in the notation of Jepsen's Kafka workload, as ours.

An operation is (process, type, f, value): the type ok, info or fail, the value a list of ("send", key, value) or
("send", key, (offset, value)) and ("poll", {key: [(offset, value), ...]}). Each is a transaction of its own that reads
at read_committed. `assign` and `subscribe` take a list of keys; a key that is not among them is given up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from kafka_conformance.harness.histories.history import History
from kafka_conformance.harness.histories.schema import Kind, Outcome

Op = tuple[int, str, str, Any]
OUTCOMES = {"ok": Outcome.OK, "info": Outcome.INFO, "fail": Outcome.FAIL}


def jepsen_history(ops: Sequence[Op], times: Sequence[tuple[int, int]] | None = None) -> History:
    """One operation after the other; their times are what they are told, else 0, 1, 2 and so on."""
    history = History()
    writers = {(key, value) for *_, f, mops in ops if f in ("send", "txn") for key, _, value in sends(mops)}
    assignments: dict[tuple[int, str], int] = defaultdict(int)
    keys = {key for *_, f, mops in ops if f in ("send", "poll", "txn") for key, _, _ in (*sends(mops), *polls(mops))}
    for op, (process, outcome, f, value) in enumerate(ops):
        began_ns, ended_ns = times[op] if times else (2 * op, 2 * op + 1)
        if f in ("assign", "subscribe"):
            if outcome != "fail":
                for key in keys - set(value):
                    assignments[process, key] += 1
            continue
        rows = [(Kind.SEND, *row) for row in sends(value)] + [(Kind.POLL, *row) for row in polls(value)]
        for seq, (kind, key, off, val) in enumerate(rows):
            known = kind is Kind.SEND or (key, val) in writers or outcome == "fail"
            history.add(
                "records",
                op=op,
                seq=seq,
                kind=kind,
                proc=process,
                asg=assignments[process, key],
                tp=history.names.number("tp", key),
                off=off,
                val=history.names.number("val", f"{key} {val}") if known else -1,
                outcome=OUTCOMES[outcome],
                txn=op,
                isolated=1,
                began_ns=began_ns,
                ended_ns=ended_ns,
            )
    return history


def sends(mops: Sequence[Any]) -> Iterator[tuple[str, int, Any]]:
    """What an operation sent: key, offset or -1, value."""
    for mop in mops:
        if mop[0] == "send":
            off, value = mop[2] if isinstance(mop[2], tuple) else (-1, mop[2])
            yield mop[1], off, value


def polls(mops: Sequence[Any]) -> Iterator[tuple[str, int, Any]]:
    """What an operation polled: key, offset, value."""
    for mop in mops:
        if mop[0] == "poll" and len(mop) > 1:
            for key, pairs in mop[1].items():
                yield from ((key, off, value) for off, value in pairs)
