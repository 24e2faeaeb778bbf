"""Consistent batches of magic 2, built from records.

Source: MemoryRecordsBuilder, DefaultRecord.writeTo
"""

from collections.abc import Sequence

from kafka_conformance.protocol.errors import EncodeError
from kafka_conformance.protocol.records.batch import (
    CONTROL_FLAG,
    DELETE_HORIZON_FLAG,
    NO_PARTITION_LEADER_EPOCH,
    NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID,
    NO_SEQUENCE,
    NO_TIMESTAMP,
    TIMESTAMP_TYPE_FLAG,
    TRANSACTIONAL_FLAG,
    TimestampType,
)
from kafka_conformance.protocol.records.compression import Compression, compress
from kafka_conformance.protocol.records.stamp import write_batch
from kafka_conformance.protocol.records.types import Header, NewRecord, Record
from kafka_conformance.protocol.records.varints import write_varint

_NULL = write_varint(-1)


def build_batch(
    records: Sequence[Record | NewRecord],
    *,
    base_offset: int = 0,
    partition_leader_epoch: int = NO_PARTITION_LEADER_EPOCH,
    compression: Compression = Compression.NONE,
    level: int | None = None,
    timestamp_type: TimestampType = TimestampType.CREATE_TIME,
    producer_id: int = NO_PRODUCER_ID,
    producer_epoch: int = NO_PRODUCER_EPOCH,
    base_sequence: int = NO_SEQUENCE,
    transactional: bool = False,
    control: bool = False,
    delete_horizon_ms: int | None = None,
    offset_deltas: Sequence[int] | None = None,
    last_offset_delta: int | None = None,
    max_timestamp: int | None = None,
) -> bytearray:
    """A batch that holds `records`, which may be none.

    A Record stays at its offset, so it must not lie before `base_offset`; a NewRecord gets the offset delta of its
    index. `offset_deltas` overrides both. `last_offset_delta` is that of the last record unless given (a compacted
    batch keeps its old one), and `max_timestamp` is the records' largest. With a delete horizon the base timestamp is
    the horizon (KIP-534), else it is the first record's timestamp. `level` None is Kafka's default for the codec.

    Raises EncodeError for values that do not fit their fields.
    """
    deltas = _offset_deltas(records, base_offset) if offset_deltas is None else offset_deltas
    base_timestamp = records[0].timestamp if records else NO_TIMESTAMP
    if delete_horizon_ms is not None:
        base_timestamp = delete_horizon_ms
    body = b"".join(
        encode_record(record.key, record.value, record.headers, delta, record.timestamp - base_timestamp)
        for record, delta in zip(records, deltas, strict=True)
    )
    return write_batch(
        compress(compression, body, level) if records else body,
        base_offset=base_offset,
        partition_leader_epoch=partition_leader_epoch,
        attributes=attributes_of(
            compression,
            timestamp_type,
            transactional=transactional,
            control=control,
            delete_horizon=delete_horizon_ms is not None,
        ),
        last_offset_delta=last_offset_delta if last_offset_delta is not None else (deltas[-1] if deltas else 0),
        base_timestamp=base_timestamp,
        max_timestamp=(
            max((record.timestamp for record in records), default=NO_TIMESTAMP)
            if max_timestamp is None
            else max_timestamp
        ),
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        base_sequence=base_sequence,
        record_count=len(records),
    )


def attributes_of(
    compression: Compression = Compression.NONE,
    timestamp_type: TimestampType = TimestampType.CREATE_TIME,
    *,
    transactional: bool = False,
    control: bool = False,
    delete_horizon: bool = False,
) -> int:
    """The attributes of a batch of magic 2."""
    return (
        compression
        | (TIMESTAMP_TYPE_FLAG if timestamp_type is TimestampType.LOG_APPEND_TIME else 0)
        | (TRANSACTIONAL_FLAG if transactional else 0)
        | (CONTROL_FLAG if control else 0)
        | (DELETE_HORIZON_FLAG if delete_horizon else 0)
    )


def encode_record(
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[Header] = (),
    offset_delta: int = 0,
    timestamp_delta: int = 0,
    *,
    attributes: int = 0,
) -> bytes:
    """One record of magic 2; the deltas are not checked, since a test may want to send any."""
    parts = [bytes((attributes,)), write_varint(timestamp_delta), write_varint(offset_delta)]
    _append_bytes(parts, key)
    _append_bytes(parts, value)
    parts.append(write_varint(len(headers)))
    for name, content in headers:
        try:
            _append_bytes(parts, name.encode())
        except UnicodeEncodeError as wrong:
            raise EncodeError(f"a header key that is no UTF-8: {wrong}") from None
        _append_bytes(parts, content)
    body = b"".join(parts)
    return write_varint(len(body)) + body


def _append_bytes(parts: list[bytes], value: bytes | None) -> None:
    if value is None:
        parts.append(_NULL)
    else:
        parts += (write_varint(len(value)), value)


def _offset_deltas(records: Sequence[Record | NewRecord], base_offset: int) -> list[int]:
    deltas = [
        record.offset - base_offset if isinstance(record, Record) else index for index, record in enumerate(records)
    ]
    if deltas and not 0 <= min(deltas) <= max(deltas) <= 0x7FFFFFFF:
        raise EncodeError(f"a batch at offset {base_offset} cannot hold records before it or 2^31 behind it")
    return deltas
