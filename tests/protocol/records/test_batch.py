import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.errors import (
    CorruptBatchError,
    EncodeError,
    TruncatedError,
    UnsupportedCompressionError,
    UnsupportedVersionError,
)
from kafka_conformance.protocol.records import (
    BatchHeader,
    Compression,
    NewRecord,
    TimestampType,
    batches,
    build_batch,
    increment_sequence,
    read_batch_header,
    records_of,
    restamp,
    stamp_batch,
    verify_crc,
    write_batch,
)
from tests.protocol.records.strategies import valid_batches

ONE_RECORD = [NewRecord(b"key", b"value", timestamp=1_000)]


def header_with(**fields: int) -> BatchHeader:
    return read_batch_header(write_batch(b"", **({"last_offset_delta": 0, "record_count": 0} | fields)))


def test_each_field_of_the_header_is_read_from_its_place() -> None:
    batch = write_batch(
        b"body",
        base_offset=1 << 40,
        partition_leader_epoch=7,
        attributes=0x13,
        last_offset_delta=2,
        base_timestamp=1 << 41,
        max_timestamp=1 << 42,
        producer_id=1 << 43,
        producer_epoch=9,
        base_sequence=11,
        record_count=3,
    )

    header = read_batch_header(batch)

    assert header == BatchHeader(
        1 << 40, 53, 7, 2, int.from_bytes(batch[17:21]), 0x13, 2, 1 << 41, 1 << 42, 1 << 43, 9, 11, 3
    )
    assert (header.size, header.last_offset, header.next_offset, header.last_sequence) == (
        65,
        (1 << 40) + 2,
        (1 << 40) + 3,
        13,
    )


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (0x00, (Compression.NONE, TimestampType.CREATE_TIME, False, False, None)),
        (0x0C, (Compression.ZSTD, TimestampType.LOG_APPEND_TIME, False, False, None)),
        (0x11, (Compression.GZIP, TimestampType.CREATE_TIME, True, False, None)),
        (0x30, (Compression.NONE, TimestampType.CREATE_TIME, True, True, None)),
        (0x42, (Compression.SNAPPY, TimestampType.CREATE_TIME, False, False, 5_000)),
        (0x83, (Compression.LZ4, TimestampType.CREATE_TIME, False, False, None)),
    ],
)
def test_the_attributes_mean_what_kafka_means(
    attributes: int, expected: tuple[Compression, TimestampType, bool, bool, int | None]
) -> None:
    header = header_with(attributes=attributes, base_timestamp=5_000)

    assert expected == (
        header.compression,
        header.timestamp_type,
        header.is_transactional,
        header.is_control,
        header.delete_horizon_ms,
    )


@pytest.mark.parametrize("code", [5, 6, 7])
def test_a_codec_that_kafka_does_not_define_is_refused_when_it_is_asked_for(code: int) -> None:
    header = header_with(attributes=code, record_count=1)

    assert header.is_compressed
    with pytest.raises(UnsupportedCompressionError, match=f"type id: {code}"):
        _ = header.compression
    with pytest.raises(UnsupportedCompressionError):
        list(records_of(header, bytes(61)))


@pytest.mark.parametrize(
    ("sequence", "increment", "expected"),
    [
        (0, 5, 5),
        (2147483646, 1, 2147483647),
        (2147483647, 1, 0),
        (2147483646, 4, 2),
        (2147483647, 2147483647, 2147483646),
    ],
)
def test_after_the_largest_sequence_number_comes_zero(sequence: int, increment: int, expected: int) -> None:
    assert increment_sequence(sequence, increment) == expected


def test_a_batch_without_producer_has_no_last_sequence() -> None:
    assert header_with(base_sequence=-1, last_offset_delta=4).last_sequence == -1


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        ((8, ">i", 0), CorruptBatchError, r"Record size 0 is less than the minimum record overhead \(14\)"),
        ((8, ">i", -1), CorruptBatchError, "Record size -1 is less"),
        ((8, ">i", 48), CorruptBatchError, "the size 60 is smaller than the minimum allowed overhead 61"),
        ((16, ">b", 3), UnsupportedVersionError, "Invalid magic found in record: 3"),
        ((16, ">b", -1), UnsupportedVersionError, "Invalid magic found in record: -1"),
    ],
)
def test_a_header_that_cannot_be_one_is_refused_in_kafkas_words(
    damage: tuple[int, str, int], error: type[Exception], message: str
) -> None:
    batch = build_batch(ONE_RECORD)
    position, field, value = damage
    struct.pack_into(field, batch, position, value)

    with pytest.raises(error, match=message):
        read_batch_header(batch)
    with pytest.raises(error, match=message):
        list(batches(batch))


