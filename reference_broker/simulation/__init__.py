"""Virtual time: an event loop whose clock jumps, with a network in memory, both repeatable from a seed.

    loop = SimulationLoop(seed=7)
    cluster = Cluster(simulated_environment(loop), ...)

Repeatable are runs of one Python and one version of this project, with one PYTHONHASHSEED if the code under test
iterates over sets of strings.
"""

from kafka_conformance.reference_broker.environment import Environment
from kafka_conformance.reference_broker.simulation.clock import EPOCH_MS, SimulatedClock
from kafka_conformance.reference_broker.simulation.errors import (
    SimulationDeadlock,
    SimulationError,
    SimulationTimeLimit,
)
from kafka_conformance.reference_broker.simulation.hosts import on_host
from kafka_conformance.reference_broker.simulation.loop import SimulationLoop
from kafka_conformance.reference_broker.simulation.network import SimulatedNetwork
from kafka_conformance.reference_broker.simulation.transcript import Delivery, Transcript

__all__ = [
    "EPOCH_MS",
    "Delivery",
    "SimulatedClock",
    "SimulatedNetwork",
    "SimulationDeadlock",
    "SimulationError",
    "SimulationLoop",
    "SimulationTimeLimit",
    "Transcript",
    "on_host",
    "simulated_environment",
]


def simulated_environment(loop: SimulationLoop) -> Environment:
    """Return the world of a cluster that lives on a simulation's loop."""
    return Environment(loop, loop.clock, loop.random("cluster"))
