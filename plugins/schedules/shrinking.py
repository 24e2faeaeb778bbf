"""The smallest schedule that still goes wrong: faults and clients are left out, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_conformance.plugins.schedules.playing import Played, play
from kafka_conformance.plugins.schedules.schedule import Schedule
from kafka_conformance.reference_broker.parts import Parts

MOST_TRIALS = 60


def shrink(schedule: Schedule, parts: Parts | None, found: Played) -> Played:
    """Leaves out what is not needed for a finding of the same kind. `found` is what the whole schedule came to."""
    smallest, trials, wanted = found, 0, kinds_of(found)
    shrunk = True
    while shrunk and trials < MOST_TRIALS:
        shrunk = False
        for smaller in _smaller(smallest.schedule):
            trials += 1
            played = play(smaller, parts)
            if kinds_of(played) & wanted:
                smallest, shrunk = played, True
                break
            if trials >= MOST_TRIALS:
                break
    return smallest


def kinds_of(played: Played) -> set[str]:
    """What the findings begin with: the name of a check, or who met it."""
    return {finding.partition(":")[0] for finding in played.findings}


def _smaller(schedule: Schedule) -> Iterator[Schedule]:
    for index in range(len(schedule.faults)):
        yield schedule.without_fault(index)
    for index in range(len(schedule.actors)):
        yield schedule.without_actor(index)