@pytest.mark.parametrize("length", [0, 11, 12, 16, 17, 60])
def test_a_header_that_is_cut_off_is_not_there_yet(length: int) -> None:
    with pytest.raises(TruncatedError):
        read_batch_header(build_batch(ONE_RECORD)[:length])


def test_a_header_can_be_read_before_its_records_have_arrived() -> None:
    batch = build_batch(ONE_RECORD, base_offset=5)

    assert read_batch_header(batch[:61]) == read_batch_header(bytes(3) + batch, 3) == read_batch_header(batch)


@given(st.lists(valid_batches(), max_size=3), st.data())
def test_whole_batches_are_found_and_a_partial_one_at_the_end_is_left(
    parts: list[bytearray], data: st.DataObject
) -> None:
    tail = data.draw(
        st.sampled_from((b"", b"\0", bytes(11), build_batch(ONE_RECORD)[:-1], build_batch(ONE_RECORD)[:20]))
    )

    found = list(batches(b"".join(parts) + tail))

    assert [bytes(view) for _, view in found] == [bytes(part) for part in parts]
    assert [header for header, _ in found] == [read_batch_header(part) for part in parts]
    assert all(verify_crc(header, view) for header, view in found)


@given(valid_batches(), st.data())
def test_the_checksum_covers_all_from_the_attributes_on_and_nothing_before(
    batch: bytearray, data: st.DataObject
) -> None:
    header = read_batch_header(batch)
    position = data.draw(st.integers(0, len(batch) - 1).filter(lambda at: at not in range(8, 21)))

    batch[position] ^= data.draw(st.integers(1, 255))

    assert verify_crc(header, batch) == (position < 21)
    assert verify_crc(header, memoryview(batch)) == (position < 21)


def test_a_batch_that_is_not_there_as_a_whole_fails_its_checksum() -> None:
    batch = build_batch(ONE_RECORD)

    assert verify_crc(read_batch_header(batch), batch + b"more")
    assert not verify_crc(read_batch_header(batch), batch[:-1])


def test_the_log_stamps_offset_and_epoch_without_touching_the_checksum() -> None:
    batch = build_batch(ONE_RECORD)
    before = read_batch_header(batch)

    stamp_batch(memoryview(batch), base_offset=1 << 40, partition_leader_epoch=3)

    after = read_batch_header(batch)
    assert after == before._replace(base_offset=1 << 40, partition_leader_epoch=3)
    assert verify_crc(after, batch)


def test_what_the_checksum_covers_is_stamped_with_a_new_checksum() -> None:
    batch = build_batch(ONE_RECORD)
    before = read_batch_header(batch)

    restamp(
        memoryview(batch),
        attributes=0x08,
        base_timestamp=1,
        max_timestamp=2,
        last_offset_delta=3,
        producer_id=4,
        producer_epoch=5,
        base_sequence=6,
        record_count=7,
    )

    after = read_batch_header(batch)
    assert verify_crc(after, batch)
    assert after == before._replace(
        crc=after.crc,
        attributes=0x08,
        base_timestamp=1,
        max_timestamp=2,
        last_offset_delta=3,
        producer_id=4,
        producer_epoch=5,
        base_sequence=6,
        record_count=7,
    )


def test_what_does_not_fit_a_field_of_the_header_is_refused() -> None:
    batch = build_batch(ONE_RECORD)

    with pytest.raises(EncodeError):
        stamp_batch(batch, base_offset=1 << 63)
    with pytest.raises(EncodeError):
        restamp(batch, producer_epoch=1 << 15)
    with pytest.raises(EncodeError):
        build_batch(ONE_RECORD, producer_id=1 << 63)


def test_only_a_batch_of_magic_2_is_stamped() -> None:
    with pytest.raises(UnsupportedVersionError):
        stamp_batch(bytearray(61), base_offset=1)
    with pytest.raises(UnsupportedVersionError):
        restamp(bytearray(b"\2" * 60), attributes=1)
