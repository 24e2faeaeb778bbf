"""Whatever a client sends, the answer is a value; whatever was accepted, can be read again."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_conformance.protocol.errors import CorruptBatchError
from kafka_conformance.protocol.records import (
    Compression,
    NewRecord,
    batches,
    build_batch,
    compress,
    encode_record,
    read_batch_header,
    records_of,
    restamp,
    verify_crc,
    write_batch,
)
from kafka_conformance.reference_broker.log import AppendInfo, AppendOrigin, Log, LogConfig, Refusal
from tests.reference_broker.log.support import NOW, fetch, new_log

INT64 = st.integers(min_value=-(2**63), max_value=2**63 - 1)
INT32 = st.integers(min_value=-(2**31), max_value=2**31 - 1)
CONFIGS = st.fixed_dictionaries(
    {
        "cleanup_policy": st.sampled_from([frozenset({"delete"}), frozenset({"compact"})]),
        "compression_type": st.sampled_from(["producer", "uncompressed", "gzip", "zstd"]),
        "message_timestamp_type": st.sampled_from(["CreateTime", "LogAppendTime"]),
        "message_timestamp_before_max_ms": st.sampled_from([0, 2**63 - 1]),
    }
).map(lambda settings: LogConfig(**settings))


def check(log: Log, view: memoryview, *, checks_offsets: bool = True) -> None:
    """Append, and read what was appended."""
    answer = log.append_as_leader(view, 3, NOW)
    if isinstance(answer, Refusal):
        assert log.size == 0
        return
    assert isinstance(answer, AppendInfo)
    ((header, stored),) = batches(b"".join(fetch(log).buffers))
    assert verify_crc(header, stored)
    assert (header.base_offset, header.last_offset, header.partition_leader_epoch) == (0, answer.last_offset, 3)
    assert log.log_end_offset == header.record_count
    log.offset_for_timestamp(NOW)
    log.offset_of_max_timestamp()


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300), config=CONFIGS)
def test_any_bytes_are_answered(data: bytes, config: LogConfig) -> None:
    check(new_log(config), memoryview(bytearray(data)))


@settings(max_examples=150, deadline=None)
@given(
    config=CONFIGS,
    codec=st.sampled_from(list(Compression)),
    changes=st.lists(st.tuples(st.integers(min_value=0, max_value=200), st.integers(0, 255)), max_size=3),
    plain=st.booleans(),
)
def test_any_damage_under_a_right_checksum_is_answered(
    config: LogConfig, codec: Compression, changes: list[tuple[int, int]], plain: bool
) -> None:
    """Damage to the body as it is sent, or (`plain`) to the records before they are compressed."""
    records = [NewRecord(b"key", b"value" * 5, (("h", b"x"),), NOW + number) for number in range(3)]
    batch = build_batch(records)
    body = bytearray(batch[61:] if plain else compress(codec, bytes(batch[61:])))
    for position, value in changes:
        body[position % len(body)] = value
    data = compress(codec, bytes(body)) if plain else bytes(body)
    sent = write_batch(
        data, attributes=codec, last_offset_delta=2, record_count=3, base_timestamp=NOW, max_timestamp=NOW
    )

    check(new_log(config), memoryview(sent))


@settings(max_examples=150, deadline=None)
@given(
    config=CONFIGS,
    fields=st.fixed_dictionaries(
        {},
        optional={
            "attributes": st.integers(min_value=-(2**15), max_value=2**15 - 1),
            "base_timestamp": INT64,
            "max_timestamp": INT64,
            "last_offset_delta": INT32,
            "producer_id": INT64,
            "producer_epoch": st.integers(min_value=-(2**15), max_value=2**15 - 1),
            "base_sequence": INT32,
            "record_count": INT32,
        },
    ),
)
def test_any_header_is_answered(config: LogConfig, fields: dict[str, int]) -> None:
    sent = build_batch([NewRecord(b"k", b"v", (), NOW + number) for number in range(2)])
    restamp(sent, **fields)

    check(new_log(config), memoryview(sent))


@settings(max_examples=100, deadline=None)
@given(
    deltas=st.lists(st.tuples(INT64, INT32), min_size=1, max_size=3),
    base_timestamp=INT64,
    codec=st.sampled_from([Compression.NONE, Compression.LZ4]),
    config=CONFIGS,
)
def test_any_deltas_are_answered(
    deltas: list[tuple[int, int]], base_timestamp: int, codec: Compression, config: LogConfig
) -> None:
    body = b"".join(encode_record(b"k", b"v", (), offset, timestamp) for timestamp, offset in deltas)
    sent = write_batch(
        compress(codec, body),
        attributes=codec,
        last_offset_delta=len(deltas) - 1,
        record_count=len(deltas),
        base_timestamp=base_timestamp,
        max_timestamp=0,
    )

    check(new_log(config), memoryview(sent))


def test_a_record_with_a_wrong_length_and_a_bad_timestamp_is_refused() -> None:
    record = encode_record(b"k", b"v")
    wrong = bytes((record[0] + 4,)) + record[1:]
    sent = write_batch(
        compress(Compression.GZIP, wrong),
        attributes=Compression.GZIP,
        last_offset_delta=0,
        record_count=1,
        base_timestamp=NOW + 10**9,
        max_timestamp=NOW + 10**9,
    )

    assert isinstance(new_log().append_as_leader(memoryview(sent), 0, NOW), Refusal)


def test_a_batch_with_unreadable_records_that_was_accepted_is_found_by_no_timestamp() -> None:
    record = encode_record(b"k", b"v")
    wrong = bytes((record[0] + 4,)) + record[1:]
    sent = write_batch(
        compress(Compression.GZIP, wrong),
        attributes=Compression.GZIP,
        last_offset_delta=0,
        record_count=1,
        base_timestamp=NOW,
        max_timestamp=NOW,
    )
    log = new_log()
    assert isinstance(log.append_as_leader(memoryview(sent), 0, NOW), AppendInfo)

    header = read_batch_header(fetch(log).buffers[0])
    try:
        list(records_of(header, fetch(log).buffers[0]))
        raise AssertionError("the record can be read")
    except CorruptBatchError:
        pass
    assert log.offset_for_timestamp(NOW) is None
    assert log.offset_of_max_timestamp() is None


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_from_a_leader_are_answered(data: bytes) -> None:
    answer = new_log().append_as_follower(memoryview(bytearray(data)), 0, NOW)

    assert isinstance(answer, Refusal) or answer.base_offset == -1


@settings(max_examples=60, deadline=None)
@given(
    attributes=st.integers(min_value=0, max_value=127),
    key=st.none() | st.binary(max_size=6),
    value=st.none() | st.binary(max_size=8),
)
def test_any_control_record_from_a_leader_is_answered(attributes: int, key: bytes | None, value: bytes | None) -> None:
    sent = build_batch([NewRecord(key, value, (), NOW)], producer_id=7, producer_epoch=0, base_sequence=0)
    restamp(sent, attributes=attributes | 0x30)

    log = new_log()
    answers = [
        log.append_as_follower(memoryview(bytearray(sent)), 0, NOW),
        log.append_as_leader(memoryview(bytearray(sent)), 0, NOW, AppendOrigin.COORDINATOR),
    ]

    assert all(isinstance(answer, AppendInfo | Refusal) for answer in answers)
