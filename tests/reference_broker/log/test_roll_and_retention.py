"""When segments are rolled and which go; observed on Apache Kafka 4.3.1."""

import random

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import NewRecord
from kafka_conformance.reference_broker.log import Log, LogParts
from kafka_conformance.reference_broker.log.retention import Retention
from kafka_conformance.reference_broker.storage import MemoryStorage
from tests.reference_broker.log.support import NOW, ORDERS, all_records, append, batch, new_log, offsets, values

HOUR = 3_600_000
ONE_BATCH = len(batch())


def at(timestamp: int) -> memoryview:
    return batch([NewRecord(b"k", b"v" * 10, (), timestamp)])


def test_a_segment_is_rolled_before_it_grows_beyond_segment_bytes() -> None:
    log = new_log(segment_bytes=3 * ONE_BATCH)
    for _ in range(7):
        append(log, batch())

    assert log.segment_base_offsets == [0, 3, 6]
    assert offsets(log) == list(range(7))


def test_a_segment_is_rolled_by_the_time_in_its_batches() -> None:
    log = new_log(segment_ms=1500)
    append(log, at(NOW))
    append(log, at(NOW + 1400))
    append(log, at(NOW + 1500), NOW + 10 * HOUR)
    assert log.segment_base_offsets == [0]

    append(log, at(NOW + 1501))
    assert log.segment_base_offsets == [0, 3]


def test_without_timestamps_a_segment_is_rolled_by_the_clock() -> None:
    log = new_log(segment_ms=1500)
    append(log, at(-1), NOW + 1500)
    append(log, at(-1), NOW + 1500)
    append(log, at(-1), NOW + 1501)

    assert log.segment_base_offsets == [0, 2]


def test_an_idle_or_empty_segment_is_not_rolled() -> None:
    log = new_log(segment_ms=1)
    append(log, at(NOW + HOUR), NOW + HOUR)

    assert log.segment_base_offsets == [0]


def test_jitter_rolls_segments_earlier_at_random_points() -> None:
    def rolled_after(seed: int) -> int:
        log = Log(
            MemoryStorage(),
            ORDERS,
            new_log(segment_ms=1000, segment_jitter_ms=999).config,
            NOW,
            jitter=random.Random(seed),
        )
        step = 0
        while len(log.segment_base_offsets) == 1:
            append(log, at(NOW + step))
            step += 10
        return step

    points = {rolled_after(seed) for seed in range(6)}
    assert len(points) > 3
    assert all(point <= 1020 for point in points)


def test_a_compacted_log_is_rolled_after_max_compaction_lag() -> None:
    log = new_log(cleanup_policy=frozenset({"compact"}), max_compaction_lag_ms=2000)
    append(log, at(NOW))
    append(log, at(NOW + 2001))

    assert log.segment_base_offsets == [0, 1]


def test_a_full_index_rolls_the_segment() -> None:
    log = new_log(index_interval_bytes=0, segment_index_bytes=24)  # room for three offsets, two timestamps less one
    for step in range(6):
        append(log, at(NOW + step))

    assert len(log.segment_base_offsets) > 1
    assert offsets(log) == list(range(6))
    assert [log.offset_for_timestamp(NOW + step).offset for step in range(6)] == list(range(6))  # type: ignore[union-attr]


def test_an_index_without_any_room_rolls_each_time() -> None:
    log = new_log(index_interval_bytes=0, segment_index_bytes=4)
    for _ in range(3):
        append(log, batch())

    assert log.segment_base_offsets == [0, 1, 2]


def test_a_closed_segment_goes_when_its_largest_timestamp_is_too_old() -> None:
    log = new_log(segment_bytes=ONE_BATCH, retention_ms=5 * HOUR)
    for hours in (10, 9, 6, 3, 0):
        append(log, at(NOW - hours * HOUR))

    assert log.delete_old_segments(NOW) == 3
    assert (log.log_start_offset, offsets(log)) == (3, [3, 4])
    assert log.delete_old_segments(NOW) == 0


def test_a_segment_that_stays_keeps_all_behind_it() -> None:
    log = new_log(segment_bytes=ONE_BATCH, retention_ms=5 * HOUR, message_timestamp_after_max_ms=20 * HOUR)
    append(log, at(NOW + 10 * HOUR))
    for _ in range(3):
        append(log, at(NOW - 9 * HOUR))

    assert log.delete_old_segments(NOW) == 0
    assert log.log_start_offset == 0


