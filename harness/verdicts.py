"""From events to verdicts: a requirement's verdict is the worst of its cases, a run's exit status the worst of those.

    violated > unknown > held; all cases not applicable: not applicable; no case that judged: not run

Unknown is never green, and an empty run is never green.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from kafka_conformance.harness.errors import ExitStatus
from kafka_conformance.harness.events import (
    CaseFinished,
    CaseStarted,
    Event,
    Footer,
    Header,
    Outcome,
    RequirementDeclared,
    RequirementResult,
    TargetLost,
    Verdict,
)
from kafka_conformance.harness.requirements import Level

_NEVER_FINISHED = "the case began and never finished"


@dataclass(slots=True)
class RequirementRun:
    """One requirement in one run: what was declared and every case that checked it."""

    declared: RequirementDeclared
    cases: list[CaseFinished] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The requirement's id."""
        return self.declared.id

    @property
    def area(self) -> str:
        """The first part of the id."""
        return self.declared.id.partition("/")[0]

    @property
    def verdict(self) -> Verdict:
        """The worst of the cases."""
        worst = verdict_of(case.outcome for case in self.cases)
        not_asked = worst is Verdict.NOT_RUN and self.declared.not_applicable is not None
        return Verdict.NOT_APPLICABLE if not_asked else worst

    @property
    def failures(self) -> list[CaseFinished]:
        """The cases that violate it, then those that could not judge."""
        by_outcome = {outcome: [case for case in self.cases if case.outcome is outcome] for outcome in Outcome}
        return by_outcome[Outcome.VIOLATED] + by_outcome[Outcome.ERROR]

    @property
    def is_stale(self) -> bool:
        """A violation was expected and the requirement held."""
        return self.declared.known_deviation is not None and self.verdict is Verdict.HELD

    @property
    def fails_the_run(self) -> bool:
        """A violation of a MUST that nobody expected."""
        unexpected = self.declared.known_deviation is None
        return self.declared.level is Level.MUST and unexpected and self.verdict is Verdict.VIOLATED

    @property
    def is_unjudged(self) -> bool:
        """A case could not judge, or a MUST that was asked for was never checked."""
        never_checked = self.verdict is Verdict.NOT_RUN and self.declared.level is Level.MUST
        return never_checked or any(case.outcome is Outcome.ERROR for case in self.cases)

    def result(self) -> RequirementResult:
        """The event that says this verdict."""
        outcomes = Counter(case.outcome.value for case in self.cases)
        return RequirementResult(
            self.id, self.declared.level, self.verdict, dict(sorted(outcomes.items())), self.declared.known_deviation
        )


@dataclass(slots=True)
class Run:
    """Everything that a report shows, folded from the events."""

    header: Header | None = None
    requirements: dict[str, RequirementRun] = field(default_factory=dict)
    running: dict[str, CaseStarted] = field(default_factory=dict)
    cases: list[CaseFinished] = field(default_factory=list)
    target_lost: TargetLost | None = None
    footer: Footer | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether the footer is there: the run ended as it should."""
        return self.footer is not None and self.footer.complete

    @property
    def selected(self) -> list[RequirementRun]:
        """The requirements that were asked for."""
        return [entry for entry in self.requirements.values() if entry.declared.selected]

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many selected requirements have each verdict."""
        found = Counter(entry.verdict for entry in self.selected)
        return {verdict: found[verdict] for verdict in Verdict}

    def add(self, event: Event) -> None:
        """Takes the next event of the stream."""
        match event:
            case Header():
                self.header = event
            case RequirementDeclared():
                self.requirements[event.id] = RequirementRun(event)
            case CaseStarted():
                self.running[event.case] = event
            case CaseFinished():
                self._finish(event)
            case TargetLost():
                self.target_lost = event
            case Footer():
                self.abandon_running()
                self.footer = event
            case RequirementResult():
                pass  # says what this class computes

    def unjudged(self) -> list[str]:
        """Why this run cannot be green, one sentence each; empty when it judged all that it was asked."""
        reasons = list(self.problems)
        if self.target_lost is not None:
            reasons.append(f"the target was lost: {self.target_lost.message}")
        if not self.complete:
            reasons.append("the report is incomplete" + (": it has no footer" if self.footer is None else ""))
        if not any(entry.verdict in (Verdict.HELD, Verdict.VIOLATED) for entry in self.selected):
            reasons.append("the run is empty: no requirement was judged")
        for entry in self.selected:
            if entry.is_unjudged:
                also = ", and a case could not judge it" if entry.verdict is Verdict.VIOLATED else ""
                reasons.append(f"{entry.id}: {entry.verdict.value}{also}")
        return reasons

    def _finish(self, event: CaseFinished) -> None:
        self.running.pop(event.case, None)
        self.cases.append(event)
        if not event.requirements and event.outcome in (Outcome.VIOLATED, Outcome.ERROR):
            self.problems.append(f"{event.case} names no requirement and failed")
        for requirement_id in event.requirements:
            if requirement_id in self.requirements:
                self.requirements[requirement_id].cases.append(event)
            else:
                self.problems.append(f"{event.case} checks {requirement_id!r}, which the run did not declare")

    def abandon_running(self) -> None:
        """Counts the cases that began and never finished as errors."""
        for started in list(self.running.values()):
            self._finish(
                CaseFinished(started.case, started.requirements, Outcome.ERROR, started.axes, reason=_NEVER_FINISHED)
            )


def fold(events: Iterable[Event]) -> Run:
    """The run that the events tell; cases that began and never finished count as errors."""
    run = Run()
    for event in events:
        run.add(event)
    run.abandon_running()
    return run


def verdict_of(outcomes: Iterable[Outcome]) -> Verdict:
    """The worst of the outcomes; skipped cases say nothing."""
    seen = set(outcomes) - {Outcome.SKIPPED}
    for outcome, verdict in (
        (Outcome.VIOLATED, Verdict.VIOLATED),
        (Outcome.ERROR, Verdict.UNKNOWN),
        (Outcome.HELD, Verdict.HELD),
        (Outcome.NOT_APPLICABLE, Verdict.NOT_APPLICABLE),
    ):
        if outcome in seen:
            return verdict
    return Verdict.NOT_RUN


def exit_status(run: Run) -> ExitStatus:
    """VIOLATED for a MUST that does not hold or a stale expectation, UNJUDGED for what `unjudged` names, else HELD."""
    if any(entry.fails_the_run or entry.is_stale for entry in run.selected):
        return ExitStatus.VIOLATED
    return ExitStatus.UNJUDGED if run.unjudged() else ExitStatus.HELD


def conclude(run: Run, *, ended_at: str) -> Iterator[RequirementResult | Footer]:
    """The events that end the stream of a run; the caller writes them and adds them to the run."""
    run.abandon_running()
    yield from (entry.result() for entry in run.selected)
    footer = Footer({verdict.value: count for verdict, count in run.counts.items()}, int(ExitStatus.HELD), ended_at)
    yield replace(footer, exit_status=int(exit_status(replace(run, footer=footer))))
