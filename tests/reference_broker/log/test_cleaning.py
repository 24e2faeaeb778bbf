"""What a round of cleaning leaves; most of it observed on Apache Kafka 4.3.1."""

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import Compression, TimestampType
from kafka_conformance.reference_broker.log import Log, LogDirectory
from tests.reference_broker.log.cleaning_support import (
    DAY,
    clean,
    close_segment,
    compacted_log,
    contents,
    put,
    raw_batches,
    stored,
)
from tests.reference_broker.log.support import NOW, ORDERS, end_transaction, fetch, idempotent, marker, refused

TOMBSTONE_OR_MARKER = 0x40


def layout(log: Log) -> list[tuple[int, int, list[int]]]:
    """Base offset, last offset delta, offsets of the records of each batch."""
    return [(found.first, found.delta, [record[0] for record in found.records]) for found in stored(log)]


def three_batches() -> tuple[LogDirectory, Log]:
    logs, log = compacted_log()
    put(log, "k1=a", "k2=b", "k1=c")
    put(log, "k1=d")
    put(log, "k3=x", "k1=dd", "k3=y")
    close_segment(log)
    put(log, "k2=active")
    return logs, log


def test_the_last_value_of_each_key_stays_at_its_offset() -> None:
    logs, log = three_batches()
    clean(logs)

    assert layout(log) == [(0, 2, [1]), (4, 2, [5, 6]), (7, 0, [7])]
    assert contents(log) == [(1, b"k2", b"b"), (5, b"k1", b"dd"), (6, b"k3", b"y"), (7, b"k2", b"active")]
    assert (log.log_start_offset, log.high_watermark, log.log_end_offset) == (0, 8, 8)
    assert logs.cleaner.checkpoint(ORDERS) == 7


def test_a_fetch_at_a_removed_offset_begins_with_what_is_there() -> None:
    logs, log = three_batches()
    clean(logs)

    def first_batch(offset: int) -> int:
        return int.from_bytes(b"".join(fetch(log, offset).buffers)[:8], "big")

    assert [first_batch(offset) for offset in range(8)] == [0, 0, 0, 4, 4, 4, 4, 7]


def test_nothing_is_written_anew_that_loses_nothing() -> None:
    logs, log = compacted_log()
    put(log, "k1=a", "k2=b", compression=Compression.GZIP, partition_leader_epoch=3)
    close_segment(log)
    before = bytes(raw_batches(log)[0][1])
    clean(logs)

    assert bytes(raw_batches(log)[0][1]) == before


def test_a_batch_keeps_its_codec_and_its_kind_of_timestamp() -> None:
    logs, log = compacted_log(message_timestamp_type="LogAppendTime")
    for codec in Compression:
        put(log, "k=a", f"{codec.name}=b", "k=c", compression=codec)
    close_segment(log)
    clean(logs)

    headers = [header for header, _ in raw_batches(log)]
    assert [header.compression for header in headers] == list(Compression)
    assert {header.timestamp_type for header in headers} == {TimestampType.LOG_APPEND_TIME}
    assert {header.max_timestamp for header in headers} == {NOW}
    assert contents(log)[0] == (1, b"NONE", b"b")


def test_what_may_not_be_cleaned_deletes_nothing() -> None:
    logs, log = compacted_log()
    put(log, "k=old")
    close_segment(log)
    put(log, "k=middle")
    close_segment(log)
    put(log, "k=active")
    clean(logs)

    assert contents(log) == [(1, b"k", b"middle"), (2, b"k", b"active")]


def test_records_without_a_key_go() -> None:
    logs, log = compacted_log(cleanup_policy=frozenset({"delete"}))
    put(log, "=without", "k=with")
    close_segment(log)
    put(log, "k2=active")
    log.update_config(log.config._replace(cleanup_policy=frozenset({"compact"})))  # type: ignore[arg-type]
    clean(logs)

    assert [record[1] for record in contents(log)] == [b"k", b"k2"]


def test_a_tombstone_gets_its_horizon_in_one_round_and_goes_in_a_later_one() -> None:
    logs, log = compacted_log(delete_retention_ms=DAY)
    put(log, "k=a", timestamp=NOW - 7)
    put(log, "k=", timestamp=NOW - 5)
    close_segment(log)
    put(log, "other=1")
    clean(logs, NOW + 1)

    (tombstone, _) = stored(log)
    assert tombstone.attributes == TOMBSTONE_OR_MARKER
    assert (tombstone.base_timestamp, tombstone.max_timestamp) == (NOW + 1 + DAY, NOW - 5)
    assert contents(log)[0] == (1, b"k", None)

    close_segment(log)
    put(log, "other=2")
    clean(logs, NOW + DAY)
    assert (1, b"k", None) in contents(log)

    close_segment(log)
    put(log, "other=3")
    clean(logs, NOW + 1 + DAY)
    assert (1, b"k", None) not in contents(log)


def test_an_expired_tombstone_waits_for_a_round_and_a_round_for_dirty_data() -> None:
    logs, log = compacted_log(delete_retention_ms=0)
    put(log, "k=")
    close_segment(log)
    put(log, "other=1")
    clean(logs)

    assert clean(logs, NOW + DAY) == 0
    assert contents(log)[0] == (0, b"k", None)


