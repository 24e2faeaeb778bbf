"""Client libraries that know nothing of this broker: produce, consume, seek, commit, rebalance."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.reference_broker.wire import RunningCluster

pytestmark = pytest.mark.slow

COUNT = 300
SECONDS = 20


@pytest.fixture(scope="module")
def cluster() -> Iterator[RunningCluster]:
    with RunningCluster({"group.min.session.timeout.ms": "1000"}) as running:
        yield running


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"


class TestConfluentKafka:
    def produce(self, cluster: RunningCluster, topic: str, **options: Any) -> list[int]:
        from confluent_kafka import Producer

        producer = Producer({"bootstrap.servers": cluster.bootstrap, **options})
        offsets: list[int] = []

        def delivered(error: Any, message: Any) -> None:
            assert error is None, error
            offsets.append(message.offset())

        for number in range(COUNT):
            producer.produce(topic, key=b"k%d" % number, value=b"v%d" % number, partition=0, on_delivery=delivered)
        assert producer.flush(SECONDS) == 0
        return offsets

    @pytest.mark.parametrize("compression", ["none", "gzip", "snappy", "lz4", "zstd"])
    def test_what_it_sends_idempotently_is_read_in_order(self, cluster: RunningCluster, compression: str) -> None:
        from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

        topic = cluster.topic()
        options = {"enable.idempotence": True, "compression.type": compression, "linger.ms": 5}
        assert self.produce(cluster, topic, **options) == list(range(COUNT))

        consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "unused"})
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        messages = self.read(consumer, COUNT)
        assert [message.value() for message in messages] == [b"v%d" % number for number in range(COUNT)]
        consumer.seek(TopicPartition(topic, 0, 250))
        assert self.read(consumer, 1)[0].offset() == 250
        consumer.close()

    @pytest.mark.parametrize("acks", ["0", "1"])
    def test_other_acks(self, cluster: RunningCluster, acks: str) -> None:
        topic = cluster.topic()
        self.produce(cluster, topic, acks=acks)

        replica = cluster.cluster.brokers[1].partitions[topic, 0]
        until(lambda: replica.log.log_end_offset == COUNT)

    def read(self, consumer: Any, count: int) -> list[Any]:
        messages: list[Any] = []

        def enough() -> bool:
            message = consumer.poll(0.2)
            if message is not None:
                assert message.error() is None, message.error()
                messages.append(message)
            return len(messages) >= count

        until(enough)
        return messages

    def test_two_members_of_a_group_share_partitions_and_go_on_where_it_has_committed(
        self, cluster: RunningCluster
    ) -> None:
        from confluent_kafka import Consumer

        topic, group = cluster.topic(partitions=4), f"group-{uuid4()}"
        self.produce(cluster, topic)
        options = {
            "bootstrap.servers": cluster.bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 3000,
            "heartbeat.interval.ms": 200,
            "enable.auto.commit": False,
        }
        first, second = Consumer(options), Consumer(options)
        first.subscribe([topic])
        self.read(first, COUNT)
        first.commit(asynchronous=False)
        second.subscribe([topic])

        def shared() -> bool:
            for consumer in (first, second):
                assert consumer.poll(0.05) is None, "nothing is read twice"
            return len(first.assignment()) == len(second.assignment()) == 2

        until(shared)
        second.close()
        until(lambda: first.poll(0.05) is None and len(first.assignment()) == 4)
        first.close()

    def test_an_admin_client_creates_describes_and_deletes(self, cluster: RunningCluster) -> None:
        from confluent_kafka.admin import AdminClient, NewTopic

        admin = AdminClient({"bootstrap.servers": cluster.bootstrap})
        name = f"made-{uuid4()}"
        admin.create_topics([NewTopic(name, 3, 1)])[name].result(SECONDS)
        assert len(admin.list_topics(name, SECONDS).topics[name].partitions) == 3
        admin.delete_topics([name])[name].result(SECONDS)
        assert name not in admin.list_topics(timeout=SECONDS).topics


class TestKafkaPython:
    def test_it_produces_consumes_seeks_and_commits(self, cluster: RunningCluster) -> None:
        from kafka import KafkaConsumer, KafkaProducer, TopicPartition
        from kafka.structs import OffsetAndMetadata

        topic, group = cluster.topic(), f"group-{uuid4()}"
        producer = KafkaProducer(bootstrap_servers=cluster.bootstrap)
        futures = [producer.send(topic, b"v%d" % number) for number in range(COUNT)]
        assert [future.get(SECONDS).offset for future in futures] == list(range(COUNT))
        producer.close()

        consumer = KafkaConsumer(
            topic,
            bootstrap_servers=cluster.bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            consumer_timeout_ms=SECONDS * 1000,
        )
        assert [next(consumer).offset for _ in range(COUNT)] == list(range(COUNT))
        partition = TopicPartition(topic, 0)
        consumer.seek(partition, 7)
        assert next(consumer).offset == 7
        consumer.commit({partition: OffsetAndMetadata(42, "here", -1)})
        assert consumer.committed(partition) == 42
        assert consumer.end_offsets([partition]) == {partition: COUNT}
        consumer.close()


class TestAiokafka:
    def test_it_produces_consumes_seeks_and_commits(self, cluster: RunningCluster) -> None:
        asyncio.run(round_trip(cluster.bootstrap, cluster.topic(), f"group-{uuid4()}"))


async def round_trip(bootstrap: str, topic: str, group: str) -> None:
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    await producer.start()
    sent = [await producer.send_and_wait(topic, b"v%d" % number) for number in range(COUNT)]
    assert [each.offset for each in sent] == list(range(COUNT))
    await producer.stop()

    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    assert [(await consumer.getone()).offset for _ in range(COUNT)] == list(range(COUNT))
    partition = TopicPartition(topic, 0)
    consumer.seek(partition, 7)
    assert (await consumer.getone()).offset == 7
    await consumer.commit({partition: 42})
    assert await consumer.committed(partition) == 42
    await consumer.stop()
