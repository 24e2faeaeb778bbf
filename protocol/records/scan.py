"""The structure of a batch's records, checked without making any record: what a broker does for each Produce.

What is refused is what all of Kafka's readers refuse. Where they differ, or where only its LogValidator has an opinion,
the scan reports what it saw and decides nothing.

Source: DefaultRecord.readFrom and readPartiallyFrom, DefaultRecordBatch.RecordIterator, LogValidator
"""

from typing import NamedTuple

from kafka_conformance.protocol.errors import CorruptBatchError
from kafka_conformance.protocol.records.batch import NO_TIMESTAMP, TIMESTAMP_TYPE_FLAG, BatchHeader, Buffer
from kafka_conformance.protocol.records.runs import SHORTEST_RUN, Run, find_run
from kafka_conformance.protocol.records.varints import (
    from_zigzag,
    read_raw_varint,
    read_raw_varlong,
    read_varint,
    wrap_int64,
)

_INT64_MIN, _INT64_MAX = -(1 << 63), (1 << 63) - 1
_SMALL_BYTES = 64 * 1024
"""Bodies up to here are copied first, and worth it: views are slow to index and to slice. A larger copy is slower yet,
since memory must be found for it, so that it is left to a walk that wants one."""
_FEW_RECORDS = 2 * SHORTEST_RUN
"""So many are walked in a view, where each byte costs more, rather than in a copy of all records."""
_GROWTH = 4
"""How many times as many records to walk before the next look for a run, when the last found none."""


class RecordScan(NamedTuple):
    """What `scan_records` saw. Indexes count records from 0; timestamps are milliseconds."""

    record_count: int
    max_timestamp: int
    """The largest timestamp, -1 without records. (LogValidator begins at -1, so that it never stores a smaller one.)"""
    offset_of_max_timestamp: int
    """The first offset that has it, counted from the header's base offset; -1 without records."""
    min_timestamp: int
    null_keys: int
    """How many records have no key: compacted topics refuse them."""
    in_sequence: bool
    """Whether the offset deltas are 0, 1, 2 …: refused in a compressed batch, not looked at in a plain one."""
    lengths_match: bool
    """Whether each record is as long as it says: not looked at in a compressed batch that is stored as it came."""


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
        return RecordScan(0, NO_TIMESTAMP, -1, NO_TIMESTAMP, 0, True, True)
    scanner = _Scanner(body, count)
    try:
        scanner.scan()
    except IndexError:
        scanner.position = len(body) + 1
    if scanner.position > len(body):
        raise CorruptBatchError("Incorrect declared batch size, premature EOF reached", position=len(body))
    if scanner.position < len(body):
        raise CorruptBatchError(
            "Incorrect declared batch size, records still remaining in file", position=scanner.position
        )
    latest, raw_offset, earliest = _extremes(header, scanner)
    offset = header.base_offset + from_zigzag(raw_offset)
    return RecordScan(count, latest, offset, earliest, scanner.null_keys, scanner.in_sequence, scanner.lengths_match)


