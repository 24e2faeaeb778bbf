"""`confluent`: confluent-kafka, that is librdkafka."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import confluent_kafka
from typing_extensions import override

from kafka_conformance.harness.client import (
    DEFAULT_CONSUMER,
    DEFAULT_PRODUCER,
    ClientAdapter,
    ClientError,
    Consumer,
    ConsumerOptions,
    Message,
    Placed,
    Producer,
    ProducerOptions,
    Received,
)
from kafka_conformance.harness.target import Target
from kafka_conformance.plugins.clients.addresses import bootstrap_text

WITHIN_S = 30.0


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except confluent_kafka.KafkaException as error:
        raise _failure(error.args[0]) from error
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        raise ClientError(f"{type(error).__name__}: {error}") from error


def _failure(error: Any) -> ClientError:
    # librdkafka's own codes are below -1 and not Kafka's.
    code = error.code() if hasattr(error, "code") else None
    return ClientError(str(error), code=code if code is not None and code >= -1 else None)


class ConfluentProducer(Producer):
    """confluent_kafka.Producer."""

    def __init__(self, target: Target, options: ProducerOptions) -> None:
        self._producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": bootstrap_text(target),
                "acks": options.acks,
                "enable.idempotence": options.idempotent,
                "compression.type": options.compression,
                "linger.ms": options.linger_ms,
                "partitioner": "murmur2_random",  # Java's; librdkafka's own default is CRC32
                "log_level": 0,
            }
        )

    @override
    def send(self, topic: str, messages: Sequence[Message]) -> list[Placed]:
        placed: dict[int, Placed] = {}
        failures: list[ClientError] = []
        with _translated():
            for number, message in enumerate(messages):
                self._producer.produce(topic, on_delivery=_delivery(number, placed, failures), **_arguments(message))
            left = self._producer.flush(WITHIN_S)
        if failures:
            raise failures[0]
        if left:
            raise ClientError(f"{left} of {len(messages)} records were not acknowledged within {WITHIN_S:g} s")
        return [placed[number] for number in range(len(messages))]

    @override
    def close(self) -> None:
        self._producer.flush(0)


def _delivery(number: int, placed: dict[int, Placed], failures: list[ClientError]) -> Any:
    def delivered(error: Any, message: Any) -> None:
        if error is not None:
            failures.append(_failure(error))
        else:
            placed[number] = Placed(message.partition(), message.offset())

    return delivered


def _arguments(message: Message) -> dict[str, Any]:
    arguments: dict[str, Any] = {"value": message.value, "key": message.key, "headers": list(message.headers)}
    if message.partition is not None:
        arguments["partition"] = message.partition
    if message.timestamp_ms is not None:
        arguments["timestamp"] = message.timestamp_ms
    return arguments


class ConfluentConsumer(Consumer):
    """confluent_kafka.Consumer."""

    def __init__(self, target: Target, options: ConsumerOptions) -> None:
        self._consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": bootstrap_text(target),
                "group.id": options.group or "kafka-conformance-unused",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "isolation.level": options.isolation_level,
                "auto.offset.reset": options.auto_offset_reset,
                "session.timeout.ms": options.session_timeout_ms,
                "fetch.wait.max.ms": options.max_wait_ms,
                "check.crcs": True,
                "log_level": 0,
            }
        )
        self._positions: dict[tuple[str, int], int] = {}

    @override
    def assign(self, positions: Mapping[tuple[str, int], int]) -> None:
        self._positions = dict(positions)
        with _translated():
            self._consumer.assign([_at(topic, index, offset) for (topic, index), offset in positions.items()])

    @override
    def subscribe(self, topics: Sequence[str]) -> None:
        with _translated():
            self._consumer.subscribe(list(topics))

    @override
    def poll(self, within_s: float) -> list[Received]:
        received: list[Received] = []
        deadline = time.monotonic() + within_s
        with _translated():
            while not received and (left := deadline - time.monotonic()) > 0:
                for message in self._consumer.consume(500, timeout=min(left, 0.1)):
                    if message.error() is not None:
                        raise _failure(message.error())
                    received.append(_received(message))
        for record in received:
            self._positions[record.topic, record.partition] = record.offset + 1
        return received

    @override
    def assignment(self) -> set[tuple[str, int]]:
        with _translated():
            return {(entry.topic, entry.partition) for entry in self._consumer.assignment()}

    @override
    def seek(self, topic: str, partition: int, offset: int) -> None:
        self._positions[topic, partition] = offset
        with _translated():
            self._consumer.seek(_at(topic, partition, offset))

    @override
    def position(self, topic: str, partition: int) -> int:
        # librdkafka knows a position only behind a record that it gave.
        with _translated():
            [found] = self._consumer.position([confluent_kafka.TopicPartition(topic, partition)])
        return int(found.offset) if found.offset >= 0 else self._positions.get((topic, partition), -1)

    @override
    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        with _translated():
            answers = self._consumer.commit(
                offsets=[_at(topic, index, offset) for (topic, index), offset in offsets.items()], asynchronous=False
            )
        for answer in answers or ():
            if answer.error is not None:
                raise _failure(answer.error)

    @override
    def committed(self, topic: str, partition: int) -> int | None:
        with _translated():
            [found] = self._consumer.committed([confluent_kafka.TopicPartition(topic, partition)], timeout=WITHIN_S)
        return int(found.offset) if found.offset >= 0 else None

    @override
    def close(self) -> None:
        with _translated():
            self._consumer.close()


def _at(topic: str, partition: int, offset: int) -> Any:
    return confluent_kafka.TopicPartition(topic, partition, offset)


def _received(message: Any) -> Received:
    kind, timestamp = message.timestamp()
    return Received(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        key=message.key(),
        value=message.value(),
        headers=tuple(message.headers() or ()),
        timestamp_ms=timestamp if kind != confluent_kafka.TIMESTAMP_NOT_AVAILABLE else -1,
    )


class ConfluentClient(ClientAdapter):
    """confluent-kafka against one target."""

    @property
    @override
    def version(self) -> str:
        return f"{confluent_kafka.__version__} (librdkafka {confluent_kafka.libversion()[0]})"

    @override
    def producer(self, options: ProducerOptions = DEFAULT_PRODUCER) -> Producer:
        return ConfluentProducer(self.target, options)

    @override
    def consumer(self, options: ConsumerOptions = DEFAULT_CONSUMER) -> Consumer:
        return ConfluentConsumer(self.target, options)
