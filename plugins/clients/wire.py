"""`wire`: our own raw client behind the verbs of a library. It does what they need and nothing more."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

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
)
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.target import Target
from kafka_conformance.plugins.clients.wire_consumer import WireConsumer
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.partitioner import KeyPartitioner
from kafka_conformance.protocol.records import Compression, NewRecord


class WireProducer(Producer):
    """One batch for each record, sent when the one before was acknowledged."""

    def __init__(self, cluster: Cluster, options: ProducerOptions, partitioner: KeyPartitioner) -> None:
        self._cluster = cluster
        self._partitioner = partitioner
        self._options = options
        self._idempotent = cluster.idempotent_producer() if options.idempotent else None
        self._topics: dict[str, Topic] = {}

    @override
    def send(self, topic: str, messages: Sequence[Message]) -> list[Placed]:
        known = self._topics.get(topic)
        if known is None:
            known = self._topics[topic] = Topic(self._cluster, topic, self._cluster.settled_topic(topic))
        return [self._send(known, message) for message in messages]

    @override
    def close(self) -> None:
        """It holds nothing: the connection is the client's."""

    def _send(self, topic: Topic, message: Message) -> Placed:
        partition = self._partitioner.partition(message.key, message.partition, topic.partition_count)
        timestamp = -1 if message.timestamp_ms is None else message.timestamp_ms
        record = NewRecord(message.key, message.value, message.headers, timestamp)
        compression = Compression[self._options.compression.upper()]
        if self._idempotent is not None:
            answer = self._idempotent.send(topic, [record], partition=partition, compression=compression)
        else:
            acks = self._options.acks
            answer = topic.produce([record], partition=partition, acks=acks, compression=compression)
        if answer.error is not ErrorCode.NONE:
            raise ClientError(answer.error.name, code=int(answer.error))
        return Placed(partition, answer.base_offset)


def _partitioner_of(target: Target) -> type[KeyPartitioner]:
    """The partitioner of an embedded target's parts: a named defect may be the client's, too. Else the right one."""
    parts = getattr(target, "parts", None)
    return KeyPartitioner if parts is None else parts.partitioner


class WireClient(ClientAdapter):
    """The raw client against one target."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._cluster = Cluster(target, f"wire-{secrets.token_hex(3)}")

    @property
    @override
    def version(self) -> str:
        from importlib.metadata import version

        return version("kafka-conformance")

    @override
    def producer(self, options: ProducerOptions = DEFAULT_PRODUCER) -> Producer:
        return WireProducer(self._cluster, options, _partitioner_of(self.target)())

    @override
    def consumer(self, options: ConsumerOptions = DEFAULT_CONSUMER) -> Consumer:
        return WireConsumer(self._cluster, options)

    @override
    def close(self) -> None:
        self._cluster.close()
