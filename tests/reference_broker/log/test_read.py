"""Fetching by offset and looking up timestamps; observed on Apache Kafka 4.3.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import Compression, NewRecord, batches
from kafka_conformance.reference_broker.log import Fetched, Log, LogConfig, LogParts, TimestampOffset
from kafka_conformance.reference_broker.log.reader import LogReader
from tests.reference_broker.log.support import NOW, append, batch, fetch, new_log, values


def four_batches(log: Log) -> int:
    """Offsets 0-7, two to a batch, the third batch older than the second; the size of one batch."""
    for first, second in ((0, 100), (1000, 1100), (500, 600), (2000, 2100)):
        append(log, batch([NewRecord(b"k", b"v", (), NOW + first), NewRecord(b"k", b"v", (), NOW + second)]))
    return log.size // 4


def base_offsets(fetched: Fetched | ErrorCode) -> list[int]:
    assert isinstance(fetched, Fetched)
    data = b"".join(fetched.buffers)
    assert len(data) == fetched.size
    return [header.base_offset for header, _ in batches(data)]


def test_a_fetch_inside_a_batch_answers_the_whole_batch() -> None:
    log = new_log()
    four_batches(log)

    assert base_offsets(fetch(log, 3)) == [2, 4, 6]


@pytest.mark.parametrize("max_bytes", [0, 1])
def test_the_first_batch_is_answered_whole_whatever_the_limit(max_bytes: int) -> None:
    log = new_log()
    four_batches(log)

    assert base_offsets(log.read(2, max_bytes, 8)) == [2]
    assert base_offsets(log.read(2, max_bytes, 8, min_one_batch=False)) == []


def test_the_limit_counts_bytes_of_whole_batches() -> None:
    log = new_log()
    size = four_batches(log)

    assert base_offsets(log.read(0, size, 8, min_one_batch=False)) == [0]
    assert base_offsets(log.read(0, 2 * size - 1, 8)) == [0]
    assert base_offsets(log.read(0, 2 * size, 8)) == [0, 2]
    assert base_offsets(log.read(2, 2 * size + 1, 8)) == [2, 4]


def test_nothing_at_or_behind_the_upper_bound_is_answered() -> None:
    log = new_log()
    four_batches(log)

    assert base_offsets(log.read(0, 10**6, 4)) == [0, 2]
    assert base_offsets(log.read(4, 10**6, 4)) == []
    assert base_offsets(log.read(6, 10**6, 4)) == []
    assert base_offsets(log.read(0, 10**6, 5)) == [0, 2]


def test_offsets_outside_the_log_are_out_of_range() -> None:
    log = new_log()
    four_batches(log)
    log.delete_records_before(3)

    assert [log.read(offset, 10, 8) for offset in (-1, 2, 9)] == [ErrorCode.OFFSET_OUT_OF_RANGE] * 3
    assert base_offsets(log.read(3, 10**6, 8)) == [2, 4, 6]
    assert base_offsets(log.read(8, 10**6, 8)) == []


def test_a_fetch_reads_one_segment_and_the_next_fetch_goes_on_behind_it() -> None:
    log = new_log(segment_bytes=200)
    four_batches(log)

    assert log.segment_base_offsets == [0, 4]
    assert base_offsets(fetch(log, 0)) == [0, 2]
    assert base_offsets(fetch(log, 4)) == [4, 6]


def test_the_rule_for_the_first_batch_can_be_replaced() -> None:
    class Strict(LogReader):
        def first_batch_rule(self, first_batch_size: int, max_bytes: int, *, min_one_batch: bool) -> int:
            return max_bytes

    log = new_log(parts=LogParts(reader=Strict))
    four_batches(log)

    assert base_offsets(log.read(2, 1, 8)) == []


@pytest.mark.parametrize(
    ("after", "expected"),
    [(-5, (0, 0)), (0, (0, 0)), (1, (100, 1)), (101, (1000, 2)), (550, (1000, 2)), (600, (1000, 2)), (1050, (1100, 3))],
)
@pytest.mark.parametrize("index_interval_bytes", [0, 4096])
def test_a_timestamp_finds_the_first_record_that_is_not_older(
    after: int, expected: tuple[int, int], index_interval_bytes: int
) -> None:
    log = new_log(index_interval_bytes=index_interval_bytes)
    four_batches(log)

    timestamp, offset = expected
    assert log.offset_for_timestamp(NOW + after) == TimestampOffset(NOW + timestamp, offset, 0)


def test_a_timestamp_behind_all_records_finds_nothing() -> None:
    log = new_log()
    assert log.offset_for_timestamp(0) is None
    four_batches(log)

    assert log.offset_for_timestamp(NOW + 2101) is None


def test_a_timestamp_finds_nothing_below_the_start_of_the_log() -> None:
    log = new_log()
    four_batches(log)
    log.delete_records_before(3)

    assert log.offset_for_timestamp(NOW) == TimestampOffset(NOW + 1100, 3, 0)


def test_the_largest_timestamp_is_that_of_its_first_record_even_if_deleted() -> None:
    log = new_log()
    assert log.offset_of_max_timestamp() is None
    four_batches(log)
    append(log, batch([NewRecord(b"k", b"v", (), NOW + 2100)]))

    assert log.offset_of_max_timestamp() == TimestampOffset(NOW + 2100, 7, 0)
    log.delete_records_before(-1)
    assert log.offset_of_max_timestamp() == TimestampOffset(NOW + 2100, 7, 0)


def test_with_log_append_time_lookups_answer_the_base_offset() -> None:
    log = new_log(message_timestamp_type="LogAppendTime")
    for wait in (0, 10):
        append(log, batch(3), NOW + wait)

    assert log.offset_of_max_timestamp() == TimestampOffset(NOW + 10, 3, 0)
    assert log.offset_for_timestamp(NOW + 1) == TimestampOffset(NOW + 10, 3, 0)
    assert log.offset_for_timestamp(NOW - 100) == TimestampOffset(NOW, 0, 0)


def test_a_log_without_timestamps_has_minus_1_as_its_largest() -> None:
    log = new_log()
    append(log, batch(values(2, timestamp=-1)))

    assert log.offset_of_max_timestamp() == TimestampOffset(-1, 0, 0)


def test_the_earliest_offset_knows_its_leader_epoch() -> None:
    log = new_log()
    assert log.earliest_offset() == TimestampOffset(-1, 0, None)
    append(log, batch(2), leader_epoch=3)
    append(log, batch(2), leader_epoch=5)
    assert log.earliest_offset() == TimestampOffset(-1, 0, 3)

    log.delete_records_before(3)
    assert log.earliest_offset() == TimestampOffset(-1, 3, 5)


def test_records_in_compressed_batches_are_found_by_their_own_timestamps() -> None:
    log = new_log()
    records = [NewRecord(b"k", b"v", (), NOW + step) for step in (5, 1, 9)]
    append(log, batch(records, compression=Compression.LZ4))

    assert log.offset_for_timestamp(NOW + 6) == TimestampOffset(NOW + 9, 2, 0)
    assert log.offset_of_max_timestamp() == TimestampOffset(NOW + 9, 2, 0)


STAMPS_AND_SIZES = st.tuples(st.integers(min_value=-1, max_value=50), st.integers(min_value=0, max_value=80))
BATCHES = st.lists(st.lists(STAMPS_AND_SIZES, min_size=1, max_size=4), max_size=20)
CONFIGS = st.fixed_dictionaries(
    {
        "segment_bytes": st.sampled_from([500, 1500, 10**6]),
        "index_interval_bytes": st.sampled_from([0, 100, 4096]),
        "segment_index_bytes": st.sampled_from([24, 10**6]),
    }
).map(lambda settings: LogConfig(**settings))


@given(sent=BATCHES, config=CONFIGS, data=st.data())
def test_what_is_read_is_what_was_written(
    sent: list[list[tuple[int, int]]], config: LogConfig, data: st.DataObject
) -> None:
    log = new_log(config)
    model: list[tuple[int, bytes]] = []  # (base offset, batch)
    timestamps: list[int] = []
    for records in sent:
        view = batch([NewRecord(b"k", bytes(size), (), stamp) for stamp, size in records])
        model.append((len(timestamps), bytes(view)[61:]))
        timestamps += [stamp for stamp, _ in records]
        append(log, view)
    end = len(timestamps)

    for _ in range(5):
        offset = data.draw(st.integers(min_value=0, max_value=end))
        bound = data.draw(st.sampled_from([base for base, _ in model] + [end]))
        limit = data.draw(st.integers(min_value=0, max_value=1000))
        fetched = log.read(offset, limit, bound)
        assert isinstance(fetched, Fetched)
        got = [(header.base_offset, bytes(view)[61:]) for header, view in batches(b"".join(fetched.buffers))]
        bases = [base for base, _ in model]
        first = max((index for index, base in enumerate(bases) if base <= offset), default=0)
        expected = [entry for entry in model[first:] if entry[0] < bound] if offset < bound else []
        assert got == expected[: len(got)]
        assert bool(got) == bool(expected)
        assert fetched.size <= limit or len(got) == 1

    wanted = data.draw(st.integers(min_value=-1, max_value=51))
    found = log.offset_for_timestamp(wanted)
    expected_offset = next((offset for offset, stamp in enumerate(timestamps) if stamp >= wanted), None)
    if wanted >= 0:  # without timestamps a segment counts as old as its file
        assert (None if found is None else found.offset) == expected_offset
    largest = log.offset_of_max_timestamp()
    assert (None if largest is None else largest.offset) == (timestamps.index(max(timestamps)) if timestamps else None)
