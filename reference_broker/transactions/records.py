"""The records of __transaction_state, in Kafka's formats.

key = int16 record type 0, then the transactional id; value = int16 version, then its fields; a null value deletes (a
tombstone). Written: version 1 (transaction.version 1 and later). Read: all versions.
Source: TransactionLog, TransactionLogKey.json, TransactionLogValue.json
"""

from typing import Annotated, NamedTuple

from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.errors import MalformedError, TruncatedError
from kafka_conformance.protocol.layout import Buffer, Message, Struct, array, int8, int16, int32, int64, string
from kafka_conformance.reference_broker.groups.records import EncodedRecord
from kafka_conformance.reference_broker.transactions.metadata import (
    NO_PRODUCER_ID,
    TopicPartition,
    TransactionMetadata,
)
from kafka_conformance.reference_broker.transactions.states import TransactionState

TRANSACTION_LOG = 0
"""The one type of record."""
VALUE_VERSION = 1


class TransactionLogKey(Message, versions="0"):
    """Whose state."""

    transactional_id: Annotated[str, string("0+")] = ""


class PartitionsSchema(Struct):
    """The partitions of one topic."""

    topic: Annotated[str, string("0+")] = ""
    partition_ids: Annotated[list[int], array("int32", "0+")] = []


class TransactionLogValue(Message, versions="0-1", flexible="1+"):
    """The state; partitions are null where the id is Empty."""

    producer_id: Annotated[int, int64("0+")] = 0
    previous_producer_id: Annotated[int, int64("1+", tag=0, tagged="1+")] = NO_PRODUCER_ID
    next_producer_id: Annotated[int, int64("1+", tag=1, tagged="1+")] = NO_PRODUCER_ID
    producer_epoch: Annotated[int, int16("0+")] = 0
    next_producer_epoch: Annotated[int, int16("1+", tag=3, tagged="1+")] = -1
    transaction_timeout_ms: Annotated[int, int32("0+")] = 0
    transaction_status: Annotated[int, int8("0+")] = 0
    transaction_partitions: Annotated[list[PartitionsSchema] | None, array(PartitionsSchema, "0+", nullable="0+")] = []
    transaction_last_update_timestamp_ms: Annotated[int, int64("0+")] = 0
    transaction_start_timestamp_ms: Annotated[int, int64("0+")] = 0
    client_transaction_version: Annotated[int, int16("1+", tag=2, tagged="1+")] = 0


class TransactionRecord(NamedTuple):
    """A transactional id has changed, or is forgotten (metadata None)."""

    transactional_id: str
    metadata: TransactionMetadata | None


def encode_record(record: TransactionRecord) -> EncodedRecord:
    """Encode a record as Kafka 4.3 writes it. Raises EncodeError."""
    key = _prefixed(TRANSACTION_LOG, TransactionLogKey(transactional_id=record.transactional_id), 0)
    return EncodedRecord(key, None if record.metadata is None else _encode_value(record.metadata))


def _encode_value(metadata: TransactionMetadata) -> bytes:
    is_empty = metadata.state is TransactionState.EMPTY
    value = TransactionLogValue(
        producer_id=metadata.producer_id,
        previous_producer_id=metadata.previous_producer_id,
        next_producer_id=metadata.next_producer_id,
        producer_epoch=metadata.producer_epoch,
        transaction_timeout_ms=metadata.timeout_ms,
        transaction_status=metadata.state,
        transaction_partitions=None if is_empty else _by_topic(metadata.partitions),
        transaction_last_update_timestamp_ms=metadata.last_update_ms,
        transaction_start_timestamp_ms=metadata.start_ms,
        client_transaction_version=metadata.client_version,
    )
    return _prefixed(VALUE_VERSION, value, VALUE_VERSION)


def _by_topic(partitions: frozenset[TopicPartition]) -> list[PartitionsSchema]:
    topics: dict[str, list[int]] = {}
    for topic, partition in sorted(partitions):
        topics.setdefault(topic, []).append(partition)
    return [PartitionsSchema(topic=topic, partition_ids=ids) for topic, ids in topics.items()]


def decode_record(key: Buffer | None, value: Buffer | None) -> TransactionRecord | None:
    """Decode a record, or return None for one of a type or version that a later Kafka may have left.

    Raises ProtocolError.
    """
    if key is None:
        raise MalformedError("a record of __transaction_state without a key")
    if _prefix(key, "the record's type") != TRANSACTION_LOG:
        return None
    transactional_id = decode_message(TransactionLogKey, 0, key, 2)[0].transactional_id
    if value is None:
        return TransactionRecord(transactional_id, None)
    version = _prefix(value, "the value's version")
    if version not in TransactionLogValue.valid_versions:
        return None
    return TransactionRecord(
        transactional_id, _metadata(transactional_id, decode_message(TransactionLogValue, version, value, 2)[0])
    )


def _metadata(transactional_id: str, value: TransactionLogValue) -> TransactionMetadata:
    try:
        state = TransactionState(value.transaction_status)
    except ValueError:
        raise MalformedError(f"a transaction cannot have the status {value.transaction_status}") from None
    partitions = frozenset(
        (topic.topic, partition) for topic in value.transaction_partitions or () for partition in topic.partition_ids
    )
    return TransactionMetadata(
        transactional_id,
        value.producer_id,
        value.producer_epoch,
        value.transaction_timeout_ms,
        state,
        partitions,
        value.transaction_start_timestamp_ms,
        value.transaction_last_update_timestamp_ms,
        value.previous_producer_id,
        value.next_producer_id,
        client_version=value.client_transaction_version,
    )


def _prefix(buffer: Buffer, what: str) -> int:
    if len(buffer) < 2:
        raise TruncatedError(f"{what} needs 2 bytes, there are {len(buffer)}", position=0)
    return int.from_bytes(buffer[:2], "big", signed=True)


def _prefixed(prefix: int, message: Message, version: int) -> bytes:
    return prefix.to_bytes(2, "big") + b"".join(encode_message(message, version))
