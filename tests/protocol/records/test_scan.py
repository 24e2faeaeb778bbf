from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafka_conformance.protocol.errors import CorruptBatchError
from kafka_conformance.protocol.records import (
    NewRecord,
    RecordScan,
    TimestampType,
    batch_body,
    build_batch,
    encode_record,
    read_batch_header,
    records_of,
    scan_records,
    write_batch,
)
from kafka_conformance.protocol.records.batch import BATCH_OVERHEAD
from kafka_conformance.protocol.records.runs import SHORTEST_RUN
from tests.protocol.records.strategies import INT64, RECORD_LISTS


def scan(batch: bytearray) -> RecordScan:
    header = read_batch_header(batch)
    return scan_records(header, batch_body(header, batch))


def scan_of_what_is_read(batch: bytearray) -> RecordScan:
    """The slow way: by the records themselves."""
    header = read_batch_header(batch)
    records = list(records_of(header, batch))
    latest = max(records, key=lambda record: record.timestamp)
    return RecordScan(
        record_count=len(records),
        max_timestamp=latest.timestamp,
        offset_of_max_timestamp=latest.offset,
        min_timestamp=min(record.timestamp for record in records),
        null_keys=sum(record.key is None for record in records),
        in_sequence=[record.offset for record in records] == [header.base_offset + i for i in range(len(records))],
        lengths_match=True,
    )


@given(
    RECORD_LISTS, st.integers(0, 1 << 60), st.sampled_from((TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME))
)
def test_a_scan_sees_what_reading_the_records_would_show(
    records: Sequence[NewRecord], base_offset: int, timestamp_type: TimestampType
) -> None:
    batch = build_batch(records, base_offset=base_offset, timestamp_type=timestamp_type, max_timestamp=77)

    assert scan(batch) == scan_of_what_is_read(batch)


SHORT = NewRecord(key=None, value=b"", headers=(), timestamp=1_700_000_000_000)


@pytest.mark.parametrize("behind", [SHORTEST_RUN - 1, SHORTEST_RUN, 2 * SHORTEST_RUN])
def test_what_looks_like_a_length_beyond_the_batch_is_no_reason_to_refuse_it(behind: int) -> None:
    """Taken for one of two bytes, a timestamp of three makes some bytes of the value the value's length."""
    value = bytes(21) + b"\x80\x04" + bytes(41)
    misread = NewRecord(key=None, value=value, headers=(), timestamp=SHORT.timestamp + 8192)
    batch = build_batch([SHORT] * SHORTEST_RUN + [misread] + [SHORT] * behind)

    assert scan(batch) == scan_of_what_is_read(batch)


@given(RECORD_LISTS, st.data())
def test_a_scan_sees_offsets_that_are_out_of_sequence(records: Sequence[NewRecord], data: st.DataObject) -> None:
    deltas = list(range(len(records)))
    deltas[data.draw(st.integers(0, len(records) - 1))] = data.draw(st.integers(-3, 10_000))

    batch = build_batch(records, offset_deltas=deltas, last_offset_delta=len(records) - 1)

    assert scan(batch) == scan_of_what_is_read(batch)


@given(base=INT64, deltas=st.lists(INT64, min_size=1, max_size=20))
@example(base=(1 << 63) - 1, deltas=[1, 0])
@example(base=(1 << 63) - 1, deltas=[0] * 9 + [1] * 9 + [0] * 9)
def test_timestamps_that_overflow_wrap_around_as_in_java(base: int, deltas: list[int]) -> None:
    body = b"".join(encode_record(None, b"v", (), index, delta) for index, delta in enumerate(deltas))
    batch = write_batch(body, last_offset_delta=0, base_timestamp=base, record_count=len(deltas))

    assert scan(batch) == scan_of_what_is_read(batch)