def test_the_age_of_a_segment_without_timestamps_is_that_of_its_last_append() -> None:
    log = new_log(segment_bytes=ONE_BATCH, retention_ms=1000)
    append(log, at(-1), NOW)
    append(log, at(-1), NOW + 5000)

    assert log.delete_old_segments(NOW + 1000) == 0
    assert log.delete_old_segments(NOW + 1001) == 1


def test_the_active_segment_is_not_safe() -> None:
    log = new_log(retention_ms=1000)
    append(log, batch(2))

    assert log.delete_old_segments(NOW + 1001) == 1
    assert (log.log_start_offset, log.high_watermark, log.log_end_offset) == (2, 2, 2)
    assert (log.segment_base_offsets, log.size) == ([2], 0)
    assert log.read(1, 100, 2) is ErrorCode.OFFSET_OUT_OF_RANGE
    assert append(log, batch()).base_offset == 2


def test_an_empty_log_is_left_alone() -> None:
    log = new_log(retention_ms=0, retention_bytes=0)

    assert log.delete_old_segments(NOW + HOUR) == 0
    assert log.segment_base_offsets == [0]


@pytest.mark.parametrize(
    ("retention_bytes", "start"),
    [(-1, 0), (4 * ONE_BATCH, 0), (4 * ONE_BATCH - 1, 0), (3 * ONE_BATCH, 1), (1, 3), (0, 4)],
)
def test_the_oldest_segment_goes_only_if_enough_is_left_without_it(retention_bytes: int, start: int) -> None:
    log = new_log(segment_bytes=ONE_BATCH, retention_bytes=retention_bytes)
    for _ in range(4):
        append(log, batch())

    log.delete_old_segments(NOW)

    assert log.log_start_offset == start


def test_nothing_goes_that_is_not_replicated() -> None:
    log = new_log(segment_bytes=ONE_BATCH, retention_bytes=0)
    for _ in range(3):
        log.append_as_leader(batch(), 0, NOW)
    log.update_high_watermark(1)

    log.delete_old_segments(NOW)

    assert log.log_start_offset == 1


def test_compaction_alone_keeps_what_retention_would_delete() -> None:
    log = new_log(cleanup_policy=frozenset({"compact"}), segment_bytes=ONE_BATCH, retention_bytes=0, retention_ms=0)
    for _ in range(3):
        append(log, batch())
    assert log.delete_old_segments(NOW + HOUR) == 0

    log.delete_records_before(2)
    assert log.delete_old_segments(NOW + HOUR) == 2


def test_retention_off_keeps_everything() -> None:
    log = new_log(retention_ms=-1, segment_bytes=ONE_BATCH)
    for _ in range(3):
        append(log, batch())

    assert log.delete_old_segments(NOW + 10**12) == 0


def test_deleted_records_are_hidden_at_once_and_their_files_go_later() -> None:
    log = new_log(segment_bytes=2 * len(batch(2)))
    for _ in range(5):
        append(log, batch(2))

    assert log.delete_records_before(5) == 5
    assert (log.log_start_offset, log.segment_base_offsets) == (5, [0, 4, 8])
    assert log.delete_old_segments(NOW) == 1
    assert log.segment_base_offsets == [4, 8]
    assert [record.offset for record in all_records(log)] == [5, 6, 7, 8, 9]


def test_the_start_of_the_log_stays_between_0_and_the_high_watermark_and_never_moves_back() -> None:
    log = new_log()
    for _ in range(4):
        append(log, batch(2))

    assert [log.delete_records_before(offset) for offset in (9, -2)] == [ErrorCode.OFFSET_OUT_OF_RANGE] * 2
    assert log.delete_records_before(3) == 3
    assert log.delete_records_before(2) == 3
    assert log.delete_records_before(-1) == 8
    assert log.offset_for_timestamp(0) is None


def test_a_rule_of_retention_can_be_replaced() -> None:
    class Hoarder(Retention):
        def is_expired(self, segment: object, now_ms: int) -> bool:
            return False

    log = new_log(parts=LogParts(retention=Hoarder), retention_ms=0, segment_bytes=ONE_BATCH)
    for _ in range(2):
        append(log, batch(values(1)))

    assert log.delete_old_segments(NOW + HOUR) == 0
