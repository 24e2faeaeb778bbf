"""What a leader refuses, with which code, and what it stores; observed on Apache Kafka 4.3.1."""

from typing import Any

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import (
    Compression,
    NewRecord,
    TimestampType,
    encode_record,
    read_batch_header,
    records_of,
    restamp,
    stamp_batch,
    verify_crc,
    write_batch,
)
from kafka_conformance.reference_broker.log import AppendInfo, AppendOrigin, RecordError, Refusal
from kafka_conformance.reference_broker.log.produce_records import find_batch
from tests.reference_broker.log.support import (
    NOW,
    all_records,
    append,
    batch,
    idempotent,
    marker,
    new_log,
    offsets,
    refused,
    stored_batch,
)


def restamped(view: memoryview, **fields: int) -> memoryview:
    restamp(view, **fields)
    return view


def handmade(*records: bytes, count: int | None = None, last_offset_delta: int | None = None) -> memoryview:
    count = len(records) if count is None else count
    delta = count - 1 if last_offset_delta is None else last_offset_delta
    body = b"".join(records)
    return memoryview(
        write_batch(body, record_count=count, last_offset_delta=delta, base_timestamp=NOW, max_timestamp=NOW)
    )


def test_a_batch_gets_the_next_offsets_and_the_leader_epoch() -> None:
    log = new_log()
    append(log, batch(3))

    info = append(log, batch(2), leader_epoch=4)

    header = read_batch_header(stored_batch(log, 3))
    assert info == AppendInfo(3, 4, -1, 0, NOW)
    assert (header.base_offset, header.partition_leader_epoch) == (3, 4)
    assert verify_crc(header, stored_batch(log, 3))
    assert offsets(log) == [0, 1, 2, 3, 4]


def test_the_leader_epoch_that_a_producer_sends_is_overwritten() -> None:
    log = new_log()
    view = batch()
    stamp_batch(view, partition_leader_epoch=77)

    append(log, view, leader_epoch=2)

    assert read_batch_header(stored_batch(log, 0)).partition_leader_epoch == 2


def test_a_bad_checksum_is_corrupt_and_says_no_log_start() -> None:
    log = new_log()
    view = batch()
    view[-1] ^= 1

    refusal = refused(log, view)

    assert (refusal.error, refusal.message, refusal.log_start_offset) == (ErrorCode.CORRUPT_MESSAGE, None, -1)


@pytest.mark.parametrize(
    ("records", "error", "message"),
    [
        (b"", ErrorCode.INVALID_RECORD, None),
        (b"\x01" * 10, ErrorCode.INVALID_RECORD, None),
        (bytes(100), ErrorCode.CORRUPT_MESSAGE, "Record size 0 is less than the minimum record overhead (14)"),
        (bytes(batch())[:-1], ErrorCode.INVALID_RECORD, None),
        (bytes(batch()) * 2, ErrorCode.INVALID_RECORD, None),
        (bytes(batch()) + bytes(12), ErrorCode.CORRUPT_MESSAGE, None),
        (bytes(batch()) + bytes(61), ErrorCode.CORRUPT_MESSAGE, None),
        (bytes(batch()) + bytes(70), ErrorCode.CORRUPT_MESSAGE, None),
    ],
)
def test_a_request_holds_exactly_one_whole_batch(records: bytes, error: ErrorCode, message: str | None) -> None:
    refusal = refused(new_log(), memoryview(bytearray(records)))

    assert (refusal.error, refusal.message, refusal.log_start_offset) == (error, message, -1)


@pytest.mark.parametrize("tail", [b"\x00", bytes(11), bytes(batch())[:50]])
def test_the_beginning_of_another_batch_behind_the_first_is_ignored(tail: bytes) -> None:
    log = new_log()
    append(log, memoryview(bytearray(bytes(batch()) + tail)))

    assert log.size == len(batch())


@pytest.mark.parametrize(
    ("magic", "error", "message"),
    [
        (3, ErrorCode.CORRUPT_MESSAGE, "Invalid magic found in record: 3"),
        (1, ErrorCode.INVALID_RECORD, None),
        (0, ErrorCode.INVALID_RECORD, None),
    ],
)
def test_magic_must_be_2(magic: int, error: ErrorCode, message: str | None) -> None:
    view = batch()
    view[16] = magic

    refusal = refused(new_log(), view)

    assert (refusal.error, refusal.message) == (error, message)


ONE = encode_record(b"k", b"v")


