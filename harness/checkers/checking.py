"""A history's verdict: every check that has something to read, and what its rows mean together.

    violation > unknown > ok

A history in which nothing was sent or nothing was read shows nothing, so it is unknown, and so is one that was not
recorded to its end, unless it has a violation: evidence stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from kafka_conformance.harness.checkers.catalogue import CYCLES, VIEWS, Check, Says, checks, views_of
from kafka_conformance.harness.checkers.cycles import circles
from kafka_conformance.harness.checkers.engine import Engine, Result
from kafka_conformance.harness.errors import UsageError, did_you_mean
from kafka_conformance.harness.histories.history import Row
from kafka_conformance.harness.histories.schema import TABLES, Kind, Outcome

MOST_EDGES = 5_000_000
"""Above it the search for circles would need more memory than a check may take, and the verdict is unknown."""
MOST_WITNESSES = 100_000
"""Of one check. Where a history has more, it is the engine that says which."""


class Judgement(StrEnum):
    """What a history shows."""

    OK = "ok"
    VIOLATION = "violation"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: its rows, each a witness, in ascending order."""

    check: Check
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def witnesses(self) -> list[dict[str, int]]:
        """The rows with the names of their columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(slots=True)
class Verdict:
    """What all checks found. `reasons`: why it is not ok. `not_judged`: checks that had nothing to read, and what."""

    findings: list[Finding] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    not_judged: dict[str, str] = field(default_factory=dict)

    @property
    def judgement(self) -> Judgement:
        """The worst of it."""
        if self.of(Says.VIOLATION):
            return Judgement.VIOLATION
        return Judgement.UNKNOWN if self.reasons or self.of(Says.UNKNOWN) else Judgement.OK

    def of(self, says: Says) -> list[Finding]:
        """The findings that say so."""
        return [finding for finding in self.findings if finding.check.says is says]

    def found(self, name: str) -> tuple[Row, ...]:
        """The witnesses of one check."""
        return next((finding.rows for finding in self.findings if finding.check.name == name), ())


def judge(engine: Engine, *, complete: bool = True, allow: Collection[str] = ()) -> Verdict:
    """Runs all checks but those that are allowed on the history that the engine has. Raises UsageError."""
    chosen = [check for check in checks().values() if check.name not in known(allow)]
    verdict = Verdict(reasons=_unread(engine))
    if not complete:
        verdict.reasons.append("the history is incomplete: whoever recorded it did not come to its end")
    told = _told(engine, chosen)
    judged = [check for check in chosen if _can_judge(check, told, verdict)]
    engine.make_views(views_for(judged))
    for check in judged:
        run(engine, check, verdict)
    return verdict


def known(names: Iterable[str]) -> set[str]:
    """The names of checks. Raises UsageError for one that there is not."""
    found = set(names)
    for name in sorted(found - checks().keys()):
        raise UsageError(f"no check is called {name!r}.{did_you_mean(name, checks())}", allowed=", ".join(checks()))
    return found


def run(engine: Engine, check: Check, verdict: Verdict) -> None:
    """Runs one check whose views are there."""
    most = MOST_EDGES if check.name == CYCLES else MOST_WITNESSES
    result = engine.query(f"{check.sql}\nLIMIT {most + 1}")
    if check.name == CYCLES:
        if len(result.rows) > most:
            verdict.reasons.append(f"{CYCLES}: more than {most} edges are too many to search")
            return
        result = _circles(result)
    elif len(result.rows) > most:
        verdict.reasons.append(f"{check.name}: it has more than {most} witnesses, of which {most} are shown")
        del result.rows[most:]
    if result.rows:
        verdict.findings.append(Finding(check, result.columns, tuple(sorted(result.rows))))


def views_for(judged: Iterable[Check]) -> list[str]:
    """The views that those checks need, in the order in which they are to be made."""
    needed = {name for check in judged for name in views_of(check.sql)}
    return [name for name in VIEWS if name in needed]


def _circles(result: Result) -> Result:
    found = circles((writer, reader, val) for writer, reader, val in result.rows)
    rows: list[Row] = [(number, *edge) for number, circle in enumerate(found) for edge in circle]
    return Result(("circle", *result.columns), rows)


def _unread(engine: Engine) -> list[str]:
    counted = engine.query("SELECT kind, outcome, COUNT(*) AS many FROM records GROUP BY kind, outcome").rows
    reasons = []
    if not any(kind == Kind.SEND and outcome != Outcome.FAIL for kind, outcome, _ in counted):
        reasons.append("the history is empty: nothing was sent")
    if not any(kind == Kind.POLL and outcome == Outcome.OK for kind, outcome, _ in counted):
        reasons.append("the history is unread: no record was polled")
    return reasons


def _told(engine: Engine, chosen: Iterable[Check]) -> set[str]:
    """What the history has of what the checks read: tables with a row, columns in which a row says something."""
    named = {name for check in chosen for name in check.reads}
    told = {table for table in TABLES if table in named and engine.query(f"SELECT 1 AS one FROM {table} LIMIT 1").rows}
    columns = [column for column in TABLES["records"] if f"records.{column.name}" in named]
    highest = ", ".join(f"MAX({column.name}) AS {column.name}" for column in columns)
    if columns and "records" in told:
        cells = engine.query(f"SELECT {highest} FROM records").rows[0]
        told |= {
            f"records.{column.name}"
            for column, cell in zip(columns, cells, strict=True)
            if column.default is not None and cell > column.default
        }
    return told


def _can_judge(check: Check, told: Collection[str], verdict: Verdict) -> bool:
    missing = [name for name in check.reads if name not in told]
    if missing:
        verdict.not_judged[check.name] = f"nothing is recorded in {', '.join(missing)}"
    return not missing
