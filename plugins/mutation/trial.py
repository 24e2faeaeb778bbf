"""One mutant against the cases of the requirement that it violates, in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from kafka_conformance.harness.configuration import Configuration
from kafka_conformance.harness.events import CaseFinished, Outcome
from kafka_conformance.harness.registry import Registry
from kafka_conformance.harness.verdicts import Run
from kafka_conformance.plugins.suite.marks import is_case, requirements_of
from kafka_conformance.plugins.suite.run import SuiteRun
from kafka_conformance.reference_broker.mutants import Mutant


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNREACHED = "unreached"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Result:
    """A mutant's fate: the cases that killed it, and which other requirements it broke."""

    mutant: str
    violates: str
    fate: Fate
    killed_by: tuple[str, ...] = ()
    also_broke: tuple[str, ...] = ()
    calls: int = 0
    reason: str = ""
    duration_s: float = 0.0


@dataclass
class CaseList:
    """Collects without running: which cases judge which requirement."""

    by_requirement: dict[str, list[str]] = field(default_factory=dict)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Takes all cases out: nothing is to run."""
        for item in items:
            if is_case(item):
                for name in requirements_of(item):
                    self.by_requirement.setdefault(name, []).append(item.nodeid)
        items.clear()


def try_mutant(
    mutant: Mutant, configuration: Configuration, registry: Registry, node_ids: Sequence[str], *, exhaustive: bool
) -> Mapping[str, Any]:
    """Runs the cases on the mutant; plain data for `result_of`. To be called in a child process."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    suite = SuiteRun(configuration, registry, node_ids=node_ids, exhaustive=exhaustive)
    suite.execute()
    return {"calls": mutant.reached, "cases": [_plain(case) for case in suite.result.cases], **_problems(suite.result)}


def result_of(mutant: Mutant, data: Mapping[str, Any], duration_s: float) -> Result:
    """The fate that follows from what a child said."""
    if "error" in data:
        return Result(mutant.name, mutant.violates, Fate.UNJUDGED, reason=data["error"], duration_s=duration_s)
    violated = [case for case in data["cases"] if case["outcome"] == Outcome.VIOLATED]
    killers = tuple(case["case"] for case in violated if mutant.violates in case["requirements"])
    others = {name for case in violated for name in case["requirements"]} - {mutant.violates}
    fate, reason = _fate(killers, data)
    return Result(mutant.name, mutant.violates, fate, killers, tuple(sorted(others)), data["calls"], reason, duration_s)


def _fate(killers: Sequence[str], data: Mapping[str, Any]) -> tuple[Fate, str]:
    if killers:
        return Fate.KILLED, ""
    unjudged = [case for case in data["cases"] if case["outcome"] == Outcome.ERROR]
    if unjudged or data["lost"]:
        return Fate.UNJUDGED, data["lost"] or unjudged[0]["reason"]
    judged = [case for case in data["cases"] if case["outcome"] == Outcome.HELD]
    if not judged:
        return Fate.UNJUDGED, "no case of its requirement could be asked"
    return (Fate.SURVIVED, "") if data["calls"] else (Fate.UNREACHED, "")


def _plain(case: CaseFinished) -> dict[str, Any]:
    return {
        "case": case.case,
        "requirements": list(case.requirements),
        "outcome": case.outcome.value,
        "reason": case.reason,
    }


def _problems(run: Run) -> dict[str, str]:
    return {"lost": run.target_lost.message if run.target_lost is not None else ""}