@pytest.mark.parametrize(
    "view",
    [
        handmade(ONE, count=2),
        handmade(ONE, last_offset_delta=5),
        handmade(ONE, encode_record(b"k", b"v", offset_delta=1), last_offset_delta=0),
        handmade(ONE, encode_record(b"k", b"v", offset_delta=1), count=1),
        handmade(count=0, last_offset_delta=0),
        handmade(count=0, last_offset_delta=-1),
        handmade(ONE + b"\x00"),
        handmade(ONE[:-1]),
        handmade(bytes((ONE[0] + 2,)) + ONE[1:]),
        handmade(bytes((ONE[0] - 2,)) + ONE[1:]),
        handmade(ONE[:-1] + b"\x01"),
        restamped(idempotent(0), base_sequence=-1),
        restamped(idempotent(0), base_sequence=-2),
        restamped(batch(), attributes=0x20),
    ],
)
def test_counts_records_sequences_and_control_bits_must_be_those_of_a_producer(view: memoryview) -> None:
    refusal = refused(new_log(), memoryview(bytearray(view)))

    assert (refusal.error, refusal.record_errors, refusal.log_start_offset) == (ErrorCode.INVALID_RECORD, (), 0)


def test_the_base_offset_must_be_0() -> None:
    view = batch()
    stamp_batch(view, base_offset=5)

    refusal = refused(new_log(), view)

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.INVALID_RECORD, 0)


def test_the_offset_deltas_of_a_plain_batch_are_not_looked_at() -> None:
    log = new_log()
    append(log, handmade(ONE, encode_record(b"k", b"v", offset_delta=5)))
    append(log, handmade(encode_record(b"k", b"v", offset_delta=1), ONE))

    assert offsets(log) == [0, 5, 3, 2]


def test_the_attributes_of_a_record_are_not_looked_at() -> None:
    append(new_log(), handmade(encode_record(b"k", b"v", attributes=0x7F)))


def test_the_largest_timestamp_in_the_header_is_rewritten_from_the_records() -> None:
    log = new_log()
    append(log, restamped(batch(), max_timestamp=0))
    append(log, restamped(batch(), max_timestamp=10**14))

    for offset in (0, 1):
        header = read_batch_header(stored_batch(log, offset))
        assert header.max_timestamp == NOW
        assert verify_crc(header, stored_batch(log, offset))


def test_attribute_bits_without_meaning_are_stored_as_sent() -> None:
    log = new_log()
    append(log, restamped(batch(), attributes=0x80))
    append(log, restamped(batch(), attributes=0x40))

    assert [read_batch_header(stored_batch(log, offset)).attributes for offset in (0, 1)] == [0x80, 0x40]


@pytest.mark.parametrize("code", [5, 6, 7])
def test_an_unknown_codec_is_an_unknown_server_error(code: int) -> None:
    refusal = refused(new_log(), restamped(batch(), attributes=code))

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.UNKNOWN_SERVER_ERROR, 0)


def test_zstd_needs_produce_7() -> None:
    compressed = batch(compression=Compression.ZSTD)
    refusal = find_batch(compressed, 6)

    assert isinstance(refusal, Refusal)
    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, -1)
    assert find_batch(compressed, 7) == find_batch(compressed) == read_batch_header(compressed)


def test_a_batch_of_exactly_max_message_bytes_is_accepted() -> None:
    size = len(batch())
    append(new_log(max_message_bytes=size), batch())
    refusal = refused(new_log(max_message_bytes=size - 1), batch())

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.MESSAGE_TOO_LARGE, -1)


def test_a_batch_that_fits_into_no_segment_is_refused() -> None:
    refusal = refused(new_log(segment_bytes=len(batch()) - 1), batch())

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.RECORD_LIST_TOO_LARGE, -1)


def test_a_compacted_topic_names_each_record_without_a_key() -> None:
    log = new_log(cleanup_policy=frozenset({"compact"}))
    records = [NewRecord(key, b"v", (), NOW) for key in (b"k", None, None, b"")]

    refusal = refused(log, batch(records))

    message = "Compacted topic cannot accept message without key in topic partition orders-0"
    assert refusal.error is ErrorCode.INVALID_RECORD
    assert refusal.record_errors == (RecordError(1, message), RecordError(2, message))
    assert refusal.message is not None
    assert refusal.message.startswith("One or more records have been rejected due to 2 record errors in total")
    assert "RecordError(batchIndex=1, message='Compacted topic" in refusal.message


def test_a_null_key_wins_over_a_bad_timestamp_of_the_same_record() -> None:
    log = new_log(cleanup_policy=frozenset({"compact", "delete"}), message_timestamp_before_max_ms=10)
    records = [NewRecord(None, b"v", (), NOW - 11), NewRecord(b"k", b"v", (), NOW - 11)]

    refusal = refused(log, batch(records))

    assert refusal.error is ErrorCode.INVALID_TIMESTAMP
    assert [error.batch_index for error in refusal.record_errors] == [0, 1]
    assert "without key" in refusal.record_errors[0].message
    assert "out of range" in refusal.record_errors[1].message


