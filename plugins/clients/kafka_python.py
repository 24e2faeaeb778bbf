"""`kafka-python`: pure Python, with threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import kafka
import kafka.errors
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
from kafka_conformance.plugins.clients.addresses import bootstrap_servers

WITHIN_S = 30.0
CLOSE_WITHIN_S = 5.0


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except kafka.errors.KafkaError as error:
        code = getattr(error, "errno", None)
        raise ClientError(str(error), code=code if isinstance(code, int) else None) from error
    except (AssertionError, AttributeError, TypeError, ValueError, RuntimeError) as error:
        raise ClientError(f"{type(error).__name__}: {error}") from error


class KafkaPythonProducer(Producer):
    """kafka.KafkaProducer."""

    def __init__(self, target: Target, options: ProducerOptions) -> None:
        with _translated():
            self._producer = kafka.KafkaProducer(
                bootstrap_servers=bootstrap_servers(target),
                acks=options.acks,
                enable_idempotence=options.idempotent,
                compression_type=None if options.compression == "none" else options.compression,
                linger_ms=options.linger_ms,
            )

    @override
    def send(self, topic: str, messages: Sequence[Message]) -> list[Placed]:
        with _translated():
            futures = [self._producer.send(topic, **_arguments(message)) for message in messages]
            metadata = [future.get(timeout=WITHIN_S) for future in futures]
        return [Placed(entry.partition, entry.offset) for entry in metadata]

    @override
    def close(self) -> None:
        with _translated():
            self._producer.close(timeout=CLOSE_WITHIN_S)


def _arguments(message: Message) -> dict[str, Any]:
    return {
        "value": message.value,
        "key": message.key,
        "headers": list(message.headers),
        "partition": message.partition,
        "timestamp_ms": message.timestamp_ms,
    }


class KafkaPythonConsumer(Consumer):
    """kafka.KafkaConsumer."""

    def __init__(self, target: Target, options: ConsumerOptions) -> None:
        with _translated():
            self._consumer = kafka.KafkaConsumer(
                bootstrap_servers=bootstrap_servers(target),
                group_id=options.group,
                enable_auto_commit=False,
                isolation_level=options.isolation_level,
                auto_offset_reset=options.auto_offset_reset,
                session_timeout_ms=options.session_timeout_ms,
                heartbeat_interval_ms=max(1, options.session_timeout_ms // 4),
                fetch_max_wait_ms=options.max_wait_ms,
            )

    @override
    def assign(self, positions: Mapping[tuple[str, int], int]) -> None:
        with _translated():
            self._consumer.assign([kafka.TopicPartition(topic, index) for topic, index in positions])
            for (topic, index), offset in positions.items():
                self._consumer.seek(kafka.TopicPartition(topic, index), offset)

    @override
    def subscribe(self, topics: Sequence[str]) -> None:
        with _translated():
            self._consumer.subscribe(list(topics))

    @override
    def poll(self, within_s: float) -> list[Received]:
        with _translated():
            by_partition = self._consumer.poll(timeout_ms=round(within_s * 1000))
        return [_received(record) for records in by_partition.values() for record in records]

    @override
    def assignment(self) -> set[tuple[str, int]]:
        return {(entry.topic, entry.partition) for entry in self._consumer.assignment()}

    @override
    def seek(self, topic: str, partition: int, offset: int) -> None:
        with _translated():
            self._consumer.seek(kafka.TopicPartition(topic, partition), offset)

    @override
    def position(self, topic: str, partition: int) -> int:
        with _translated():
            return int(self._consumer.position(kafka.TopicPartition(topic, partition)))

    @override
    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        with _translated():
            self._consumer.commit(
                {
                    kafka.TopicPartition(topic, index): kafka.OffsetAndMetadata(offset, "", -1)
                    for (topic, index), offset in offsets.items()
                }
            )

    @override
    def committed(self, topic: str, partition: int) -> int | None:
        with _translated():
            found = self._consumer.committed(kafka.TopicPartition(topic, partition))
        return None if found is None else int(found)

    @override
    def close(self) -> None:
        with _translated():
            self._consumer.close(autocommit=False, timeout_ms=round(CLOSE_WITHIN_S * 1000))


def _received(record: Any) -> Received:
    return Received(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=tuple((name, value) for name, value in record.headers),
        timestamp_ms=record.timestamp,
    )


class KafkaPythonClient(ClientAdapter):
    """kafka-python against one target."""

    @property
    @override
    def version(self) -> str:
        return str(kafka.__version__)

    @override
    def producer(self, options: ProducerOptions = DEFAULT_PRODUCER) -> Producer:
        return KafkaPythonProducer(self.target, options)

    @override
    def consumer(self, options: ConsumerOptions = DEFAULT_CONSUMER) -> Consumer:
        return KafkaPythonConsumer(self.target, options)
