from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafka_conformance.protocol.errors import CorruptBatchError, EncodeError
from kafka_conformance.protocol.records import (
    Compression,
    DecompressionError,
    NewRecord,
    Record,
    TimestampType,
    batch_body,
    build_batch,
    encode_record,
    increment_sequence,
    read_batch_header,
    records_of,
    restamp,
    verify_crc,
    write_batch,
)
from tests.protocol.records.strategies import CODECS, INT64, NEW_RECORDS, RECORD_LISTS


def read(batch: bytearray) -> list[Record]:
    return list(records_of(read_batch_header(batch), batch))


@given(
    records=RECORD_LISTS,
    codec=CODECS,
    base_offset=st.integers(0, 1 << 62),
    base_sequence=st.integers(-1, (1 << 31) - 1),
)
def test_what_is_built_is_read_back(
    records: Sequence[NewRecord], codec: Compression, base_offset: int, base_sequence: int
) -> None:
    batch = build_batch(records, base_offset=base_offset, compression=codec, base_sequence=base_sequence)

    header = read_batch_header(batch)
    assert verify_crc(header, batch)
    assert (header.record_count, header.compression) == (len(records), codec)
    assert header.last_offset == base_offset + len(records) - 1
    assert header.max_timestamp == max(record.timestamp for record in records)
    assert list(records_of(header, memoryview(batch))) == [
        Record(
            base_offset + index,
            record.timestamp,
            record.key,
            record.value,
            record.headers,
            -1 if base_sequence < 0 else increment_sequence(base_sequence, index),
        )
        for index, record in enumerate(records)
    ]


@given(st.lists(NEW_RECORDS, min_size=1, max_size=5), CODECS)
def test_records_that_were_read_are_built_again_to_the_same_bytes(
    records: Sequence[NewRecord], codec: Compression
) -> None:
    batch = build_batch(records, base_offset=100, compression=codec)

    assert build_batch(read(batch), base_offset=100, compression=codec) == batch


def test_a_compacted_batch_keeps_the_offsets_of_its_survivors() -> None:
    survivors = [Record(101, 5, b"k", b"v"), Record(107, 4, b"l", b"v")]

    batch = build_batch(survivors, base_offset=100, last_offset_delta=9)

    header = read_batch_header(batch)
    assert (header.record_count, header.last_offset, header.max_timestamp) == (2, 109, 5)
    assert [record.offset for record in read(batch)] == [101, 107]


@pytest.mark.parametrize("offset", [99, 100 + (1 << 31)])
def test_a_record_that_the_batch_cannot_hold_is_refused(offset: int) -> None:
    with pytest.raises(EncodeError):
        build_batch([Record(offset, 0, None, None)], base_offset=100)


def test_a_delete_horizon_takes_the_place_of_the_base_timestamp() -> None:
    batch = build_batch([NewRecord(b"k", None, timestamp=500)], delete_horizon_ms=90_000)

    header = read_batch_header(batch)
    assert (header.delete_horizon_ms, header.max_timestamp) == (90_000, 500)
    assert read(batch)[0].timestamp == 500


def test_in_a_batch_with_log_append_time_all_records_have_its_time() -> None:
    batch = build_batch(
        [NewRecord(b"k", None, timestamp=5), NewRecord(b"k", None, timestamp=7)],
        timestamp_type=TimestampType.LOG_APPEND_TIME,
        max_timestamp=90_000,
    )

    assert [record.timestamp for record in read(batch)] == [90_000, 90_000]


@pytest.mark.parametrize("codec", Compression)
def test_a_batch_may_be_empty_as_compaction_leaves_them(codec: Compression) -> None:
    batch = build_batch([], base_offset=6, compression=codec, last_offset_delta=1, max_timestamp=40, base_sequence=6)

    header = read_batch_header(batch)
    assert (len(batch), header.record_count, header.base_timestamp, header.max_timestamp) == (61, 0, -1, 40)
    assert (header.last_offset, header.last_sequence) == (7, 7)
    assert read(batch) == []


def test_offset_deltas_may_be_given_to_say_what_no_producer_says() -> None:
    batch = build_batch([NewRecord(None, b"a"), NewRecord(None, b"b")], base_offset=10, offset_deltas=[5, 0])

    assert [record.offset for record in read(batch)] == [15, 10]
    assert read_batch_header(batch).last_offset_delta == 0


@given(base=INT64, delta=INT64)
@example(base=(1 << 63) - 1, delta=1)
@example(base=-(1 << 63), delta=-1)
def test_a_timestamp_beyond_64_bits_wraps_around_as_in_java(base: int, delta: int) -> None:
    body = encode_record(None, None, timestamp_delta=delta)
    batch = write_batch(body, last_offset_delta=0, base_timestamp=base, record_count=1)

    (record,) = read(batch)

    assert -(1 << 63) <= record.timestamp < 1 << 63
    assert (record.timestamp - base - delta) % (1 << 64) == 0


def test_a_header_key_that_is_no_utf8_is_read_with_replacement_characters() -> None:
    body = encode_record(None, None, [("ab", None)]).replace(b"ab", b"\xffb")
    batch = write_batch(body, last_offset_delta=0, record_count=1)

    assert read(batch)[0].headers == (("\N{REPLACEMENT CHARACTER}b", None),)


def test_a_header_key_that_has_no_utf8_is_refused() -> None:
    with pytest.raises(EncodeError):
        encode_record(None, None, [("\ud800", None)])


RECORD = encode_record(b"k", b"v", [("h", None)])


@pytest.mark.parametrize(
    ("body", "count", "message"),
    [
        (RECORD, 2, "beyond the end"),
        (RECORD + b"\0", 1, "still remaining"),
        (RECORD[:-1], 1, "beyond the end"),
        (bytes((RECORD[0] + 2,)) + RECORD[1:] + b"\0", 1, "Invalid record size"),
        (bytes((RECORD[0] - 2,)) + RECORD[1:], 1, "Invalid record size"),
        (b"\x0e\0\0\0\1\1\1\0", 1, "number of record headers -1"),
        (b"\x0e\0\0\0\1\1\x04\0", 1, "number of record headers 2"),
        (b"\x12\0\0\0\1\1\2\1\0\0", 1, "negative header key size"),
        (b"\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0", 1, "Varint is too long"),
        (RECORD, -1, "invalid record count -1"),
    ],
)
def test_records_that_contradict_their_batch_are_refused(body: bytes, count: int, message: str) -> None:
    batch = write_batch(body, last_offset_delta=0, record_count=count)

    with pytest.raises(CorruptBatchError, match=message):
        read(batch)


def test_bytes_in_a_batch_without_records_are_not_looked_at() -> None:
    assert read(write_batch(b"garbage", last_offset_delta=0, record_count=0)) == []


def test_a_batch_that_is_cut_off_is_refused() -> None:
    batch = build_batch([NewRecord(b"k", b"v")])

    with pytest.raises(CorruptBatchError, match="bytes"):
        list(records_of(read_batch_header(batch), batch[:-1]))


def test_records_that_grow_beyond_the_limit_are_refused() -> None:
    batch = build_batch([NewRecord(None, bytes(10_000))], compression=Compression.GZIP)

    with pytest.raises(DecompressionError, match="limit of 5000 bytes"):
        batch_body(read_batch_header(batch), batch, limit=5_000)


def test_a_compressed_batch_whose_attributes_lie_is_refused() -> None:
    batch = build_batch([NewRecord(None, b"v")], compression=Compression.GZIP)
    restamp(batch, attributes=Compression.LZ4)

    with pytest.raises(DecompressionError):
        read(batch)
