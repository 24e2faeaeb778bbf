"""From what a child said of a mutant to the mutant's fate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kafka_conformance.plugins.commands.mutants import status_of
from kafka_conformance.plugins.mutation.trial import Fate, Result, result_of
from kafka_conformance.reference_broker.log import LogParts
from kafka_conformance.reference_broker.mutants import Mutant

MUTANT = Mutant("a/mutant", "a/requirement", LogParts().validator, "check_crc")


def case(outcome: str, *requirements: str, reason: str = "") -> Mapping[str, Any]:
    names = list(requirements or ("a/requirement",))
    return {"case": f"test_{outcome}", "requirements": names, "outcome": outcome, "reason": reason}


@pytest.mark.parametrize(
    ("data", "fate", "reason"),
    [
        ({"calls": 3, "cases": [case("held"), case("violated")], "lost": ""}, Fate.KILLED, ""),
        ({"calls": 3, "cases": [case("held"), case("not_applicable")], "lost": ""}, Fate.SURVIVED, ""),
        ({"calls": 0, "cases": [case("held")], "lost": ""}, Fate.UNREACHED, ""),
        ({"calls": 3, "cases": [case("held"), case("error", reason="x")], "lost": ""}, Fate.UNJUDGED, "x"),
        ({"calls": 3, "cases": [case("error")], "lost": "it fell"}, Fate.UNJUDGED, "it fell"),
        ({"calls": 0, "cases": [case("not_applicable")], "lost": ""}, Fate.UNJUDGED, "no case"),
        ({"calls": 0, "cases": [], "lost": ""}, Fate.UNJUDGED, "no case"),
        ({"error": "status 9"}, Fate.UNJUDGED, "status 9"),
        ({"calls": 3, "cases": [case("violated", "b/other"), case("held")], "lost": ""}, Fate.SURVIVED, ""),
    ],
)
def test_only_a_violation_of_its_own_requirement_kills(data: Mapping[str, Any], fate: Fate, reason: str) -> None:
    result = result_of(MUTANT, data, 0.1)
    assert result.fate is fate
    assert reason in result.reason


def test_what_else_a_mutant_broke_is_listed() -> None:
    cases = [case("violated"), case("violated", "c/third", "b/other"), case("held", "d/fourth")]
    result = result_of(MUTANT, {"calls": 1, "cases": cases, "lost": ""}, 0.1)
    assert result.killed_by == ("test_violated",)
    assert result.also_broke == ("b/other", "c/third")


@pytest.mark.parametrize(
    ("fates", "status"),
    [
        ([Fate.KILLED, Fate.KILLED], 0),
        ([Fate.KILLED, Fate.SURVIVED], 1),
        ([Fate.UNREACHED], 1),
        ([Fate.UNJUDGED, Fate.SURVIVED], 1),
        ([Fate.KILLED, Fate.UNJUDGED], 3),
        ([], 3),
    ],
)
def test_one_survivor_fails_and_no_mutants_are_not_green(fates: list[Fate], status: int) -> None:
    assert status_of([Result("m", "a/r", fate) for fate in fates]) == status
