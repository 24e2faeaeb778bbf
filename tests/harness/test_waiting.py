"""Waiting looks at once, looks again, and gives up at its deadline, on the clock of the loop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.subject.waiting import eventually, reachable, throughout
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.harness.wire.errors import ConnectionClosed
from kafka_conformance.reference_broker.simulation import SimulationLoop


@pytest.fixture
def blocking() -> Iterator[Blocking]:
    """On a clock that costs no time."""
    loop = SimulationLoop(1)
    yield Blocking(loop)
    loop.close()


def test_what_is_true_at_once_costs_no_time(blocking: Blocking) -> None:
    began = blocking.now_s()
    assert eventually(blocking, lambda: "yes", within_s=10, what="it") == "yes"
    assert blocking.now_s() == began


def test_a_violation_means_not_yet_until_the_deadline(blocking: Blocking) -> None:
    looks: list[float] = []

    def look() -> bool:
        looks.append(blocking.now_s())
        raise ConformanceViolation("still not")

    began = blocking.now_s()
    with pytest.raises(ConformanceViolation, match="still not"):
        eventually(blocking, look, within_s=60, what="it")
    assert blocking.now_s() - began == pytest.approx(60)
    assert looks[1] - looks[0] < 0.01


def test_a_falsy_value_at_the_deadline_is_shown(blocking: Blocking) -> None:
    with pytest.raises(ConformanceViolation, match="the log grows did not come true") as caught:
        eventually(blocking, lambda: 0, within_s=1, what="the log grows")
    assert "0 after 1 s" in caught.value.actual


def test_a_wait_whose_time_is_cut_meanwhile_ends_then(blocking: Blocking) -> None:
    began = blocking.now_s()

    def within_s() -> float:
        return 300.0 if blocking.now_s() - began < 20 else 5.0

    with pytest.raises(ConformanceViolation, match="it did not come true") as caught:
        eventually(blocking, lambda: 0, within_s=within_s, what="it")
    assert blocking.now_s() - began == pytest.approx(20, abs=0.5)
    assert "0 after 20" in caught.value.actual


def test_throughout_notices_the_moment_at_which_it_stops_being_true(blocking: Blocking) -> None:
    end = blocking.now_s() + 5
    with pytest.raises(ConformanceViolation, match="stopped being true"):
        throughout(blocking, lambda: blocking.now_s() < end, for_s=10, what="it")
    assert blocking.now_s() == pytest.approx(end, abs=0.3)
    throughout(blocking, lambda: True, for_s=10, what="it")


def test_a_node_that_restarts_is_not_there_yet_rather_than_wrong(blocking: Blocking) -> None:
    tries = iter([ConnectionClosed("gone"), "back"])

    def look() -> str:
        found = next(tries)
        if isinstance(found, Exception):
            raise found
        return found

    assert eventually(blocking, reachable(look), within_s=1, what="it") == "back"


def test_a_caller_inside_a_running_loop_is_served_by_a_thread_aside() -> None:
    import asyncio

    inner = asyncio.new_event_loop()
    blocking = Blocking(inner)

    async def outer() -> int:
        return blocking.run(asyncio.sleep(0, result=7))

    assert asyncio.run(outer()) == 7
    blocking.close()
    inner.close()
