import struct
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.errors import (
    CorruptBatchError,
    ProtocolError,
    TruncatedError,
    UnsupportedCompressionError,
)
from kafka_conformance.protocol.records import (
    Compression,
    Record,
    TimestampType,
    batches,
    compress,
    read_batch_header,
    records_of,
    verify_crc,
)

LOG_APPEND_TIME = 0x08


def message(
    magic: int,
    offset: int,
    key: bytes | None,
    value: bytes | None,
    *,
    attributes: int = 0,
    timestamp: int = 1_000,
) -> bytes:
    """A message as LegacyRecord.write does it."""
    fields = struct.pack(">bb", magic, attributes) + (struct.pack(">q", timestamp) if magic else b"")
    for part in (key, value):
        fields += struct.pack(">i", -1) if part is None else struct.pack(">i", len(part)) + part
    return struct.pack(">qiI", offset, len(fields) + 4, zlib.crc32(fields)) + fields


def read(data: bytes) -> list[Record]:
    return [record for header, view in batches(data) for record in records_of(header, view)]


def wrapped(magic: int, offset: int, inner: Sequence[bytes], *, attributes: int = 0, timestamp: int = 1_000) -> bytes:
    body = compress(Compression.GZIP, b"".join(inner))
    return message(magic, offset, None, body, attributes=Compression.GZIP | attributes, timestamp=timestamp)


def test_the_header_of_a_message_says_what_a_batch_would() -> None:
    data = message(1, 40, b"k", b"v", timestamp=70)

    header = read_batch_header(data)

    assert (header.magic, header.base_offset, header.last_offset, header.next_offset) == (1, 40, 40, 41)
    assert (header.size, header.record_count, header.max_timestamp) == (len(data), 1, 70)
    assert (header.producer_id, header.last_sequence, header.partition_leader_epoch) == (-1, -1, -1)
    assert verify_crc(header, data)
    assert not verify_crc(header, data[:-1] + b"w")


def test_bits_that_only_batches_have_mean_nothing_in_a_message() -> None:
    header = read_batch_header(message(1, 0, None, None, attributes=0x70))

    assert (header.is_control, header.is_transactional, header.delete_horizon_ms) == (False, False, None)


def test_a_message_of_magic_0_has_no_timestamp() -> None:
    data = message(0, 40, b"k", None)

    assert read_batch_header(data).timestamp_type is TimestampType.NO_TIMESTAMP_TYPE
    assert read(data) == [Record(40, -1, b"k", None)]


def test_nobody_knows_how_many_messages_a_compressed_one_holds() -> None:
    assert read_batch_header(wrapped(1, 1, [message(1, 0, None, b"a"), message(1, 1, None, b"b")])).record_count == -1


def test_offsets_in_a_compressed_message_of_magic_1_are_relative_to_its_last() -> None:
    data = wrapped(1, 102, [message(1, 0, None, b"a"), message(1, 2, None, b"b")])

    assert [record.offset for record in read(data)] == [100, 102]


def test_offsets_in_a_compressed_message_of_magic_0_are_absolute() -> None:
    data = wrapped(0, 102, [message(0, 100, None, b"a"), message(0, 102, None, b"b")])

    assert [record.offset for record in read(data)] == [100, 102]


def test_an_outer_offset_of_0_is_what_old_librdkafka_sends() -> None:
    data = wrapped(1, 0, [message(1, 0, None, b"a"), message(1, 1, None, b"b")])

    assert [record.offset for record in read(data)] == [0, 1]


def test_an_outer_offset_below_the_inner_ones_is_refused() -> None:
    with pytest.raises(CorruptBatchError, match="wrapper offset '1'"):
        read(wrapped(1, 1, [message(1, 2, None, b"a")]))


def test_with_log_append_time_the_outer_timestamp_counts() -> None:
    inner = [message(1, 0, None, b"a", timestamp=5), message(1, 1, None, b"b", timestamp=6)]

    assert [r.timestamp for r in read(wrapped(1, 1, inner, timestamp=90))] == [5, 6]
    appended = wrapped(1, 1, inner, timestamp=90, attributes=LOG_APPEND_TIME)
    assert [r.timestamp for r in read(appended)] == [90, 90]


def test_an_inner_message_that_is_cut_off_ends_the_set_without_complaint() -> None:
    data = wrapped(1, 1, [message(1, 1, None, b"a"), message(1, 2, None, b"b")[:-1]])

    assert [record.value for record in read(data)] == [b"a"]


@pytest.mark.parametrize(
    ("data", "message_"),
    [
        (wrapped(1, 1, []), "no inner records"),
        (wrapped(1, 1, [wrapped(1, 1, [message(1, 1, None, b"a")])]), "must not be compressed"),
        (message(1, 0, None, None, attributes=Compression.GZIP), "null value"),
        (message(1, 0, None, compress(Compression.ZSTD, b""), attributes=Compression.ZSTD), "Invalid wrapper"),
        (
            message(0, 0, None, b"")[:8] + struct.pack(">i", 14) + message(0, 0, b"12", b"")[12:26],
            "are left|ends before",
        ),
    ],
)
def test_a_message_that_contradicts_itself_is_refused(data: bytes, message_: str) -> None:
    with pytest.raises(CorruptBatchError, match=message_):
        read(data)


def test_a_message_that_is_cut_off_is_refused() -> None:
    data = message(1, 0, None, b"value")

    with pytest.raises(CorruptBatchError):
        list(records_of(read_batch_header(data), data[:-1]))
    with pytest.raises(TruncatedError):
        read_batch_header(data[:25])


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(UnsupportedCompressionError):
        read(message(1, 0, None, b"", attributes=6))


KEYS = st.none() | st.binary(max_size=10)


@given(st.lists(st.tuples(KEYS, KEYS), min_size=1, max_size=5), st.sampled_from((0, 1)), st.data())
def test_damage_to_a_message_set_gives_records_or_a_protocol_error(
    pairs: list[tuple[bytes | None, bytes | None]], magic: int, data: st.DataObject
) -> None:
    inner = [message(magic, index, key, value) for index, (key, value) in enumerate(pairs)]
    plain = b"".join(inner)
    position = data.draw(st.integers(0, len(plain) - 1))
    plain = plain[:position] + data.draw(st.binary(min_size=1, max_size=8)) + plain[position + 1 :]

    for damaged in (plain, wrapped(magic, len(inner) - 1, [plain])):
        try:
            records = read(damaged)
        except ProtocolError:
            continue
        assert all(isinstance(record, Record) for record in records)