class _Scanner:
    """Goes over the records in runs where it finds them, and walks where it does not."""

    __slots__ = ("body", "count", "deltas", "in_sequence", "lengths_match", "null_keys", "offsets", "position")

    def __init__(self, body: Buffer, count: int) -> None:
        self.body = bytes(body) if len(body) <= _SMALL_BYTES else body
        self.count = count
        self.position = 0
        # Timestamp deltas, and the offset deltas that belong to them, in zig-zag form, of some records: of the first
        # one, and of enough others to know the first with the latest and with the earliest timestamp.
        self.deltas: list[int] = []
        self.offsets: list[int] = []
        self.null_keys = 0
        self.in_sequence = True
        self.lengths_match = True

    def scan(self) -> None:
        """Raises IndexError if the body is too short."""
        index = 0
        steps = SHORTEST_RUN
        while index < self.count:
            run = find_run(self.body, self.position, index, self.count) if self.count - index >= SHORTEST_RUN else None
            if run is None:
                self.walk(index, min(index + steps, self.count))
                index += steps
                steps *= _GROWTH
            else:
                self._take(run)
                index += run.record_count
                steps = SHORTEST_RUN

    def _take(self, run: Run) -> None:
        for delta, offset in run.timestamps:
            self.deltas.append(delta)
            self.offsets.append(offset)
        if run.null_keys:
            self.null_keys += run.record_count
        self.position = run.end

    def walk(self, first: int, last: int) -> None:
        """One loop, written out: a call for each field would cost more than the field. Raises IndexError, too."""
        body = self.body
        if last - first > _FEW_RECORDS:
            body = self.body = bytes(body)
        position = self.position
        last_delta = -1
        for expected in range(2 * first, 2 * last, 2):  # the zig-zag form of 0, 1, 2 …
            size = body[position]
            position += 1
            if size >= 0x80:
                size += (body[position] << 7) - 0x80
                position += 1
                if size >= 0x4000:
                    size, position = read_raw_varint(body, position - 2)
            end = -1 if size & 1 else position + (size >> 1)
            delta = body[position + 1]  # the attributes before it mean nothing
            position += 2
            if delta >= 0x80:
                delta += (body[position] << 7) - 0x80
                position += 1
                if delta >= 0x4000:
                    delta, position = read_raw_varlong(body, position - 2)
            offset = body[position]
            position += 1
            if offset >= 0x80:
                offset += (body[position] << 7) - 0x80
                position += 1
                if offset >= 0x4000:
                    offset, position = read_raw_varint(body, position - 2)
            if offset != expected:
                self.in_sequence = False
            if delta != last_delta:
                last_delta = delta
                self.deltas.append(delta)
                self.offsets.append(offset)
            size = body[position]
            position += 1
            if size >= 0x80:
                size, position = read_raw_varint(body, position - 1)
            if size & 1:
                self.null_keys += 1
            else:
                position += size >> 1
            size = body[position]
            position += 1
            if size >= 0x80:
                size += (body[position] << 7) - 0x80
                position += 1
                if size >= 0x4000:
                    size, position = read_raw_varint(body, position - 2)
            if not size & 1:
                position += size >> 1
            position = _skip_headers(body, position) if body[position] else position + 1
            if position != end:
                self.lengths_match = False
        self.position = position


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


def _extremes(header: BatchHeader, scanner: _Scanner) -> tuple[int, int, int]:
    """(latest timestamp, offset delta in zig-zag form of the first record with it, earliest timestamp)."""
    if header.attributes & TIMESTAMP_TYPE_FLAG:
        return header.max_timestamp, scanner.offsets[0], header.max_timestamp
    deltas = scanner.deltas
    if len(deltas) == 1:
        timestamp = wrap_int64(header.base_timestamp + from_zigzag(deltas[0]))
        return timestamp, scanner.offsets[0], timestamp
    by_value = {raw >> 1 ^ -(raw & 1): raw for raw in set(deltas)}  # from_zigzag, without the calls
    latest, earliest = max(by_value), min(by_value)
    base = header.base_timestamp
    if base + latest > _INT64_MAX or base + earliest < _INT64_MIN:
        return _wrapped_extremes(header, scanner)
    return base + latest, scanner.offsets[deltas.index(by_value[latest])], base + earliest


def _wrapped_extremes(header: BatchHeader, scanner: _Scanner) -> tuple[int, int, int]:
    """The same where Java's 64 bits overflow, which every single record may do."""
    walker = _Scanner(scanner.body, scanner.count)
    walker.walk(0, walker.count)
    timestamps = [wrap_int64(header.base_timestamp + from_zigzag(delta)) for delta in walker.deltas]
    latest = max(timestamps)
    return latest, walker.offsets[timestamps.index(latest)], min(timestamps)
