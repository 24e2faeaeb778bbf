"""Defects of our own client's partitioner, and of what consumers rely on."""

from __future__ import annotations

from typing_extensions import override

from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.produce import ProduceResponse
from kafka_conformance.protocol.partitioner import KeyPartitioner
from kafka_conformance.protocol.records import BatchHeader
from kafka_conformance.reference_broker.log.outcome import Refusal
from kafka_conformance.reference_broker.log.validator import LogValidator, Placement, ValidBatch
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.mutants.rewriting import rewritten
from kafka_conformance.reference_broker.network.dispatcher import Dispatcher, Exchange
from kafka_conformance.reference_broker.network.outcome import Outcome


@mutant("partitioning/absolute-value", violates="partitioning/keys/hash-is-murmur")
class AbsoluteValue(KeyPartitioner):
    """A negative hash is negated, where its sign bit is to be cleared."""

    @override
    def to_positive(self, java_hash: int) -> int:
        return abs(java_hash)


@mutant("partitioning/unsigned-hash", violates="partitioning/keys/hash-is-murmur")
class UnsignedHash(KeyPartitioner):
    """The hash is taken as an unsigned number."""

    @override
    def to_positive(self, java_hash: int) -> int:
        return java_hash & 0xFFFFFFFF


@mutant("partitioning/keys-wander", violates="partitioning/keys/same-key-same-partition")
class KeysWander(KeyPartitioner):
    """The records of a key go to one partition after the other."""

    @override
    def partition(self, key: bytes | None, named: int | None, partition_count: int) -> int:
        return self.next_keyless(partition_count) if named is None else named


@mutant("partitioning/empty-key-is-none", violates="partitioning/keys/empty-is-a-key")
class EmptyKeyIsNone(KeyPartitioner):
    """An empty key is treated like no key."""

    @override
    def has_key(self, key: bytes) -> bool:
        return bool(key)


@mutant("partitioning/key-wins", violates="partitioning/explicit/wins")
class KeyWins(KeyPartitioner):
    """A key decides, also where the record names a partition."""

    @override
    def partition(self, key: bytes | None, named: int | None, partition_count: int) -> int:
        return super().partition(key, named if key is None else None, partition_count)


@mutant("partitioning/keyless-to-the-first", violates="partitioning/keyless/reaches-every-partition")
class KeylessToTheFirst(KeyPartitioner):
    """All records without a key go to the first partition."""

    @override
    def next_keyless(self, partition_count: int) -> int:
        return 0


@mutant("partitioning/reports-another-offset", violates="partitioning/placement/is-as-reported")
class ReportsAnotherOffset(Dispatcher):
    """Produce is answered with the offset behind the record."""

    @override
    def encode(self, exchange: Exchange, answer: Message | None) -> Outcome:
        if isinstance(answer, ProduceResponse):
            for topic in answer.responses:
                for partition in topic.partition_responses:
                    partition.base_offset += 1
        return super().encode(exchange, answer)


@mutant("partitioning/key-moves-on", violates="partitioning/order/by-key")
class KeyMovesOn(KeyPartitioner):
    """A key's records spread over all partitions, so that nobody can tell their order."""

    @override
    def partition(self, key: bytes | None, named: int | None, partition_count: int) -> int:
        return partition_count - 1 - self.next_keyless(partition_count) if named is None else named


@mutant("partitioning/drops-headers", violates="partitioning/records/round-trip")
class DropsHeaders(LogValidator):
    """Records are stored without their headers."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        outcome = super().validate_records(header, view, place)
        if isinstance(outcome, Refusal):
            return outcome
        return rewritten(outcome, lambda record: record._replace(headers=()))


@mutant("partitioning/empty-header-values", violates="partitioning/records/null-header-value")
class EmptyHeaderValues(LogValidator):
    """A header without a value is stored with an empty one."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        outcome = super().validate_records(header, view, place)
        if isinstance(outcome, Refusal):
            return outcome
        return rewritten(
            outcome,
            lambda record: record._replace(headers=tuple((name, value or b"") for name, value in record.headers)),
        )


@mutant("partitioning/empty-values", violates="partitioning/records/nothing-in-it")
class EmptyValues(LogValidator):
    """A record without a value is stored with an empty one."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        outcome = super().validate_records(header, view, place)
        if isinstance(outcome, Refusal):
            return outcome
        return rewritten(outcome, lambda record: record._replace(value=record.value or b""))
