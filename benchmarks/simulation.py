"""Hypothesis examples a minute of a produce-and-fetch property in virtual time."""

import time
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.rounds import Figure, compare
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.plugins.targets.embedded import parse_options
from kafka_conformance.plugins.targets.sim import SimulatedTarget

EXAMPLES = 300


def run(rounds: int) -> list[Figure]:
    """Measure how fast examples run, the simulated cluster and its client being there already."""
    target = SimulatedTarget("sim", parse_options("", "sim", keys=()))
    target.start()
    cluster = Cluster(target, "benchmark")

    def examples_a_minute() -> float:
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(values=st.lists(st.binary(max_size=20), min_size=1, max_size=5))
        def what_was_produced_is_fetched(values: list[bytes]) -> None:
            with cluster.topic() as topic:
                topic.produce(values)
                assert [record.value for record in topic.records()] == values

        began = time.perf_counter()
        call: Any = what_was_produced_is_fetched
        call()
        return EXAMPLES / (time.perf_counter() - began) * 60

    figure = compare(
        "produce and fetch in the simulation", "examples/min", {"reference": examples_a_minute}, rounds=rounds
    )
    target.stop()
    return [figure]
