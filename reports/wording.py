"""What reports say in words, so that all of them say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kafka_conformance.harness.errors import ExitStatus
from kafka_conformance.harness.events import CaseFinished, LaneKind, Moment, Verdict
from kafka_conformance.harness.requirements import Level
from kafka_conformance.harness.verdicts import RequirementRun, Run, exit_status
from kafka_conformance.reports.printable import one_line, printable

VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.HELD: "held",
    Verdict.VIOLATED: "violated",
    Verdict.UNKNOWN: "unknown",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.NOT_RUN: "not run",
}
MOST_MOMENTS = 200
_FIRST_MOMENTS = 40


def headline(run: Run) -> str:
    """The run in one sentence."""
    target = one_line(run.header.target.name) if run.header is not None else "The target"
    applicable = [entry for entry in run.selected if entry.verdict is not Verdict.NOT_APPLICABLE]
    musts = [entry for entry in applicable if entry.declared.level is Level.MUST]
    match exit_status(run):
        case ExitStatus.HELD if not musts:
            return f"{target}: no MUST requirement was asked for"
        case ExitStatus.HELD:
            held = sum(entry.verdict is Verdict.HELD for entry in musts)
            return f"{target} keeps {held} of {_number(len(musts), 'MUST requirement')}"
        case ExitStatus.VIOLATED if any(entry.fails_the_run for entry in musts):
            broken = sum(entry.fails_the_run for entry in musts)
            return f"{target} violates {broken} of {_number(len(musts), 'MUST requirement')}"
        case ExitStatus.VIOLATED:
            return f"{target} keeps requirements that were expected to be violated"
        case _:
            return f"{target} could not be judged"


def verdict_words(entry: RequirementRun) -> str:
    """The verdict, and whether somebody expected another one."""
    words = VERDICT_WORDS[entry.verdict]
    if entry.is_stale:
        return f"{words}, although a violation was expected"
    if entry.verdict is Verdict.VIOLATED and entry.declared.known_deviation is not None:
        return f"{words}, as expected"
    return words


def failing(run: Run) -> list[RequirementRun]:
    """The requirements that a reader has to see in full, the worst first: violated, stale, then unknown."""
    ranks = [Verdict.VIOLATED, Verdict.HELD, Verdict.UNKNOWN]
    shown = [entry for entry in run.selected if entry.failures or entry.is_stale]
    levels = list(Level)
    return sorted(shown, key=lambda entry: (ranks.index(entry.verdict), levels.index(entry.declared.level), entry.id))


def by_area(run: Run) -> dict[str, list[RequirementRun]]:
    """The selected requirements of each area, areas and ids in alphabetical order."""
    areas: dict[str, list[RequirementRun]] = {}
    for entry in sorted(run.selected, key=lambda entry: entry.id):
        areas.setdefault(entry.area, []).append(entry)
    return areas


def failure_text(case: CaseFinished) -> Iterator[str]:
    """Plain lines: the case, expected and actual, the history as a timeline, the command that replays it."""
    yield f"case      {one_line(case.case)}"
    if case.axes:
        yield "axes      " + ", ".join(
            f"{one_line(name)}={one_line(value)}" for name, value in sorted(case.axes.items())
        )
    if case.reason:
        yield from _labelled("reason", case.reason)
    failure = case.failure
    if failure is None:
        return
    for label, text in (("message", failure.message), ("expected", failure.expected), ("actual", failure.actual)):
        if text:
            yield from _labelled(label, text)
    if failure.history:
        yield "history"
        yield from (f"  {line}" for line in timeline_text(failure.history))
    if failure.replay:
        yield from _labelled("replay", failure.replay)
    if failure.replay_file:
        yield from _labelled("recorded", failure.replay_file)


def timeline_text(history: Iterable[Moment]) -> Iterator[str]:
    """One line for each moment: time in milliseconds, lane, event, detail; a long history without its middle."""
    first, left_out, last = shortened(history)
    width = min(24, max((len(one_line(moment.lane)) for moment in first + last), default=0))
    yield from (_moment_text(moment, width) for moment in first)
    if left_out:
        yield f"{'':>10}      ({left_out} more)"
    yield from (_moment_text(moment, width) for moment in last)


def shortened(history: Iterable[Moment]) -> tuple[list[Moment], int, list[Moment]]:
    """In the order of time: the first moments, how many are left out, and the last; a short history is all first."""
    moments = sorted(history, key=lambda moment: moment.t_ms)
    left_out = len(moments) - MOST_MOMENTS
    if left_out <= 0:
        return moments, 0, []
    return moments[:_FIRST_MOMENTS], left_out, moments[_FIRST_MOMENTS + left_out :]


def _moment_text(moment: Moment, width: int) -> str:
    marker = "!" if moment.kind is LaneKind.FAULT else " "
    words = f"{one_line(moment.event)}  {one_line(moment.detail)}".rstrip()
    return f"{moment.t_ms:>10.1f} ms {marker} {one_line(moment.lane):<{width}}  {words}"


def outcome_counts(entry: RequirementRun) -> str:
    """How many cases had which outcome: "3 held, 1 violated"."""
    counts = entry.result().cases
    return ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in counts.items()) or "no case"


def _labelled(label: str, text: str) -> Iterator[str]:
    for number, line in enumerate(printable(text).expandtabs().split("\n")):
        yield f"{label if number == 0 else '':<10}{line}".rstrip()


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
