"""Compressed batches, and topics that want another codec; observed on Apache Kafka 4.3.1."""

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import (
    Compression,
    NewRecord,
    TimestampType,
    compress,
    encode_record,
    read_batch_header,
    records_of,
    verify_crc,
    write_batch,
)
from tests.reference_broker.log.support import (
    CODECS,
    NOW,
    all_records,
    append,
    batch,
    idempotent,
    new_log,
    offsets,
    refused,
    stored_batch,
    values,
)

THREE = [NewRecord(b"k%d" % number, b"v" * number, (("h", b"x"),), NOW + number) for number in range(3)]


def compressed(codec: Compression, body: bytes, *, count: int = 3, raw: bool = False) -> memoryview:
    """A batch whose records are `body` in this codec; `raw` leaves the body as it is."""
    data = body if raw else compress(codec, body)
    return memoryview(
        write_batch(
            data,
            attributes=codec,
            record_count=count,
            last_offset_delta=count - 1,
            base_timestamp=NOW,
            max_timestamp=NOW,
        )
    )


def body(*deltas: int) -> bytes:
    return b"".join(encode_record(b"k", b"v", offset_delta=delta) for delta in deltas)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("setting", ["producer", "same"])
def test_a_batch_in_the_codec_of_the_topic_is_stored_byte_for_byte(codec: Compression, setting: str) -> None:
    log = new_log(compression_type=codec.name.lower() if setting == "same" else "producer")
    sent = bytes(batch(THREE, compression=codec))

    append(log, memoryview(bytearray(sent)))

    assert bytes(stored_batch(log, 0))[61:] == sent[61:]
    assert [record.key for record in all_records(log)] == [b"k0", b"k1", b"k2"]


@pytest.mark.parametrize("target", [*CODECS, Compression.NONE])
@pytest.mark.parametrize("source", [*CODECS, Compression.NONE])
def test_a_batch_in_another_codec_is_compressed_anew(source: Compression, target: Compression) -> None:
    log = new_log(compression_type="uncompressed" if target is Compression.NONE else target.name.lower())
    append(log, batch(2))

    info = append(
        log, batch(THREE, compression=source, producer_id=9, producer_epoch=2, base_sequence=5), leader_epoch=3
    )

    view = stored_batch(log, 2)
    header = read_batch_header(view)
    assert (info.base_offset, info.last_offset, info.max_timestamp) == (2, 4, NOW + 2)
    assert (header.compression, header.partition_leader_epoch, header.record_count) == (target, 3, 3)
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (9, 2, 5)
    assert verify_crc(header, view)
    assert [tuple(record)[2:5] for record in records_of(header, view)] == [tuple(record)[:3] for record in THREE]


def test_a_batch_that_is_built_again_may_turn_out_too_large() -> None:
    records = values(1, size=2000)
    small = len(batch(records, compression=Compression.GZIP))
    log = new_log(compression_type="uncompressed", max_message_bytes=small)

    refusal = refused(log, batch(records, compression=Compression.GZIP))

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.MESSAGE_TOO_LARGE, -1)


def test_a_batch_that_is_built_again_gets_new_offset_deltas() -> None:
    log = new_log(compression_type="gzip")
    for deltas in ((0, 5), (1, 0)):
        append(log, compressed(Compression.NONE, body(*deltas), count=2))

    assert offsets(log) == [0, 1, 2, 3]


def test_log_append_time_holds_for_a_batch_that_is_built_again() -> None:
    log = new_log(compression_type="gzip", message_timestamp_type="LogAppendTime")
    append(log, batch(THREE), NOW + 99)

    header = read_batch_header(stored_batch(log, 0))
    assert (header.timestamp_type, header.max_timestamp) == (TimestampType.LOG_APPEND_TIME, NOW + 99)
    assert header.base_timestamp == NOW


def test_a_negative_timestamp_in_a_batch_that_is_built_again_is_an_unknown_server_error() -> None:
    view = batch([NewRecord(b"k", b"v", (), -2)])

    assert refused(new_log(compression_type="gzip"), view).error is ErrorCode.UNKNOWN_SERVER_ERROR
    append(new_log(), batch([NewRecord(b"k", b"v", (), -2)]))


@pytest.mark.parametrize("codec", CODECS)
def test_inner_offsets_of_a_compressed_batch_count_from_0(codec: Compression) -> None:
    refusal = refused(new_log(), compressed(codec, body(0, 2, 1)))

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.UNKNOWN_SERVER_ERROR, 0)
    append(new_log(compression_type="uncompressed"), compressed(codec, body(0, 2, 1)))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("records", [body(0, 1), body(0, 1, 2, 3), body(0, 1, 2) + b"\x00"])
def test_a_compressed_batch_holds_as_many_records_as_it_says(codec: Compression, records: bytes) -> None:
    assert refused(new_log(), compressed(codec, records)).error is ErrorCode.INVALID_RECORD


@pytest.mark.parametrize("codec", CODECS)
def test_garbage_is_no_compressed_batch(codec: Compression) -> None:
    refusal = refused(new_log(), compressed(codec, b"\x99garbage" * 5, raw=True))

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.UNKNOWN_SERVER_ERROR, 0)


@pytest.mark.parametrize("codec", CODECS)
def test_the_length_of_a_record_matters_only_where_a_batch_is_built_again(codec: Compression) -> None:
    record = encode_record(b"k", b"v")
    wrong = bytes((record[0] + 4,)) + record[1:]

    append(new_log(), compressed(codec, wrong, count=1))
    refusal = refused(new_log(compression_type="uncompressed"), compressed(codec, wrong, count=1))
    assert refusal.error is ErrorCode.INVALID_RECORD


@pytest.mark.parametrize("codec", CODECS)
def test_a_null_key_in_a_compressed_batch_is_found(codec: Compression) -> None:
    log = new_log(cleanup_policy=frozenset({"compact"}))

    refusal = refused(log, batch(values(2, key=None), compression=codec))

    assert [error.batch_index for error in refusal.record_errors] == [0, 1]


def test_a_plain_batch_to_a_zstd_topic_is_fine_in_any_version() -> None:
    log = new_log(compression_type="zstd")
    log.append_as_leader(batch(), 0, NOW)

    assert read_batch_header(stored_batch(log, 0)).compression is Compression.ZSTD


def test_a_repeat_to_a_topic_with_a_codec_is_still_a_repeat() -> None:
    log = new_log(compression_type="lz4")
    first = append(log, idempotent(0, 2))

    again = append(log, idempotent(0, 2))

    assert (again.base_offset, again.duplicate) == (first.base_offset, True)
    assert log.log_end_offset == 2
