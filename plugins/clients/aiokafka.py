"""`aiokafka`: asyncio, unmodified, on the target's loop: also in virtual time."""

from __future__ import annotations

import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import aiokafka
import aiokafka.errors
from typing_extensions import override

from kafka_conformance.harness.blocking import Blocking
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

T = TypeVar("T")


class _Running:
    """Runs the library's coroutines; what they raise comes out as ClientError."""

    def __init__(self, blocking: Blocking) -> None:
        self.blocking = blocking

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            return self.blocking.run(coroutine)
        except aiokafka.errors.KafkaError as error:
            code = getattr(error, "errno", None)
            raise ClientError(str(error), code=code if isinstance(code, int) else None) from error
        except (AssertionError, AttributeError, TypeError, ValueError, RuntimeError) as error:
            raise ClientError(f"{type(error).__name__}: {error}") from error


class AiokafkaProducer(Producer):
    """aiokafka.AIOKafkaProducer."""

    def __init__(self, running: _Running, target: Target, options: ProducerOptions) -> None:
        self._running = running

        async def start() -> Any:
            producer = aiokafka.AIOKafkaProducer(
                bootstrap_servers=bootstrap_servers(target),
                enable_idempotence=options.idempotent,
                acks="all" if options.acks == -1 else options.acks,
                compression_type=None if options.compression == "none" else options.compression,
                linger_ms=options.linger_ms,
            )
            await _started(producer)
            return producer

        self._producer = running.run(start())

    @override
    def send(self, topic: str, messages: Sequence[Message]) -> list[Placed]:
        async def send() -> list[Placed]:
            futures = [await self._producer.send(topic, **_arguments(message)) for message in messages]
            answers = [await future for future in futures]
            return [Placed(answer.partition, answer.offset) for answer in answers]

        return self._running.run(send())

    @override
    def close(self) -> None:
        self._running.run(self._producer.stop())


async def _started(library: Any) -> None:
    try:
        await library.start()
    except BaseException:
        await library.stop()
        raise


def _arguments(message: Message) -> dict[str, Any]:
    return {
        "value": message.value,
        "key": message.key,
        "headers": list(message.headers),
        "partition": message.partition,
        # Its compiled code reads the machine's clock, also in a simulation, where this one is the simulation's.
        "timestamp_ms": int(time.time() * 1000) if message.timestamp_ms is None else message.timestamp_ms,
    }


class AiokafkaConsumer(Consumer):
    """aiokafka.AIOKafkaConsumer."""

    def __init__(self, running: _Running, target: Target, options: ConsumerOptions) -> None:
        self._running = running

        async def start() -> Any:
            consumer = aiokafka.AIOKafkaConsumer(
                bootstrap_servers=bootstrap_servers(target),
                group_id=options.group,
                enable_auto_commit=False,
                isolation_level=options.isolation_level,
                auto_offset_reset=options.auto_offset_reset,
                session_timeout_ms=options.session_timeout_ms,
                heartbeat_interval_ms=max(1, options.session_timeout_ms // 4),
                fetch_max_wait_ms=options.max_wait_ms,
            )
            await _started(consumer)
            return consumer

        self._consumer = running.run(start())

    @override
    def assign(self, positions: Mapping[tuple[str, int], int]) -> None:
        async def assign() -> None:
            self._consumer.assign([aiokafka.TopicPartition(topic, index) for topic, index in positions])
            for (topic, index), offset in positions.items():
                self._consumer.seek(aiokafka.TopicPartition(topic, index), offset)

        self._running.run(assign())

    @override
    def subscribe(self, topics: Sequence[str]) -> None:
        async def subscribe() -> None:
            self._consumer.subscribe(list(topics))

        self._running.run(subscribe())

    @override
    def poll(self, within_s: float) -> list[Received]:
        by_partition = self._running.run(self._consumer.getmany(timeout_ms=round(within_s * 1000)))
        return [_received(record) for records in by_partition.values() for record in records]

    @override
    def assignment(self) -> set[tuple[str, int]]:
        return {(entry.topic, entry.partition) for entry in self._consumer.assignment()}

    @override
    def seek(self, topic: str, partition: int, offset: int) -> None:
        async def seek() -> None:
            self._consumer.seek(aiokafka.TopicPartition(topic, partition), offset)

        self._running.run(seek())

    @override
    def position(self, topic: str, partition: int) -> int:
        return int(self._running.run(self._consumer.position(aiokafka.TopicPartition(topic, partition))))

    @override
    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        by_partition = {aiokafka.TopicPartition(topic, index): offset for (topic, index), offset in offsets.items()}
        self._running.run(self._consumer.commit(by_partition))

    @override
    def committed(self, topic: str, partition: int) -> int | None:
        found = self._running.run(self._consumer.committed(aiokafka.TopicPartition(topic, partition)))
        return None if found is None else int(found)

    @override
    def close(self) -> None:
        self._running.run(self._consumer.stop())


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


class AiokafkaClient(ClientAdapter):
    """aiokafka against one target."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._running = _Running(Blocking(target.loop))

    @property
    @override
    def version(self) -> str:
        return str(aiokafka.__version__)

    @override
    def producer(self, options: ProducerOptions = DEFAULT_PRODUCER) -> Producer:
        return AiokafkaProducer(self._running, self.target, options)

    @override
    def consumer(self, options: ConsumerOptions = DEFAULT_CONSUMER) -> Consumer:
        return AiokafkaConsumer(self._running, self.target, options)

    @override
    def close(self) -> None:
        self._running.blocking.close()
