"""A target that ends under a case is started again where it can be; the case says nothing, and the run goes on."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from kafka_conformance.harness.events import CaseFinished, Outcome
from kafka_conformance.harness.target import TargetKind
from kafka_conformance.plugins.suite import session
from kafka_conformance.plugins.targets.embedded import Options
from kafka_conformance.plugins.targets.sim import SimulatedTarget
from tests.plugins.sample import Sample

CASES = """
from kafka_conformance.harness.cases import ApiKey, checks, expect, over_versions

@checks("sample/error")
@over_versions(ApiKey.HEARTBEAT, "3-4")
def test_a_crash(cluster, version):
    cluster.target.fell_over = True
    expect(cluster.node_ids).equals("nothing like it")

@checks("sample/held")
def test_held(cluster):
    with cluster.topic() as topic:
        expect(topic.produce([b"a"])).acknowledged_at(0)
"""


class Falls(SimulatedTarget):
    """Ends when it is told to."""

    can_start_again: ClassVar[bool] = True
    fell_over = False

    def start(self) -> None:
        self.fell_over = False
        super().start()

    def problem(self) -> str | None:
        return "it fell over" if self.fell_over else None


FALLS = TargetKind("falls", "falls", "ends when told", lambda argument, name: Falls(name, Options()))


def test_the_run_goes_on_and_other_parameters_of_the_case_are_left_out(tmp_path: Path) -> None:
    status, run, events = Sample(tmp_path, cases=CASES).run(FALLS, target="falls", select="sample/error,sample/held")

    ended = [(event.outcome, event.reason) for event in events if isinstance(event, CaseFinished)]
    assert ended == [
        (Outcome.ERROR, "it fell over, and was started again"),
        (Outcome.SKIPPED, "the target ended under others of its parameters"),
        (Outcome.HELD, ""),
    ]
    assert run.target_lost is None
    assert status == 3, "a requirement that could not be judged is never green"


def test_a_target_that_always_ends_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_STARTS_AGAIN", 0)
    _, run, _ = Sample(tmp_path, cases=CASES).run(FALLS, target="falls", select="sample/error,sample/held")
    assert run.target_lost is not None
    assert run.target_lost.message == "it fell over"
