"""Records of any magic, read one by one.

Source: DefaultRecord.readFrom, DefaultRecordBatch.iterator; KIP-82 (headers)
"""

from collections.abc import Iterator

from kafka_conformance.protocol.errors import CorruptBatchError
from kafka_conformance.protocol.records.batch import (
    BATCH_OVERHEAD,
    MAGIC_V2,
    NO_SEQUENCE,
    BatchHeader,
    Buffer,
    TimestampType,
    increment_sequence,
)
from kafka_conformance.protocol.records.compression import DEFAULT_DECOMPRESSION_LIMIT, decompress
from kafka_conformance.protocol.records.types import Header, Record
from kafka_conformance.protocol.records.varints import read_varint, read_varlong, wrap_int64

_INT64_MIN, _INT64_MAX = -(1 << 63), (1 << 63) - 1


def batch_body(header: BatchHeader, view: Buffer, *, limit: int = DEFAULT_DECOMPRESSION_LIMIT) -> bytes:
    """The records of the batch of magic 2 that begins `view`, decompressed; of at most `limit` bytes.

    Raises CorruptBatchError if the batch is not there as a whole, DecompressionError, UnsupportedCompressionError.
    """
    if len(view) < header.size:
        raise CorruptBatchError(f"a batch of {header.size} bytes, {len(view)} are there", position=len(view))
    return decompress(header.compression, memoryview(view)[BATCH_OVERHEAD : header.size], limit=limit)


def records_of(header: BatchHeader, view: Buffer, *, limit: int = DEFAULT_DECOMPRESSION_LIMIT) -> Iterator[Record]:
    """The records of the batch that begins `view`, of any magic; decompressed to at most `limit` bytes.

    In a batch with LogAppendTime all have its time. Checksums are not looked at. Raises CorruptBatchError where
    Kafka's consumer would, so perhaps after some records, and UnsupportedCompressionError.
    """
    if header.magic < MAGIC_V2:
        from kafka_conformance.protocol.records.legacy import legacy_records  # few logs still hold any

        return legacy_records(header, view, limit=limit)
    if header.record_count < 0:
        raise CorruptBatchError(f"Found invalid record count {header.record_count} in magic v{header.magic} batch")
    if header.record_count == 0:
        return iter(())
    return _records(header, batch_body(header, view, limit=limit))


def _records(header: BatchHeader, body: bytes) -> Iterator[Record]:
    position = 0
    append_time = header.max_timestamp if header.timestamp_type is TimestampType.LOG_APPEND_TIME else None
    for _ in range(header.record_count):
        try:
            record, position = _read_record(header, body, position, append_time)
        except IndexError:
            raise CorruptBatchError("a record reads beyond the end of its batch", position=len(body)) from None
        yield record
    if position < len(body):
        raise CorruptBatchError("Incorrect declared batch size, records still remaining in file", position=position)


def _read_record(header: BatchHeader, body: bytes, start: int, append_time: int | None) -> tuple[Record, int]:
    size, position = read_varint(body, start)
    end = position + size
    timestamp_delta, position = read_varlong(body, position + 1)  # the attributes before it mean nothing
    offset_delta, position = read_varint(body, position)
    key, position = _read_bytes(body, position)
    value, position = _read_bytes(body, position)
    headers: tuple[Header, ...] = ()
    if body[position]:
        headers, position = _read_headers(body, position)
    else:
        position += 1
    if position != end:
        raise CorruptBatchError(
            f"Invalid record size: expected to read {size} bytes in record payload, but instead read"
            f" {position - end + size}",
            position=start,
        )
    timestamp = header.base_timestamp + timestamp_delta if append_time is None else append_time
    offset = header.base_offset + offset_delta
    if not (_INT64_MIN <= timestamp <= _INT64_MAX and _INT64_MIN <= offset <= _INT64_MAX):
        timestamp, offset = wrap_int64(timestamp), wrap_int64(offset)
    sequence = NO_SEQUENCE if header.base_sequence < 0 else increment_sequence(header.base_sequence, offset_delta)
    return Record(offset, timestamp, key, value, headers, sequence), position


def _read_bytes(body: bytes, position: int) -> tuple[bytes | None, int]:
    """A negative length, whichever it is, means null."""
    size, position = read_varint(body, position)
    if size < 0:
        return None, position
    end = position + size
    if end > len(body):
        raise IndexError
    return body[position:end], end


def _read_headers(body: bytes, position: int) -> tuple[tuple[Header, ...], int]:
    start = position
    count, position = read_varint(body, position)
    if not 0 <= count <= len(body) - position:
        raise CorruptBatchError(f"Found invalid number of record headers {count}", position=start)
    headers: list[Header] = []
    for _ in range(count):
        start = position
        key, position = _read_bytes(body, position)
        if key is None:
            raise CorruptBatchError("Invalid negative header key size", position=start)
        value, position = _read_bytes(body, position)
        # Java replaces what is no UTF-8, too.
        headers.append((key.decode("utf-8", "replace"), value))
    return tuple(headers), position
