"""Messages of magic 0 and 1, from before Kafka 0.11: read only.

A message is a batch of its own. A compressed one holds a message set in its value; the offsets in it are relative with
magic 1, and the outer offset is that of the last message inside (KIP-31).

Source: LegacyRecord, AbstractLegacyRecordBatch.DeepRecordsIterator; KIP-31, KIP-32
"""

from collections.abc import Iterator
from struct import Struct, error
from typing import NamedTuple

from kafka_conformance.protocol.errors import CorruptBatchError, TruncatedError
from kafka_conformance.protocol.records.batch import (
    LOG_OVERHEAD,
    MAGIC_V0,
    MAGIC_V1,
    BatchHeader,
    Buffer,
    TimestampType,
    read_batch_header,
)
from kafka_conformance.protocol.records.compression import DEFAULT_DECOMPRESSION_LIMIT, Compression, decompress
from kafka_conformance.protocol.records.types import Record
from kafka_conformance.protocol.records.varints import wrap_int64

_SIZE = Struct(">i")
_KEY_POSITION = (18, 26)  # of the key's length, by magic; magic 1 has a timestamp before it


class _Inner(NamedTuple):
    header: BatchHeader
    record: Record


def legacy_records(header: BatchHeader, view: Buffer, *, limit: int = DEFAULT_DECOMPRESSION_LIMIT) -> Iterator[Record]:
    """The records of the message that begins `view`: itself, or if it is compressed those inside.

    Raises CorruptBatchError, or UnsupportedCompressionError for codes that Kafka does not define.
    """
    if len(view) < header.size:
        raise CorruptBatchError(f"a message of {header.size} bytes, {len(view)} are there", position=len(view))
    data = bytes(memoryview(view)[: header.size])
    if header.compression is Compression.NONE:
        yield _message(header, data)
        return
    yield from _inner_records(header, data, limit)


def _message(header: BatchHeader, data: bytes) -> Record:
    key, position = _read_bytes(data, _KEY_POSITION[header.magic])
    value, _ = _read_bytes(data, position)  # Kafka does not mind bytes behind the value
    return Record(header.base_offset, header.max_timestamp, key, value)


def _read_bytes(data: bytes, position: int) -> tuple[bytes | None, int]:
    try:
        (size,) = _SIZE.unpack_from(data, position)
    except error:
        raise CorruptBatchError("a message ends before its key or value", position=position) from None
    position += _SIZE.size
    if size < 0:
        return None, position
    if size > len(data) - position:
        raise CorruptBatchError(
            f"a key or value of {size} bytes, {len(data) - position} are left", position=position - _SIZE.size
        )
    return data[position : position + size], position + size


def _inner_records(wrapper: BatchHeader, data: bytes, limit: int) -> Iterator[Record]:
    if wrapper.compression is Compression.ZSTD:
        raise CorruptBatchError(f"Invalid wrapper compressionType found in message of magic {wrapper.magic}")
    value = _message(wrapper, data).value
    if value is None:
        raise CorruptBatchError(f"Found invalid compressed record set with null value (magic = {wrapper.magic})")
    body = decompress(wrapper.compression, value, limit=limit, magic=wrapper.magic)
    inner = list(_inner_messages(body))
    if not inner:
        raise CorruptBatchError("Found invalid compressed record set with no inner records")
    base_offset = _base_offset(wrapper, inner[-1].record.offset)
    for header, record in inner:
        if header.is_compressed:
            raise CorruptBatchError("Inner messages must not be compressed")
        yield record._replace(
            offset=wrap_int64(base_offset + record.offset), timestamp=_timestamp(wrapper, header, record)
        )


def _inner_messages(body: bytes) -> Iterator[_Inner]:
    """Kafka stops without complaint where a message is cut off."""
    position = 0
    while True:
        try:
            header = read_batch_header(body, position)
        except TruncatedError:
            return
        if header.magic > MAGIC_V1:
            raise CorruptBatchError(f"a batch of magic {header.magic} in a message set", position=position)
        end = position + header.batch_length + LOG_OVERHEAD
        if end > len(body):
            return
        yield _Inner(header, _message(header, body[position:end]))
        position = end


def _base_offset(wrapper: BatchHeader, last_inner_offset: int) -> int:
    """What to add to the inner offsets. Early librdkafka left the outer offset at 0 in what it produced."""
    if wrapper.magic == MAGIC_V0 or wrapper.base_offset == 0:
        return 0
    if wrapper.base_offset < last_inner_offset:
        raise CorruptBatchError(
            f"Found invalid wrapper offset in compressed v1 message set, wrapper offset '{wrapper.base_offset}' is less"
            f" than the last inner message offset '{last_inner_offset}' and it is not zero."
        )
    return wrapper.base_offset - last_inner_offset


def _timestamp(wrapper: BatchHeader, inner: BatchHeader, record: Record) -> int:
    if inner.magic == MAGIC_V1 and wrapper.timestamp_type is TimestampType.LOG_APPEND_TIME:
        return wrapper.max_timestamp
    return record.timestamp
