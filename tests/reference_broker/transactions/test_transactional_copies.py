"""A transactional copy by client libraries that know nothing of this broker: consume, process, produce, and send the
offsets in the transaction. The output is the input, once, although a transaction in the middle is aborted and the
broker restarts while another one is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.reference_broker.transactions.support import read, until
from tests.reference_broker.wire import RunningCluster, batch, produce

pytestmark = pytest.mark.slow

COUNT = 60
SHARE = 10
"""Records in a transaction."""
SECONDS = 30
ABORTED = 2
RESTARTED = 4
"""The number of the transaction that is aborted, and of the one in whose midst the broker restarts."""


class Copy:
    """What is copied, and whether it arrived."""

    def __init__(self, cluster: RunningCluster) -> None:
        self.cluster = cluster
        self.bootstrap = cluster.bootstrap
        self.source = cluster.topic()
        self.target = cluster.topic(partitions=2)
        self.group = f"copy-{uuid4().hex[:8]}"
        self.transactional_id = f"copier-{uuid4().hex[:8]}"
        self.values = [b"v%03d" % number for number in range(COUNT)]
        with cluster.wire() as wire:
            for value in self.values:
                assert produce(wire, self.source, batch(value)).error_code == 0

    def restart(self) -> None:
        self.cluster.thread.call(self.cluster.cluster.restart(1))

    def arrived(self) -> list[bytes]:
        with self.cluster.wire() as wire:
            return sorted(
                value for partition in (0, 1) for value in read(wire, self.target, partition=partition) if value
            )

    def check(self) -> None:
        assert until(self.arrived, lambda values: len(values) >= COUNT) == [b"copy of " + each for each in self.values]
        with self.cluster.wire() as wire:
            written = [v for partition in (0, 1) for v in read(wire, self.target, partition=partition, committed=False)]
        assert len(written) > COUNT, "an aborted transaction has left its records"


@pytest.fixture
def copy() -> Iterator[Copy]:
    with RunningCluster({"group.min.session.timeout.ms": "1000"}) as cluster:
        yield Copy(cluster)


def retried(do: Callable[[], Any]) -> None:
    """librdkafka asks to call again where the broker went away."""
    from confluent_kafka import KafkaException

    for _ in range(20):
        try:
            do()
            return
        except KafkaException as error:
            if not error.args[0].retriable():
                raise
    raise AssertionError("still retriable")


RECOVERY = {"metadata.recovery.strategy": "none"}
"""By default librdkafka begins from its bootstrap servers again when the only broker is gone, and then waits for ever
for the handle of the group's coordinator that it has thrown away."""


def test_confluent_kafka_copies_exactly_once(copy: Copy) -> None:
    from confluent_kafka import Consumer, Producer, TopicPartition

    consumer = Consumer(
        {
            "bootstrap.servers": copy.bootstrap,
            "group.id": copy.group,
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 60_000,
            **RECOVERY,
        }
    )
    producer = Producer({"bootstrap.servers": copy.bootstrap, "transactional.id": copy.transactional_id, **RECOVERY})
    consumer.subscribe([copy.source])
    retried(lambda: producer.init_transactions(SECONDS))
    position = number = 0
    while position < COUNT:
        producer.begin_transaction()
        end = position
        while end < position + SHARE:
            message = consumer.poll(SECONDS)
            assert message is not None
            assert message.error() is None or message.error().retriable()
            if message.error() is None:
                producer.produce(copy.target, b"copy of " + message.value(), partition=end % 2)
                end = message.offset() + 1
        number += 1
        if number == RESTARTED:
            producer.flush(SECONDS)
            copy.restart()
        offsets = [TopicPartition(copy.source, 0, end)]
        retried(
            lambda offsets=offsets: producer.send_offsets_to_transaction(  # type: ignore[misc]
                offsets, consumer.consumer_group_metadata(), SECONDS
            )
        )
        if number == ABORTED:
            producer.flush(SECONDS)
            retried(lambda: producer.abort_transaction(SECONDS))
            consumer.seek(TopicPartition(copy.source, 0, position))
            continue
        retried(lambda: producer.commit_transaction(SECONDS))
        position = end
    (committed,) = consumer.committed([TopicPartition(copy.source, 0)], SECONDS)
    assert committed.offset == COUNT
    consumer.close()
    copy.check()


def test_kafka_python_copies_exactly_once(copy: Copy) -> None:
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.structs import OffsetAndMetadata

    partition = TopicPartition(copy.source, 0)
    consumer = KafkaConsumer(
        copy.source,
        bootstrap_servers=copy.bootstrap,
        group_id=copy.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        consumer_timeout_ms=SECONDS * 1000,
    )
    producer = KafkaProducer(bootstrap_servers=copy.bootstrap, transactional_id=copy.transactional_id)
    producer.init_transactions()
    position = number = 0
    while position < COUNT:
        producer.begin_transaction()
        messages = [next(consumer) for _ in range(SHARE)]
        for message in messages:
            producer.send(copy.target, b"copy of " + message.value, partition=message.offset % 2)
        end = messages[-1].offset + 1
        number += 1
        if number == RESTARTED:
            producer.flush(SECONDS)
            copy.restart()
        producer.send_offsets_to_transaction({partition: OffsetAndMetadata(end, "", -1)}, consumer.group_metadata())
        if number == ABORTED:
            producer.flush(SECONDS)
            producer.abort_transaction()
            consumer.seek(partition, position)
            continue
        producer.commit_transaction()
        position = end
    assert consumer.committed(partition) == COUNT
    consumer.close()
    producer.close()
    copy.check()


def test_aiokafka_copies_exactly_once(copy: Copy) -> None:
    asyncio.run(aiokafka_copies(copy))
    copy.check()


async def aiokafka_copies(copy: Copy) -> None:
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

    partition = TopicPartition(copy.source, 0)
    consumer = AIOKafkaConsumer(
        copy.source,
        bootstrap_servers=copy.bootstrap,
        group_id=copy.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(bootstrap_servers=copy.bootstrap, transactional_id=copy.transactional_id)
    await consumer.start()
    await producer.start()
    position = number = 0
    while position < COUNT:
        await producer.begin_transaction()
        messages = [await asyncio.wait_for(consumer.getone(), SECONDS) for _ in range(SHARE)]
        for message in messages:
            await producer.send_and_wait(copy.target, b"copy of " + message.value, partition=message.offset % 2)
        end = messages[-1].offset + 1
        number += 1
        if number == RESTARTED:
            await asyncio.to_thread(copy.restart)
        await producer.send_offsets_to_transaction({partition: end}, copy.group)
        if number == ABORTED:
            await producer.abort_transaction()
            consumer.seek(partition, position)
            continue
        await producer.commit_transaction()
        position = end
    assert await consumer.committed(partition) == COUNT
    await consumer.stop()
    await producer.stop()
