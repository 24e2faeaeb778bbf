"""Brokers that come back."""

from __future__ import annotations

from kafka_conformance.reference_broker.controller.image import BrokerImage
from tests.reference_broker.controller.support import Running, topic


def test_a_broker_that_comes_back_leads_in_a_new_leader_epoch() -> None:
    running = Running(brokers=2)
    running.create(topic(partitions=2))
    before = {each.leader: each for each in running.image.topics["orders"].partitions}

    running.controller.register_broker(BrokerImage(2, "localhost", 9002))

    after = {each.leader: each for each in running.image.topics["orders"].partitions}
    assert after[1] == before[1]
    # One epoch in which nobody leads, and that of the last known leader (observed on 4.3.1)
    assert after[2].leader_epoch == before[2].leader_epoch + 2
