"""Any schedule of faults: nothing that was acknowledged is lost, and a seed always gives the same run."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference_broker.replication.schedules import SCHEDULES, Run

SEEDS = st.integers(0, 2**16)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=SEEDS, schedule=SCHEDULES)
def test_no_schedule_loses_what_was_acknowledged_for_all(seed: int, schedule: list[tuple[Any, ...]]) -> None:
    Run(seed).play(schedule)


def test_a_seed_always_gives_the_same_run() -> None:
    schedule: list[tuple[Any, ...]] = [
        ("produce", -1, 0),
        ("produce", 1, 0),
        ("cut", 1, 3),
        ("produce", -1, 0),
        ("wait", 1.2),
        ("pause", 2),
        ("produce", -1, 0),
        ("kill", 1),
        ("wait", 2.5),
        ("resume", 2),
        ("produce", -1, 0),
        ("start", 1),
        ("wait", 0.3),
        ("produce", -1, 2),
    ]

    def transcript(seed: int) -> list[Any]:
        run = Run(seed)
        run.play(schedule)
        return run.transcript

    assert transcript(5) == transcript(5)
    assert transcript(5) != transcript(6)
