"""`kafka-conformance check HISTORY`: the checkers alone, on a history that was recorded."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from kafka_conformance.harness.command import Command
from kafka_conformance.harness.errors import ExitStatus
from kafka_conformance.reports import printable

if TYPE_CHECKING:
    from kafka_conformance.harness.checkers.checking import Finding, Verdict
    from kafka_conformance.harness.checkers.engine import Engine
    from kafka_conformance.harness.histories.history import History, Names

MOST_WITNESSES = 5
"""Of each check, in words; JSON has all."""


def configure(parser: ArgumentParser) -> None:
    """The history, the engine, and what is allowed."""
    parser.add_argument("history", metavar="HISTORY", type=Path, help="A file of JSON lines, or a folder of Parquet.")
    parser.add_argument("--engine", choices=("sqlite", "duckdb", "spark"), help="Default: by the history's size.")
    parser.add_argument("--memory-limit", metavar="SIZE", help="What DuckDB may hold at a time, as 2GB.")
    parser.add_argument("--allow", metavar="CHECKS", default="", help="Checks to leave out, separated by commas.")
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def run(options: Namespace) -> int:
    """Checks it. HELD: ok; VIOLATED: an anomaly with its witness; UNJUDGED: it shows nothing. Raises UsageError."""
    from kafka_conformance.harness.checkers.checking import Judgement, judge, known
    from kafka_conformance.harness.checkers.opening import opened

    allowed = known(filter(None, options.allow.split(",")))
    with opened(options.history, options.engine, options.memory_limit) as (engine, history):
        verdict = judge(engine, complete=history.complete, allow=allowed)
        lines = [] if options.json else list(_lines(verdict, engine, history))
    if options.json:
        lines = [json.dumps(as_data(verdict, history.names), indent=2)]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    statuses = {Judgement.OK: ExitStatus.HELD, Judgement.VIOLATION: ExitStatus.VIOLATED}
    return int(statuses.get(verdict.judgement, ExitStatus.UNJUDGED))


def as_data(verdict: Verdict, names: Names) -> dict[str, Any]:
    """The verdict as plain data, each witness with the names of what it has."""
    from kafka_conformance.harness.checkers.anomalies import named

    return {
        "verdict": verdict.judgement.value,
        "reasons": verdict.reasons,
        "findings": [
            {
                "check": finding.check.name,
                "says": finding.check.says.value,
                "finds": finding.check.finds,
                "witnesses": [named(witness, names) for witness in finding.witnesses],
            }
            for finding in verdict.findings
        ],
        "not_judged": verdict.not_judged,
    }


def _lines(verdict: Verdict, engine: Engine, history: History) -> Iterator[str]:
    from kafka_conformance.harness.checkers.catalogue import Says

    for finding in verdict.findings:
        yield from _finding(finding, history.names)
        if finding.check.says is Says.VIOLATION:
            yield from _timeline(finding, engine, history)
        yield ""
    for reason in verdict.reasons:
        yield f"not ok: {reason}"
    for name, reason in verdict.not_judged.items():
        yield f"not judged: {name} ({reason})"
    yield f"verdict: {verdict.judgement.value}"


def _finding(finding: Finding, names: Names) -> Iterator[str]:
    from kafka_conformance.harness.checkers.anomalies import named

    check = finding.check
    yield f"{check.name}  {check.says.value}"
    yield f"  {check.finds}"
    yield f"  source  {check.source}"
    for witness in finding.witnesses[:MOST_WITNESSES]:
        cells = ", ".join(f"{name} {printable.one_line(str(cell))}" for name, cell in named(witness, names).items())
        yield f"  witness  {cells}"
    if len(finding.rows) > MOST_WITNESSES:
        yield f"  and {len(finding.rows) - MOST_WITNESSES} more: --json has all"


def _timeline(finding: Finding, engine: Engine, history: History) -> Iterator[str]:
    from kafka_conformance.harness.checkers.catalogue import CYCLES
    from kafka_conformance.harness.checkers.timeline import around
    from kafka_conformance.reports.swim_lanes import swim_lanes

    first, *others = finding.witnesses
    shown = [first]
    if finding.check.name == CYCLES:
        shown += [witness for witness in others if witness["circle"] == first["circle"]]
    for line in swim_lanes(around(engine, history.names, history.faults, shown), get_terminal_size((120, 0)).columns):
        yield f"  {line}"


COMMAND = Command("check", "Check a recorded history for anomalies.", configure, run)