def test_null_values_and_odd_headers_are_fine() -> None:
    log = new_log()
    headers: tuple[tuple[str, bytes | None], ...] = (("", None), ("a", b"1"), ("a", b"2"))
    append(log, batch([NewRecord(None, None, headers, NOW)]))

    (record,) = all_records(log)
    assert (record.key, record.value, record.headers) == (None, None, headers)


@pytest.mark.parametrize("timestamp", [-1, 0, NOW - 100 * 365 * 24 * 3600 * 1000, NOW + 1_800_000, NOW + 3_600_000])
def test_timestamps_of_the_past_and_of_the_next_hour_are_accepted(timestamp: int) -> None:
    append(new_log(), batch([NewRecord(b"k", b"v", (), timestamp)]))


def test_a_timestamp_more_than_an_hour_ahead_is_refused() -> None:
    late = NOW + 3_600_001

    refusal = refused(new_log(), batch([NewRecord(b"k", b"v", (), NOW), NewRecord(b"k", b"v", (), late)]))

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.INVALID_TIMESTAMP, 0)
    assert refusal.message == "One or more records have been rejected due to invalid timestamp"
    assert refusal.record_errors == (
        RecordError(
            1,
            f"Timestamp {late} of message with offset 1 is out of range. The timestamp should be within "
            f"[{NOW - 2**63 + 1}, {NOW + 3_600_000}]",
        ),
    )


def test_an_old_timestamp_is_refused_where_the_topic_says_so_but_none_at_all_is_fine() -> None:
    log = new_log(message_timestamp_before_max_ms=1000)
    append(log, batch([NewRecord(b"k", b"v", (), -1), NewRecord(b"k", b"v", (), NOW - 1000)]))

    refusal = refused(log, batch([NewRecord(b"k", b"v", (), NOW - 1001), NewRecord(b"k", b"v", (), NOW)]))

    assert refusal.error is ErrorCode.INVALID_TIMESTAMP
    assert [error.batch_index for error in refusal.record_errors] == [0]


def test_a_producer_that_says_log_append_time_is_corrected_or_refused() -> None:
    create = new_log()
    append(create, batch(timestamp_type=TimestampType.LOG_APPEND_TIME))
    assert read_batch_header(stored_batch(create, 0)).timestamp_type is TimestampType.CREATE_TIME

    refusal = refused(
        new_log(message_timestamp_type="LogAppendTime"), batch(timestamp_type=TimestampType.LOG_APPEND_TIME)
    )
    assert refusal.error is ErrorCode.INVALID_TIMESTAMP
    assert len(refusal.record_errors) == 1
    assert refusal.message == "One or more records have been rejected due to invalid timestamp"


def test_log_append_time_is_written_into_the_header_and_answered() -> None:
    log = new_log(message_timestamp_type="LogAppendTime")
    far_ahead = NOW + 115 * 24 * 3600 * 1000

    info = append(log, batch([NewRecord(b"k", b"v", (), far_ahead), NewRecord(b"k", b"v", (), -1)]), NOW + 5)

    header = read_batch_header(stored_batch(log, 0))
    assert info == AppendInfo(0, 1, NOW + 5, 0, NOW + 5)
    assert (header.timestamp_type, header.max_timestamp) == (TimestampType.LOG_APPEND_TIME, NOW + 5)
    assert header.base_timestamp == far_ahead
    assert verify_crc(header, stored_batch(log, 0))
    assert [record.timestamp for record in records_of(header, stored_batch(log, 0))] == [NOW + 5, NOW + 5]


def test_changed_settings_apply_to_the_next_batch() -> None:
    log = new_log()
    append(log, batch())
    log.update_config(type(log.config)(message_timestamp_type="LogAppendTime", max_message_bytes=100))
    append(log, batch())

    types = [read_batch_header(stored_batch(log, offset)).timestamp_type for offset in (0, 1)]
    assert types == [TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME]
    assert refused(log, batch(10)).error is ErrorCode.MESSAGE_TOO_LARGE


def test_a_coordinator_may_write_control_batches_and_need_not_count_sequences() -> None:
    log = new_log()
    arguments: dict[str, Any] = {"origin": AppendOrigin.COORDINATOR}

    assert isinstance(log.append_as_leader(marker(commit=True), 0, NOW, **arguments), AppendInfo)
    accepted = log.append_as_leader(batch(producer_id=3, producer_epoch=0, base_sequence=-1), 0, NOW, **arguments)
    assert isinstance(accepted, AppendInfo)
