from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.event_json import from_json, to_json
from kafka_conformance.harness.events import KINDS, CaseFinished, Event, Failure, Moment, Outcome, TargetLost
from tests.harness import event_streams

CASE = CaseFinished(
    "test_acks.py::test_all",
    ("produce/acks/all",),
    Outcome.VIOLATED,
    failure=Failure("m", history=(Moment(1.5, "p", "send"),)),
)


@given(event_streams.events)
def test_an_event_survives_json(event: Event) -> None:
    assert from_json(json.loads(json.dumps(to_json(event)))) == event


def test_an_event_says_its_kind_first() -> None:
    assert next(iter(to_json(TargetLost("gone")).items())) == ("event", "target_lost")


def test_every_kind_of_event_is_one_of_the_union() -> None:
    assert set(KINDS.values()) == set(Event.__args__)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"event": "case_finishd"}, "case_finishd"),
        ({"outcome": "heldd"}, "case_finished.outcome"),
        ({"duration_s": "1"}, "case_finished.duration_s"),
        ({"duration_s": True}, "case_finished.duration_s"),
        ({"duration_s": 10**400}, "case_finished.duration_s"),
        ({"requirements": "produce/acks"}, "case_finished.requirements"),
        ({"requirements": [1]}, "case_finished.requirements[0]"),
        ({"axes": {"codec": 4}}, "case_finished.axes.codec"),
        ({"failure": {}}, "case_finished.failure.message"),
        ({"failure": {"message": "m", "history": [{"t_ms": None}]}}, "case_finished.failure.history[0]"),
        ({"colour": "red"}, "case_finished.colour"),
    ],
)
def test_a_field_that_the_schema_does_not_have_is_named(change: dict[str, Any], names: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_json({**to_json(CASE), **change})

    assert names in str(caught.value)


@pytest.mark.parametrize("document", [None, [], "x", 3, {}, {"event": []}, {"event": None}])
def test_what_is_no_event_is_refused(document: object) -> None:
    with pytest.raises(UsageError):
        from_json(document)


def test_a_schema_of_another_version_is_refused() -> None:
    with pytest.raises(UsageError, match="schema_version"):
        from_json({"event": "header", "schema_version": 2})
