"""The structure of a batch's records, checked without making any record: what a broker does for each Produce.

What is refused is what all of Kafka's readers refuse. Where they differ, or where only its LogValidator has an opinion,
the scan reports what it saw and decides nothing.

Source: DefaultRecord.readFrom and readPartiallyFrom, DefaultRecordBatch.RecordIterator, LogValidator
"""

from typing import NamedTuple

from kafka_conformance.protocol.errors import CorruptBatchError
from kafka_conformance.protocol.records.batch import NO_TIMESTAMP, BatchHeader, Buffer, TimestampType
from kafka_conformance.protocol.records.varints import (
    from_zigzag,
    read_raw_varint,
    read_raw_varlong,
    read_varint,
    wrap_int64,
)


class RecordScan(NamedTuple):
    """What `scan_records` saw. Indexes count records from 0; timestamps are milliseconds."""

    record_count: int
    max_timestamp: int
    """The largest timestamp, -1 without records. (LogValidator begins at -1, so that it never stores a smaller one.)"""
    offset_of_max_timestamp: int
    """The first offset that has it, counted from the header's base offset; -1 without records."""
    min_timestamp: int
    null_keys: list[int]
    """Indexes of records without a key: refused by compacted topics."""
    in_sequence: bool
    """Whether the offset deltas are 0, 1, 2 …: refused in a compressed batch, not looked at in a plain one."""
    lengths_match: bool
    """Whether each record is as long as it says: not looked at in a compressed batch that is stored as it came."""


class _Walk(NamedTuple):
    end: int
    timestamps: list[tuple[int, int]]  # (timestamp delta, offset delta) where the timestamp changes, in zig-zag form
    null_keys: list[int]
    in_sequence: bool
    lengths_match: bool


def scan_records(header: BatchHeader, body: Buffer) -> RecordScan:
    """Walk over `body`, the records of a batch of magic 2: plain, or decompressed by the caller.

    Raises CorruptBatchError (positions count in `body`) if the records do not end where `body` does, a header count or
    header key length is negative, or a varint has no end. A batch that says it has no records is not looked into, as in
    Kafka.
    """
    count = header.record_count
    if count < 0:
        raise CorruptBatchError(f"Found invalid record count {count} in magic v{header.magic} batch")
    if count == 0:
        return RecordScan(0, NO_TIMESTAMP, -1, NO_TIMESTAMP, [], True, True)
    try:
        walk = _walk(body, count)
    except IndexError:
        raise _too_short(body) from None
    if walk.end > len(body):
        raise _too_short(body)
    if walk.end < len(body):
        raise CorruptBatchError("Incorrect declared batch size, records still remaining in file", position=walk.end)
    latest, offset_delta, earliest = _extremes(header, walk.timestamps)
    latest_offset = header.base_offset + offset_delta
    return RecordScan(count, latest, latest_offset, earliest, walk.null_keys, walk.in_sequence, walk.lengths_match)


def _too_short(body: Buffer) -> CorruptBatchError:
    return CorruptBatchError("Incorrect declared batch size, premature EOF reached", position=len(body))


def _walk(body: Buffer, count: int) -> _Walk:
    """One loop, written out: a call for each field would cost more than the field."""
    position = 0
    last_delta = -1
    timestamps: list[tuple[int, int]] = []
    null_keys: list[int] = []
    in_sequence = lengths_match = True
    for expected in range(0, 2 * count, 2):  # the zig-zag form of 0, 1, 2 …
        size = body[position]
        if size < 0x80:
            position += 1
        elif (byte := body[position + 1]) < 0x80:
            size += (byte << 7) - 0x80
            position += 2
        else:
            size, position = read_raw_varint(body, position)
        end = -1 if size & 1 else position + (size >> 1)
        delta = body[position + 1]  # the attributes before it mean nothing
        if delta < 0x80:
            position += 2
        else:
            delta, position = read_raw_varlong(body, position + 1)
        offset = body[position]
        if offset < 0x80:
            position += 1
        elif (byte := body[position + 1]) < 0x80:
            offset += (byte << 7) - 0x80
            position += 2
        else:
            offset, position = read_raw_varint(body, position)
        if offset != expected:
            in_sequence = False
        if delta != last_delta:
            last_delta = delta
            timestamps.append((delta, offset))
        size = body[position]
        if size < 0x80:
            position += 1
        else:
            size, position = read_raw_varint(body, position)
        if size & 1:
            null_keys.append(expected >> 1)
        else:
            position += size >> 1
        size = body[position]
        if size < 0x80:
            position += 1
        elif (byte := body[position + 1]) < 0x80:
            size += (byte << 7) - 0x80
            position += 2
        else:
            size, position = read_raw_varint(body, position)
        if not size & 1:
            position += size >> 1
        position = _skip_headers(body, position) if body[position] else position + 1
        if position != end:
            lengths_match = False
    return _Walk(position, timestamps, null_keys, in_sequence, lengths_match)


def _skip_headers(body: Buffer, position: int) -> int:
    start = position
    count, position = read_varint(body, position)
    if count < 0:
        raise CorruptBatchError(f"Found invalid number of record headers {count}", position=start)
    for _ in range(count):
        start = position
        size, position = read_varint(body, position)
        if size < 0:
            raise CorruptBatchError(f"Invalid negative header key size {size}", position=start)
        size, position = read_varint(body, position + size)
        if size > 0:
            position += size
    return position


def _extremes(header: BatchHeader, timestamps: list[tuple[int, int]]) -> tuple[int, int, int]:
    """(largest timestamp, offset delta of the first record with it, smallest timestamp)."""
    if header.timestamp_type is TimestampType.LOG_APPEND_TIME:
        return header.max_timestamp, from_zigzag(timestamps[0][1]), header.max_timestamp
    decoded = [(wrap_int64(header.base_timestamp + from_zigzag(raw)), offset) for raw, offset in timestamps]
    latest, offset = max(decoded, key=_first)
    return latest, from_zigzag(offset), min(decoded)[0]


def _first(pair: tuple[int, int]) -> int:
    return pair[0]
