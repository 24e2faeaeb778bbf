"""Client libraries go on when the leader of what they write, or their coordinator, is killed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from kafka_conformance.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from tests.reference_broker.wire import RunningCluster

pytestmark = pytest.mark.slow

SECONDS = 30
SETTINGS = {"broker.session.timeout.ms": "1000", "broker.heartbeat.interval.ms": "100"}


@pytest.fixture
def cluster() -> Iterator[RunningCluster]:
    with RunningCluster(SETTINGS, brokers=3) as running:
        yield running


def create(cluster: RunningCluster, name: str) -> None:
    topic = CreatableTopic(name=name, num_partitions=1, replication_factor=3)
    request = CreateTopicsRequest(topics=[topic], timeout_ms=1000)
    answer = cluster.thread.call(lambda: cluster.cluster.controller.create_topics(request))
    assert answer.topics[0].error_code == 0


def leader_of(cluster: RunningCluster, topic: str, partition: int = 0) -> int:
    return cluster.cluster.controller.image.topics[topic].partitions[partition].leader


def kill(cluster: RunningCluster, node: int) -> None:
    cluster.thread.call(cluster.cluster.kill(node))


def test_an_idempotent_producer_loses_and_repeats_nothing_when_its_leader_is_killed(cluster: RunningCluster) -> None:
    from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

    create(cluster, "orders")
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "enable.idempotence": True, "linger.ms": 1})
    acknowledged: list[bytes] = []

    def delivered(error: Any, message: Any) -> None:
        assert error is None, error
        acknowledged.append(message.value())

    sent = []
    for number in range(600):
        if number == 200:
            assert producer.flush(SECONDS) == 0
            kill(cluster, leader_of(cluster, "orders"))
        sent.append(b"%d" % number)
        producer.produce("orders", sent[-1], partition=0, on_delivery=delivered)
        producer.poll(0)
    assert producer.flush(SECONDS) == 0
    assert acknowledged == sent

    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "unused"})
    consumer.assign([TopicPartition("orders", 0, OFFSET_BEGINNING)])
    assert read(consumer, len(sent)) == sent
    consumer.close()


def test_a_group_goes_on_where_it_was_when_its_coordinator_is_killed(cluster: RunningCluster) -> None:
    from confluent_kafka import Consumer, Producer

    create(cluster, "orders")
    producer = Producer({"bootstrap.servers": cluster.bootstrap})
    for number in range(20):
        producer.produce("orders", b"%d" % number, partition=0)
    assert producer.flush(SECONDS) == 0
    options = {
        "bootstrap.servers": cluster.bootstrap,
        "group.id": "g",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
    consumer = Consumer(options)
    consumer.subscribe(["orders"])
    assert read(consumer, 20)[0] == b"0"
    consumer.commit(asynchronous=False)

    coordinator = leader_of(cluster, "__consumer_offsets", cluster.cluster.brokers[1].groups.partition_for("g"))
    kill(cluster, coordinator)
    producer.produce("orders", b"after", partition=0)
    assert producer.flush(SECONDS) == 0

    assert read(consumer, 1) == [b"after"]
    consumer.commit(asynchronous=False)
    consumer.close()

    again = Consumer({**options, "bootstrap.servers": cluster.bootstrap})
    again.subscribe(["orders"])
    producer.produce("orders", b"last", partition=0)
    assert producer.flush(SECONDS) == 0
    assert read(again, 1) == [b"last"]
    again.close()


def read(consumer: Any, count: int) -> list[bytes]:
    found: list[bytes] = []
    deadline = time.monotonic() + SECONDS
    while len(found) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count}"
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            found.append(message.value())
    return found