def test_a_batch_that_loses_its_tombstone_keeps_its_horizon() -> None:
    logs, log = compacted_log(delete_retention_ms=0)
    put(log, "k=", "stays=1")
    close_segment(log)
    put(log, "other=1")
    clean(logs)
    close_segment(log)
    put(log, "other=2")
    clean(logs, NOW + 10)

    first = stored(log)[0]
    assert (first.records, first.attributes, first.base_timestamp) == (
        [(1, b"stays", b"1")],
        TOMBSTONE_OR_MARKER,
        NOW,
    )


def transaction(log: Log, sequence: int, *pairs: str, commit: bool, producer_id: int = 7) -> None:
    put(log, *pairs, producer_id=producer_id, producer_epoch=0, base_sequence=sequence, transactional=True)
    end_transaction(log, marker(commit=commit, producer_id=producer_id))
    log.update_high_watermark(log.log_end_offset)


def test_a_marker_goes_after_its_data_and_its_horizon() -> None:
    logs, log = compacted_log(delete_retention_ms=0)
    transaction(log, 0, "k=a", commit=True)
    put(log, "k=b")
    transaction(log, 1, "j=a", commit=True)
    close_segment(log)
    put(log, "other=1")
    clean(logs)
    first = stored(log)[0]
    assert (first.first, first.attributes) == (1, 0x30)

    close_segment(log)
    put(log, "other=2")
    clean(logs)
    first = stored(log)[0]
    assert (first.first, first.attributes, first.base_timestamp) == (1, 0x70, NOW)

    close_segment(log)
    put(log, "other=3")
    clean(logs)
    assert stored(log)[0].first == 2


def test_data_that_survives_keeps_its_marker() -> None:
    logs, log = compacted_log(delete_retention_ms=0)
    transaction(log, 0, "k=a", commit=True)
    for round_ in range(4):
        close_segment(log)
        put(log, f"other={round_}")
        clean(logs)

    assert [(found.first, found.attributes) for found in stored(log)][:2] == [(0, 0x10), (1, 0x30)]


def test_aborted_data_goes_at_once_and_is_listed_while_its_marker_is_there() -> None:
    logs, log = compacted_log(delete_retention_ms=0)
    put(log, "k=older")
    transaction(log, 0, "k=aborted", "unique=aborted", commit=False)
    transaction(log, 2, "j=later", commit=True)
    close_segment(log)
    put(log, "other=1")
    clean(logs)

    assert contents(log)[0] == (0, b"k", b"older")
    assert [found.first for found in stored(log)] == [0, 3, 4, 5, 6]
    assert [found.first_offset for found in log.aborted_transactions(0, 10)] == [1]
    for round_ in range(2):
        close_segment(log)
        put(log, f"other={round_}")
        clean(logs)

    assert 3 not in [found.first for found in stored(log)]
    assert log.aborted_transactions(0, 10) == []


def test_the_last_batch_of_a_producer_stays_without_records() -> None:
    logs, log = compacted_log()
    put(log, "k=a", "k=b", producer_id=7, producer_epoch=2, base_sequence=6, timestamp=NOW - 1)
    put(log, "k=c")
    close_segment(log)
    put(log, "other=1")
    clean(logs)

    empty = stored(log)[0]
    assert (empty.first, empty.delta, empty.records, empty.producer) == (0, 1, [], (7, 2, 6))
    assert (empty.attributes, empty.base_timestamp, empty.max_timestamp) == (0, -1, NOW - 1)


def test_an_empty_batch_goes_once_its_producer_has_written_again() -> None:
    logs, log = compacted_log()
    put(log, "k=a", producer_id=7, producer_epoch=0, base_sequence=0)
    put(log, "k=b")
    close_segment(log)
    put(log, "k=c", producer_id=7, producer_epoch=0, base_sequence=1)
    clean(logs)
    assert stored(log)[0].first == 1


def test_the_last_batch_of_a_round_stays_without_records() -> None:
    logs, log = compacted_log()
    put(log, "k=a")
    put(log, "j=aborted", producer_id=7, producer_epoch=0, base_sequence=0, transactional=True)
    close_segment(log)
    end_transaction(log, marker(commit=False))
    put(log, "other=1", producer_id=7, producer_epoch=0, base_sequence=1)
    clean(logs)

    assert layout(log) == [(0, 0, [0]), (1, 0, []), (2, 0, [2]), (3, 0, [3])]


def test_the_producer_state_does_not_depend_on_the_data() -> None:
    logs, log = compacted_log()
    for sequence in range(6):
        put(log, "k=a", producer_id=7, producer_epoch=0, base_sequence=sequence)
    put(log, "k=b")
    close_segment(log)
    put(log, "other=1")
    clean(logs)
    repeats = [put(log, "k=a", producer_id=7, producer_epoch=0, base_sequence=sequence) for sequence in range(1, 6)]
    assert repeats == [1, 2, 3, 4, 5]
    assert refused(log, idempotent(7)).error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_small_segments_are_merged_and_large_ones_are_not() -> None:
    logs, log = compacted_log(segment_bytes=10_000)
    for number in range(3):
        put(log, f"small{number}=1")
        close_segment(log)
    for number in range(2):
        put(log, f"large{number}={'x' * 6000}")
        close_segment(log)
    put(log, "other=1")
    clean(logs)

    assert log.segment_base_offsets == [0, 4, 5]
    assert log.producer_state.snapshots.offsets == [4, 5]
