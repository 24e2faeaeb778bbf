"""The run on a terminal: progress while it runs, then a table by area and each failed requirement in full.

Where nobody watches (no TTY: a build's log) the progress is a line for each case that did not hold, without colours.
"""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from kafka_conformance.harness.errors import ExitStatus
from kafka_conformance.harness.events import CaseFinished, Event, Footer, Header, Outcome, TargetLost, Verdict
from kafka_conformance.harness.verdicts import RequirementRun, Run, exit_status
from kafka_conformance.reports.printable import one_line
from kafka_conformance.reports.wording import (
    VERDICT_WORDS,
    by_area,
    failing,
    failure_text,
    headline,
    outcome_counts,
    verdict_words,
)

_STYLES = {
    Verdict.HELD: "green",
    Verdict.VIOLATED: "bold red",
    Verdict.UNKNOWN: "yellow",
    Verdict.NOT_RUN: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
}
_HEADLINE_STYLES = {ExitStatus.HELD: "bold green", ExitStatus.VIOLATED: "bold red"}
_MOST_CASES = 3


class TerminalReport:
    """Follows a run; `handle` takes each event as it comes, the footer prints the summary."""

    def __init__(self, console: Console | None = None, *, total_cases: int | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.run = Run()
        self._progress = _LiveProgress(self.console, total_cases) if self.console.is_terminal else None

    def handle(self, event: Event) -> None:
        """Takes the next event of the stream."""
        self.run.add(event)
        match event:
            case Header():
                _line(self.console, _opening(event))
            case CaseFinished():
                self._finished(event)
            case TargetLost():
                _line(self.console, f"the target was lost: {one_line(event.message)}", "bold red")
            case Footer():
                self.close()
                print_run(self.run, self.console)
        if self._progress is not None:
            self._progress.show(self.run, event)

    def close(self) -> None:
        """Takes the progress off the screen; safe to call again."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _finished(self, event: CaseFinished) -> None:
        if event.outcome in (Outcome.VIOLATED, Outcome.ERROR):
            names = ", ".join(map(one_line, event.requirements)) or "no requirement"
            style = "bold red" if event.outcome is Outcome.VIOLATED else "yellow"
            _line(self.console, f"{event.outcome.value}: {names} ({one_line(event.case)})", style)


class _LiveProgress:
    """A bar with the number of finished cases, of violations, and the case that runs."""

    def __init__(self, console: Console, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("{task.fields[verdicts]}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[case]}"),
            console=console,
            transient=True,
        )
        self._outcomes: Counter[Outcome] = Counter()
        self._task: TaskID = self._progress.add_task("cases", total=total, verdicts="", case="")
        self._progress.start()

    def show(self, run: Run, event: Event) -> None:
        if isinstance(event, CaseFinished):
            self._outcomes[event.outcome] += 1
        outcomes = self._outcomes
        words = f"[green]{outcomes[Outcome.HELD]} held[/]"
        for outcome, style in ((Outcome.VIOLATED, "bold red"), (Outcome.ERROR, "yellow")):
            if outcomes[outcome]:
                words += f" [{style}]{outcomes[outcome]} {outcome.value}[/]"
        current = next(reversed(run.running), "").rpartition("/")[2]
        self._progress.update(self._task, completed=len(run.cases), verdicts=words, case=escape(one_line(current)))

    def stop(self) -> None:
        self._progress.stop()


def print_run(run: Run, console: Console) -> None:
    """The summary of a run that has ended, or of a report that was read."""
    for entry in failing(run):
        _print_failure(entry, console)
    console.print()
    console.print(_table(run))
    console.print()
    for entry in run.selected:
        if entry.declared.not_applicable is not None and entry.verdict is Verdict.NOT_APPLICABLE:
            reason = f"not applicable: {one_line(entry.id)} ({one_line(entry.declared.not_applicable)})"
            _line(console, reason, "dim")
    for reason in run.unjudged():
        _line(console, f"not green: {one_line(reason)}", "yellow")
    _line(console, headline(run), _HEADLINE_STYLES.get(exit_status(run), "bold yellow"))


def _opening(header: Header) -> str:
    target = " ".join(filter(None, [header.target.name, header.target.version or ""]))
    facts = f"client {header.client}, profile {header.profile}, seed {header.seed}, run {header.run_id}"
    return one_line(f"kafka-conformance {header.tool_version}: {target}, {facts}")


def _table(run: Run) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("area")
    for verdict in Verdict:
        table.add_column(VERDICT_WORDS[verdict], justify="right")
    for area, entries in by_area(run).items():
        table.add_row(Text(one_line(area)), *_counts([entry.verdict for entry in entries]))
    table.add_section()
    table.add_row(Text("all", "bold"), *_counts([entry.verdict for entry in run.selected]))
    return table


def _counts(verdicts: list[Verdict]) -> list[Text]:
    found = Counter(verdicts)
    return [Text(str(found[verdict]) if found[verdict] else "", _STYLES[verdict]) for verdict in Verdict]


def _print_failure(entry: RequirementRun, console: Console) -> None:
    declared = entry.declared
    console.print()
    _line(
        console,
        f"{one_line(entry.id)}  {verdict_words(entry)}",
        _STYLES[entry.verdict] if not entry.is_stale else "bold red",
    )
    _line(console, f"  {declared.level.value}  {one_line(declared.text)}")
    _line(console, f"  source  {one_line('; '.join(map(str, declared.sources)))}", "dim")
    _line(console, f"  cases   {outcome_counts(entry)}", "dim")
    if declared.known_deviation is not None:
        _line(console, f"  known deviation: {one_line(declared.known_deviation)}", "dim")
    for case in entry.failures[:_MOST_CASES]:
        console.print()
        for text in failure_text(case):
            _line(console, f"  {text}")
    if len(entry.failures) > _MOST_CASES:
        _line(console, f"  and {len(entry.failures) - _MOST_CASES} more cases: see the report", "dim")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=True)
