"""What the cases of replication are made of: models, and clients that go on while nodes come and go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.replication.coordinators import partition_for
from kafka_conformance.conformance.replication.epochs import Led, Stint
from kafka_conformance.conformance.replication.failing import log_end_at, wait_for_isr
from kafka_conformance.conformance.replication.faults import Fault, Kind, under_load
from kafka_conformance.conformance.replication.leading import lead_from
from kafka_conformance.harness.capabilities import derived_capabilities
from kafka_conformance.harness.checkers.anomalies import anomalies
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.plugins.targets.sim import create
from kafka_conformance.reference_broker.groups.java_strings import coordinator_partition


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    target = create("brokers=3", "sim:brokers=3")
    target.start()
    bare = Cluster(target, "test")
    subject = Cluster(target, "test", capabilities=target.capabilities | derived_capabilities(bare.versions))
    try:
        yield subject
    finally:
        bare.close()
        subject.close()
        target.stop()
        target.close_loop()


@given(key=st.text(st.characters(codec="utf-8")), partitions=st.integers(1, 60))
def test_a_coordinator_is_found_where_kafka_puts_it(key: str, partitions: int) -> None:
    assert partition_for(key, partitions) == coordinator_partition(key, partitions)


def test_an_epoch_in_which_nothing_was_written_ends_where_the_one_before_ends(cluster: Cluster) -> None:
    with cluster.topic(replication_factor=3) as topic:
        led = Led(topic, [Stint(0, 2), Stint(1, 0), Stint(2, 1)])

        first, empty, last = led.epochs[-3:]
        assert [led.end_of(epoch) for epoch in (first, empty, last)] == [(first, 2), (first, 2), (last, 3)]


def test_nobody_asks_a_node_that_was_killed_until_it_is_back(cluster: Cluster) -> None:
    with cluster.topic(replication_factor=3) as topic:
        dead = topic.leader()
        cluster.kill(dead)
        assert dead not in cluster.node_ids
        assert not cluster.is_whole
        topic.refresh()
        assert topic.leader() != dead
        topic.produce([b"meanwhile"])
        cluster.restart(dead)
        wait_for_isr(topic, *cluster.node_ids, node=topic.leader())
        assert dead in cluster.node_ids
        assert cluster.is_whole


def test_a_debugging_consumer_is_told_the_end_of_a_log_that_is_not_committed(cluster: Cluster) -> None:
    with cluster.topic(assignment=[cluster.node_ids[:2]], configs={"min.insync.replicas": "2"}) as topic:
        leader, follower = cluster.node_ids[:2]
        with cluster.paused(follower):
            wait_for_isr(topic, leader, node=leader)
            topic.produce([b"a"], acks=1)
            assert (log_end_at(topic, leader), topic.end_offset()) == (1, 0)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("leader", [True, False])
def test_clients_go_on_whatever_is_done_to_one_node(cluster: Cluster, kind: Kind, leader: bool) -> None:
    with cluster.topic(replication_factor=3) as topic:
        load = under_load(cluster, topic, [Fault(kind, leader, 0)])

        assert anomalies(load.history) == []
        assert len(load.history.tables["records"]) > 3 * 4  # what each producer sent before, meanwhile and afterwards


def test_a_leader_is_another_one_when_it_is_asked_for(cluster: Cluster) -> None:
    with cluster.topic(2, replication_factor=3) as topic:
        (chosen,) = {*cluster.node_ids} - {topic.leader(0), topic.leader(1)}
        lead_from(topic, chosen, partition=1)
        assert topic.leader(1) == chosen != topic.leader(0)
