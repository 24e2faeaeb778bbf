"""Judging small histories."""

from __future__ import annotations

from functools import cache

from kafka_conformance.harness.checkers.catalogue import Says
from kafka_conformance.harness.checkers.checking import Verdict, judge
from kafka_conformance.harness.checkers.sqlite_engine import SqliteEngine
from kafka_conformance.harness.histories.history import History


@cache
def sqlite() -> SqliteEngine:
    """One engine for all tests of a process."""
    return SqliteEngine()


def judged(history: History) -> Verdict:
    """The verdict of sqlite3."""
    sqlite().load(history)
    return judge(sqlite(), complete=history.complete)


def violations(history: History) -> set[str]:
    """The names of the checks that found a violation."""
    return {finding.check.name for finding in judged(history).of(Says.VIOLATION)}


def witnesses(history: History, check: str) -> list[dict[str, int | str]]:
    """What a check found, partitions and values by name."""
    kinds = {"tp": "tp", "other_tp": "tp", "val": "val", "val_low": "val", "val_high": "val", "read_val": "val"}
    kinds |= {"before_val": "val"}
    found = (finding for finding in judged(history).findings if finding.check.name == check)
    return [
        {name: history.names.text(kinds[name], cell) if name in kinds else cell for name, cell in witness.items()}
        for finding in found
        for witness in finding.witnesses
    ]
