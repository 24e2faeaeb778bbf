"""A run in which every text that others wrote is an attack on the report."""

from __future__ import annotations

from dataclasses import replace

from kafka_conformance.harness.events import (
    CaseFinished,
    Event,
    Failure,
    Footer,
    LaneKind,
    Moment,
    Outcome,
    RequirementDeclared,
    Target,
    TargetLost,
)
from kafka_conformance.harness.requirements import Level, Source
from kafka_conformance.harness.verdicts import Run, fold
from tests.reports import samples


def hostile_run(text: str) -> Run:
    """The run with that text wherever a text can stand."""
    target = Target(text, text, text, (text,))
    header = replace(
        samples.HEADER, target=target, client=text, profile=text, run_id=text, command=text, started_at=text
    )
    history = tuple(Moment(n, text, text, text, kind) for n, kind in enumerate(LaneKind))
    failure = Failure(text, text, text, history, text, text)
    sources = (Source(documentation=text), Source(file=text, symbol=text))
    declared = RequirementDeclared(f"area/{text}", Level.MUST, text, sources, known_deviation=None)
    known = RequirementDeclared(f"other/{text}", Level.MUST, text, sources, known_deviation=text)
    absent = RequirementDeclared(f"third/{text}", Level.MUST, text, sources, not_applicable=text)
    events: list[Event] = [header, declared, known, absent, TargetLost(text)]
    events += [
        CaseFinished(text, (f"area/{text}", f"other/{text}"), Outcome.VIOLATED, {text: text}, 0.1, text, failure)
    ]
    events += [CaseFinished(text, (f"area/{text}",), outcome, {}, 0.1, text, failure) for outcome in Outcome]
    return fold([*events, CaseFinished(text, (text,), Outcome.ERROR), Footer({}, 1, text)])
