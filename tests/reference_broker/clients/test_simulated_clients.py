"""aiokafka, unmodified, against a cluster in virtual time."""

from __future__ import annotations

import time

import pytest

from kafka_conformance.reference_broker.cluster.cluster import Cluster
from kafka_conformance.reference_broker.config.departures import reference_config
from kafka_conformance.reference_broker.simulation import SimulationLoop, simulated_environment
from tests.reference_broker.clients.test_real_clients import round_trip

pytestmark = pytest.mark.slow

ANY_TIMESTAMP = {"log.message.timestamp.after.max.ms": str(2**63 - 1)}
"""aiokafka's C code stamps records with the real time of day."""


def simulated(seed: int) -> float:
    """Run a round trip; return the virtual time at its end."""
    loop = SimulationLoop(seed)
    try:

        async def main() -> float:
            cluster = Cluster(reference_config(ANY_TIMESTAMP), simulated_environment(loop))
            bootstrap = await cluster.start()
            cluster.controller.auto_create_topic("t")
            await round_trip(bootstrap, "t", "g")
            await cluster.stop()
            return loop.time()

        return loop.run_until_complete(main())
    finally:
        loop.close()


def test_a_client_and_a_cluster_run_in_virtual_time_and_the_same_seed_ends_at_the_same_instant() -> None:
    started = time.monotonic()
    first, again, other = simulated(1), simulated(1), simulated(2)

    assert first == again
    assert first != other
    assert time.monotonic() - started < 30