@pytest.mark.parametrize("count", [63, 64, 65, 200, 8191, 8192, 8193, 8300])
def test_many_records_of_one_size_are_seen_as_they_are(count: int) -> None:
    records = [NewRecord(b"k" if index % 2 else None, b"v", (), index // 50) for index in range(count)]
    alike = [NewRecord(None, b"v" * 100, (), 1_000 + index // 50) for index in range(count)]

    for batch in (build_batch(records), build_batch(alike), build_batch(alike[::-1])):
        assert scan(batch) == scan_of_what_is_read(batch)


@pytest.mark.parametrize("count", [20, 48, 49, 90])
def test_large_records_of_all_sizes_are_seen_as_they_are_in_a_view_and_in_a_copy(count: int) -> None:
    records = [
        NewRecord(None if index % 3 else b"k", bytes(4000 + index), (("h", None),) * (index % 2), index // 5)
        for index in range(count)
    ]
    batch = build_batch(records)

    seen = scan_records(read_batch_header(batch), memoryview(batch)[BATCH_OVERHEAD:])

    assert seen == scan_of_what_is_read(batch)


def test_a_batch_without_records_is_not_looked_into() -> None:
    batch = write_batch(b"garbage", last_offset_delta=0, record_count=0)

    assert scan(batch) == RecordScan(0, -1, -1, -1, 0, True, True)


ALIKE = [encode_record(b"k", b"v" * 10, (), index) for index in range(40)]


@pytest.mark.parametrize("index", [0, 7, 20, 39])
@pytest.mark.parametrize("size", [-1, 0, 5, 16, 18, 21, 64, 1 << 30])
def test_a_record_whose_length_is_wrong_is_reported_and_its_fields_are_followed(index: int, size: int) -> None:
    """DefaultRecord.readPartiallyFrom, which reads compressed batches, does not look at the length; readFrom does."""
    records = ALIKE.copy()
    wrong = encode_record(b"k", b"v" * 10, (), index)[1:]
    records[index] = encode_length(size) + wrong
    batch = write_batch(b"".join(records), last_offset_delta=39, record_count=40)

    seen = scan(batch)

    assert not seen.lengths_match
    assert (seen.record_count, seen.in_sequence, seen.null_keys) == (40, True, 0)


def encode_length(size: int) -> bytes:
    """A zig-zag varint, by another way than the one under test."""
    raw = size * 2 if size >= 0 else -size * 2 - 1
    groups = [raw >> shift & 0x7F for shift in range(0, 35, 7)]
    while len(groups) > 1 and not groups[-1]:
        groups.pop()
    return bytes(group | 0x80 for group in groups[:-1]) + bytes(groups[-1:])


@pytest.mark.parametrize(
    ("body", "count", "message"),
    [
        (b"".join(ALIKE), 41, "premature EOF"),
        (b"".join(ALIKE), 39, "still remaining"),
        (b"".join(ALIKE), 1, "still remaining"),
        (b"".join(ALIKE)[:-1], 40, "premature EOF"),
        (b"".join(ALIKE) + b"\0", 40, "still remaining"),
        (b"", 1, "premature EOF"),
        (b"\x0e\0\0\0\1\1\1\0", 1, "number of record headers -1"),
        (b"\x12\0\0\0\1\1\2\1\0\0", 1, "negative header key size"),
        (b"\x12\0\0\0\1\1\2\0\x14", 1, "premature EOF"),  # the value of the last header reaches beyond the end
        (b"\x10\0\0\0\xfe\xff\xff\xff\x0f\1\0", 1, "premature EOF"),  # a key of 2^31 - 1 bytes
        (b"\x12\0\0\0\1\1\xfe\xff\xff\xff\x0f", 1, "premature EOF"),  # 2^31 - 1 headers
        (b"\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0", 1, "Varint is too long"),
        (b"\x0e\0" + b"\xff" * 10 + b"\0\0\0\0\0\0", 1, "Varint is too long"),
        (ALIKE[0], -1, "invalid record count -1"),
        (ALIKE[0], (1 << 31) - 1, "premature EOF"),
    ],
)
def test_records_that_contradict_their_batch_are_refused(body: bytes, count: int, message: str) -> None:
    batch = write_batch(body, last_offset_delta=0, record_count=count)

    with pytest.raises(CorruptBatchError, match=message):
        scan(batch)


def test_record_attributes_mean_nothing() -> None:
    batch = write_batch(encode_record(None, None, attributes=0x7F), last_offset_delta=0, record_count=1)

    assert scan(batch) == scan_of_what_is_read(batch)


@given(st.binary(max_size=60), st.integers(0, 20), st.integers(0, 255))
def test_a_scan_accepts_what_a_reader_accepts_and_refuses_what_it_refuses(
    garbage: bytes, index: int, replacement: int
) -> None:
    body = bytearray(b"".join(ALIKE))
    position = index * len(ALIKE[0]) + len(garbage) % len(ALIKE[0])
    body[position] = replacement
    batch = write_batch(body, last_offset_delta=39, record_count=40)
    try:
        expected: RecordScan | None = scan_of_what_is_read(batch)
    except CorruptBatchError:
        expected = None

    try:
        seen: RecordScan | None = scan(batch)
    except CorruptBatchError:
        seen = None

    assert seen == expected or (expected is None and seen is not None and not seen.lengths_match)
