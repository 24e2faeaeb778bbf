"""The files beside a segment: offset index, time index, aborted transactions, producer snapshots."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.errors import MalformedError
from kafka_conformance.protocol.records import crc32c
from kafka_conformance.reference_broker.log.index_entries import CorruptIndexError
from kafka_conformance.reference_broker.log.offset_index import OffsetIndex, OffsetPosition
from kafka_conformance.reference_broker.log.outcome import TimestampOffset
from kafka_conformance.reference_broker.log.producer_snapshot import decode_snapshot, encode_snapshot
from kafka_conformance.reference_broker.log.producer_state import BatchMetadata, CompletedTxn, ProducerStateEntry
from kafka_conformance.reference_broker.log.time_index import TimeIndex
from kafka_conformance.reference_broker.log.transaction_index import AbortedTxn, TransactionIndex
from kafka_conformance.reference_broker.storage import MemoryStorage

BASE = 1000
ROOM = 10**6
STEPS = st.lists(
    st.tuples(st.integers(min_value=1, max_value=50), st.integers(min_value=1, max_value=500)), max_size=30
)


def offset_index(storage: MemoryStorage | None = None) -> OffsetIndex:
    return OffsetIndex((storage or MemoryStorage()).open("t-0/i"), BASE, ROOM)


def time_index(storage: MemoryStorage | None = None) -> TimeIndex:
    return TimeIndex((storage or MemoryStorage()).open("t-0/t"), BASE, ROOM)


def test_an_empty_offset_index_points_to_the_beginning() -> None:
    index = offset_index()

    assert index.lookup(BASE + 5) == OffsetPosition(BASE, 0)
    assert (index.last_offset, index.fetch_upper_bound_offset(0)) == (BASE, None)


@given(steps=STEPS, wanted=st.integers(min_value=-10, max_value=2000))
def test_an_offset_is_looked_for_behind_the_last_entry_not_above_it(steps: list[tuple[int, int]], wanted: int) -> None:
    storage = MemoryStorage()
    index = offset_index(storage)
    entries: list[tuple[int, int]] = []
    offset, position = BASE, 0
    for offset_step, position_step in steps:
        offset, position = offset + offset_step, position + position_step
        index.append(offset, position)
        entries.append((offset, position))
    index.flush()

    for found in (index, offset_index(storage)):
        expected = max((entry for entry in entries if entry[0] <= BASE + wanted), default=(BASE, 0))
        assert found.lookup(BASE + wanted) == expected
        assert found.position_before(wanted) == max((at for _, at in entries if at <= wanted), default=0)
        behind = [at_offset for at_offset, at in entries if at >= wanted]
        assert found.fetch_upper_bound_offset(wanted) == (behind[0] if behind else None)

    index.truncate_to(BASE + wanted)
    kept = [entry for entry in entries if entry[0] < BASE + wanted]
    assert (len(index), index.last_offset) == (len(kept), kept[-1][0] if kept else BASE)
    index.flush()
    assert len(offset_index(storage)) == len(kept)


def test_the_offset_index_has_kafkas_format() -> None:
    storage = MemoryStorage()
    index = offset_index(storage)
    index.append(BASE + 7, 4200)
    index.append(BASE + 9, 8400)
    index.close()

    assert storage.read_bytes("t-0/i") == struct.pack(">iiii", 7, 4200, 9, 8400)


def test_an_index_is_full_when_segment_index_bytes_are_used() -> None:
    index = OffsetIndex(MemoryStorage().open("t-0/i"), BASE, 17)
    times = TimeIndex(MemoryStorage().open("t-0/t"), BASE, 30)
    for number in range(2):
        assert not index.is_full
        index.append(BASE + number, number)
    assert index.is_full

    assert not times.is_full
    times.maybe_append(5, BASE)
    assert times.is_full  # one entry is reserved for the end of the segment


def test_offsets_must_fit_into_31_bits_behind_the_base_offset() -> None:
    index = offset_index()

    fits = [index.can_append_offset(BASE + delta) for delta in (-1, 0, 2**31 - 1, 2**31)]
    assert fits == [False, True, True, False]


@pytest.mark.parametrize("entry", [(-5, 10), (5, -1), (5, 100), (5, 200)])
def test_an_offset_index_that_points_outside_its_segment_is_corrupt(entry: tuple[int, int]) -> None:
    storage = MemoryStorage()
    storage.open("t-0/i").append([struct.pack(">ii", *entry)])

    with pytest.raises(CorruptIndexError):
        offset_index(storage).sanity_check(100)


def test_half_an_entry_at_the_end_is_cut_off() -> None:
    storage = MemoryStorage()
    storage.open("t-0/i").append([struct.pack(">iii", 7, 42, 9)])

    index = offset_index(storage)
    index.append(BASE + 8, 50)
    index.flush()

    assert storage.read_bytes("t-0/i") == struct.pack(">iiii", 7, 42, 8, 50)


def test_the_time_index_keeps_only_growing_timestamps() -> None:
    storage = MemoryStorage()
    index = time_index(storage)
    for timestamp, offset in ((100, BASE + 1), (100, BASE + 3), (90, BASE + 5), (120, BASE + 7)):
        index.maybe_append(timestamp, offset)
    index.close()

    assert storage.read_bytes("t-0/t") == struct.pack(">qiqi", 100, 1, 120, 7)
    again = time_index(storage)
    assert again.last_entry == TimestampOffset(120, BASE + 7)
    assert [again.lookup(timestamp).offset for timestamp in (99, 100, 119, 120, 500)] == [
        BASE,
        BASE + 1,
        BASE + 1,
        BASE + 7,
        BASE + 7,
    ]
    again.truncate_to(BASE + 7)
    assert again.last_entry == TimestampOffset(100, BASE + 1)


def test_an_entry_for_the_timestamp_0_at_the_base_offset_is_kept() -> None:
    storage = MemoryStorage()
    index = time_index(storage)
    index.maybe_append(0, BASE)
    index.close()

    assert time_index(storage).last_entry == TimestampOffset(0, BASE)


@pytest.mark.parametrize("entries", [(100, 1, 90, 2), (100, 1, 110, -3)])
def test_a_time_index_that_goes_back_is_corrupt(entries: tuple[int, ...]) -> None:
    storage = MemoryStorage()
    storage.open("t-0/t").append([struct.pack(">qiqi", *entries)])

    with pytest.raises(CorruptIndexError):
        time_index(storage).sanity_check()


def test_only_aborted_transactions_are_written_down_and_the_file_waits_for_the_first() -> None:
    storage = MemoryStorage()
    index = TransactionIndex(storage, "t-0/x", BASE)
    index.append(CompletedTxn(7, BASE, BASE + 1, is_aborted=False), BASE + 2)
    index.flush()
    index.close()
    assert not storage.exists("t-0/x")

    index.append(CompletedTxn(7, BASE + 2, BASE + 3, is_aborted=True), BASE + 4)
    index.close()

    assert storage.read_bytes("t-0/x") == struct.pack(">hqqqq", 0, 7, BASE + 2, BASE + 3, BASE + 4)
    assert TransactionIndex(storage, "t-0/x", BASE).aborted == [AbortedTxn(7, BASE + 2, BASE + 3, BASE + 4)]


def test_a_search_ends_where_later_transactions_cannot_overlap() -> None:
    index = TransactionIndex(MemoryStorage(), "t-0/x", BASE)
    for first, last, stable in ((0, 5, 3), (3, 8, 9), (20, 25, 26)):
        index.append(CompletedTxn(first, first, last, is_aborted=True), stable)

    found: list[AbortedTxn] = []
    assert index.collect(6, 9, found)
    assert [txn.first_offset for txn in found] == [3]
    found.clear()
    assert not index.collect(0, 100, found)
    assert [txn.first_offset for txn in found] == [0, 3, 20]


def test_a_transaction_index_from_the_future_or_of_another_segment_is_corrupt() -> None:
    storage = MemoryStorage()
    storage.open("t-0/x").append([struct.pack(">hqqqq", 1, 7, BASE, BASE, BASE)])
    with pytest.raises(CorruptIndexError, match="version 1"):
        TransactionIndex(storage, "t-0/x", BASE)

    storage.open("t-0/y").append([struct.pack(">hqqqq", 0, 7, 1, 2, 3)])
    with pytest.raises(CorruptIndexError):
        TransactionIndex(storage, "t-0/y", BASE).sanity_check()


INT64 = st.integers(min_value=0, max_value=2**63 - 1)
ENTRIES = st.lists(
    st.tuples(
        INT64,
        st.integers(min_value=-1, max_value=2**15 - 1),
        st.integers(min_value=-1, max_value=2**31 - 1),
        st.integers(min_value=-1, max_value=2**63 - 1),
        st.none() | INT64,
        st.none() | st.tuples(st.integers(min_value=0, max_value=2**31 - 1), INT64, st.integers(0, 2**31 - 1)),
    ),
    max_size=5,
)


def entry(fields: tuple[int, int, int, int, int | None, tuple[int, int, int] | None]) -> ProducerStateEntry:
    producer_id, epoch, coordinator_epoch, timestamp, txn, last = fields
    made = ProducerStateEntry(producer_id, epoch, coordinator_epoch, timestamp, txn)
    if last is not None:
        made.add_batch(epoch, BatchMetadata(*last, timestamp))
    return made


def seen(state: ProducerStateEntry) -> object:
    return [getattr(state, name) for name in ProducerStateEntry.__slots__ if name != "batches"] + list(state.batches)


@given(fields=ENTRIES)
def test_a_snapshot_gives_back_what_was_written(
    fields: list[tuple[int, int, int, int, int | None, tuple[int, int, int] | None]],
) -> None:
    entries = [entry(each) for each in fields]

    decoded = decode_snapshot(encode_snapshot(entries))

    assert [seen(each) for each in decoded] == [seen(each) for each in entries]


def test_of_several_batches_a_snapshot_keeps_the_last() -> None:
    state = ProducerStateEntry(7, 0)
    for number in range(3):
        state.add_batch(0, BatchMetadata(number, number, 0, 100))

    (decoded,) = decode_snapshot(encode_snapshot([state]))

    assert list(decoded.batches) == [BatchMetadata(2, 2, 0, 100)]


def test_a_damaged_snapshot_is_refused_wherever_it_is_damaged() -> None:
    data = encode_snapshot([ProducerStateEntry(7, 0)])

    for size in range(len(data)):
        with pytest.raises(MalformedError):
            decode_snapshot(data[:size])
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 1
        with pytest.raises(MalformedError):
            decode_snapshot(bytes(damaged))
    with pytest.raises(MalformedError):
        decode_snapshot(data + b"\x00")


def test_a_snapshot_whose_count_is_wrong_is_refused() -> None:
    body = struct.pack(">i", 2) + encode_snapshot([ProducerStateEntry(7, 0)])[10:]
    with pytest.raises(MalformedError, match="2 producers"):
        decode_snapshot(struct.pack(">hI", 1, crc32c(body)) + body)
