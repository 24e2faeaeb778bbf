"""Programs of five client libraries copy exactly once, while the brokers of a cluster and the copiers are killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_conformance.harness.target import Target
from kafka_conformance.plugins.builtin import make_registry
from tests.clients.transactional_copy import SETTINGS, TARGET
from tests.clients.transactional_copy.arrangement import Fault, copy
from tests.clients.transactional_copy.copiers import COPIERS, Unavailable

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
"""A copy takes seconds; building franz-go from nothing takes 40 more, and minutes where others want the machine too."""
FAULTS = {
    "confluent": (Fault.TRANSACTION_COORDINATOR_KILLED, Fault.GROUP_COORDINATOR_KILLED, Fault.COPIER_FROZEN),
    "kafka-python": (Fault.TRANSACTION_COORDINATOR_KILLED, Fault.COPIER_FROZEN),
    "aiokafka": (Fault.LEADER_KILLED, Fault.GROUP_COORDINATOR_KILLED, Fault.COPIER_FROZEN),
    "java": (Fault.TRANSACTION_COORDINATOR_KILLED, Fault.BROKER_RESTARTED, Fault.COPIER_FROZEN),
    "franz-go": (Fault.LEADER_KILLED, Fault.TRANSACTION_COORDINATOR_KILLED, Fault.COPIER_KILLED),
}
"""Not all of them for each: a default run has no time for that (`python -m tests.clients.transactional_copy` has)."""
GIVE_UP = {"confluent", "kafka-python", "aiokafka", "franz-go"}
"""What has to be started again now and then when a broker is gone. confluent and kafka-python wait for ever, on Apache
Kafka too. aiokafka 0.14's sender ends where the connection breaks on which it has asked for a coordinator
(Sender._find_coordinator), and franz-go tells the application that a broker could not be dialled."""


@pytest.fixture
def target() -> Iterator[Target]:
    target = make_registry().target(f"{TARGET},{SETTINGS}")
    target.start()
    yield target
    target.stop()
    target.close_loop()


@pytest.mark.parametrize("client", COPIERS)
def test_a_copy_holds_every_record_once_whatever_is_killed_under_it(
    client: str, target: Target, tmp_path: Path
) -> None:
    try:
        command = COPIERS[client]()
    except Unavailable as error:
        pytest.skip(str(error))

    outcome = copy(target, command, 1, tmp_path, FAULTS[client])

    assert outcome.gave_up == 0 or client in GIVE_UP
