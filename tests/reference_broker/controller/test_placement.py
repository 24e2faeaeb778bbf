"""The striped placement of replicas."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.reference_broker.controller.image import BrokerImage
from kafka_conformance.reference_broker.controller.placement import PlacementError, StripedReplicaPlacer

racks = st.sampled_from([None, "a", "b", "c"])
clusters = st.lists(st.tuples(racks, st.booleans()), min_size=1, max_size=9).map(
    lambda brokers: [
        BrokerImage(node_id, "h", 1, rack, fenced and node_id > 0) for node_id, (rack, fenced) in enumerate(brokers)
    ]
)


@given(clusters, st.integers(1, 20), st.randoms(use_true_random=False), st.data())
def test_replicas_are_on_different_brokers_and_a_live_one_leads(
    brokers: list[BrokerImage], partitions: int, chance: random.Random, data: st.DataObject
) -> None:
    factor = data.draw(st.integers(1, len(brokers)))
    placer = StripedReplicaPlacer(brokers, chance)
    fenced = {broker.node_id for broker in brokers if broker.fenced}

    for _ in range(partitions):
        replicas = placer.place(factor)

        assert len(set(replicas)) == len(replicas) == factor
        assert replicas[0] not in fenced


@given(st.integers(1, 6), st.integers(1, 4), st.randoms(use_true_random=False))
def test_leaders_are_spread_evenly_over_live_brokers(count: int, rounds: int, chance: random.Random) -> None:
    placer = StripedReplicaPlacer([BrokerImage(node_id, "h", 1) for node_id in range(count)], chance)

    leaders = Counter(placer.place(1)[0] for _ in range(count * rounds))

    assert set(leaders.values()) == {rounds}


@given(st.randoms(use_true_random=False))
def test_replicas_are_on_different_racks_while_there_are_enough(chance: random.Random) -> None:
    brokers = [BrokerImage(node_id, "h", 1, rack="abc"[node_id % 3]) for node_id in range(9)]
    placer = StripedReplicaPlacer(brokers, chance)

    for _ in range(9):
        assert {node_id % 3 for node_id in placer.place(3)} == {0, 1, 2}


@pytest.mark.parametrize(
    ("brokers", "factor", "message"),
    [
        ([], 1, "All brokers are currently fenced, or have all their log directories cordoned."),
        (
            [BrokerImage(1, "h", 1, fenced=True)],
            1,
            "All brokers are currently fenced, or have all their log directories cordoned.",
        ),
        (
            [BrokerImage(1, "h", 1)],
            2,
            (
                "The target replication factor of 2 cannot be reached because only 1 broker(s) are registered or some "
                "brokers have all their log directories cordoned."
            ),
        ),
    ],
)
def test_too_few_brokers_are_said_in_kafkas_words(brokers: list[BrokerImage], factor: int, message: str) -> None:
    with pytest.raises(PlacementError) as refused:
        StripedReplicaPlacer(brokers, random.Random(0)).place(factor)

    assert str(refused.value) == message
