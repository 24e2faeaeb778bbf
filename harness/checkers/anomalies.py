"""The anomalies of a small history in words, for a case."""

from __future__ import annotations

from functools import cache

from kafka_conformance.harness.checkers.catalogue import Says
from kafka_conformance.harness.checkers.checking import Verdict, judge
from kafka_conformance.harness.checkers.sqlite_engine import SqliteEngine
from kafka_conformance.harness.histories.history import History, Names

NAMED = {
    "tp": "tp",
    "other_tp": "tp",
    "val": "val",
    "val_low": "val",
    "val_high": "val",
    "read_val": "val",
    "before_val": "val",
    "proc": "proc",
    "grp": "grp",
    "account": "account",
    "source": "val",
}
"""Columns of witnesses that have names -> of which kind."""


def anomalies(history: History) -> list[str]:
    """One sentence for each witness, and for each reason why the history shows nothing; empty when it is ok."""
    engine = _engine()
    engine.load(history)
    verdict = judge(engine, complete=history.complete)
    return [*_witnesses(verdict, history.names), *verdict.reasons]


def named(witness: dict[str, int], names: Names) -> dict[str, int | str]:
    """A witness with the names of what it has."""
    return {
        name: names.text(NAMED[name], cell) if name in NAMED and cell >= 0 else cell for name, cell in witness.items()
    }


def _witnesses(verdict: Verdict, names: Names) -> list[str]:
    return [
        f"{finding.check.name}: {', '.join(f'{name} {cell}' for name, cell in named(witness, names).items())}"
        for finding in verdict.findings
        if finding.check.says is not Says.MEASURE
        for witness in finding.witnesses
    ]


@cache
def _engine() -> SqliteEngine:
    return SqliteEngine()
