"""What a follower and a new leader need of a log: epochs, appends with given offsets, truncation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import stamp_batch
from kafka_conformance.reference_broker.log import AppendInfo, Log, LogConfig, Refusal
from kafka_conformance.reference_broker.log.leader_epochs import EpochEndOffset, EpochEntry
from tests.reference_broker.log.support import (
    NOW,
    append,
    batch,
    end_transaction,
    fetch,
    idempotent,
    marker,
    new_log,
    offsets,
)


def replicate(leader: Log, follower: Log, max_bytes: int = 10**6) -> None:
    """Fetch and append until the follower has everything."""
    while follower.log_end_offset < leader.log_end_offset:
        data = bytearray(b"".join(fetch(leader, follower.log_end_offset, max_bytes).buffers))
        before = follower.log_end_offset
        info = follower.append_as_follower(memoryview(data), 99, NOW)
        assert isinstance(info, AppendInfo), info
        assert follower.log_end_offset > before


def test_a_follower_becomes_the_same_log() -> None:
    leader = new_log(segment_bytes=500)
    for number in range(6):
        append(leader, idempotent(number * 2, 2), leader_epoch=number // 3)
        append(leader, batch(3), leader_epoch=number // 3)
    append(leader, idempotent(0, producer_id=8, transactional=True), leader_epoch=1)
    end_transaction(leader, marker(commit=False, producer_id=8), leader_epoch=1)
    append(leader, idempotent(1, producer_id=8, transactional=True), leader_epoch=1)

    follower = new_log()
    replicate(leader, follower)
    follower.update_high_watermark(leader.high_watermark)

    assert offsets(follower) == offsets(leader)
    assert follower.leader_epochs.entries == leader.leader_epochs.entries
    assert follower.last_stable_offset == leader.last_stable_offset == 32
    assert follower.aborted_transactions(0, 40) == leader.aborted_transactions(0, 40)
    assert append(follower, idempotent(10, 2)).duplicate


def test_a_follower_takes_no_batch_of_a_higher_epoch_than_it_knows() -> None:
    leader, follower = new_log(), new_log()
    append(leader, batch(), leader_epoch=1)
    append(leader, batch(), leader_epoch=2)
    data = bytearray(b"".join(fetch(leader).buffers))

    info = follower.append_as_follower(memoryview(data), 1, NOW)

    assert info == AppendInfo(0, 0, -1, 0, NOW)
    assert follower.append_as_follower(memoryview(data)[len(data) // 2 :], 1, NOW) == AppendInfo(-1, -1, -1, 0)


def test_a_follower_refuses_offsets_that_it_has_and_damaged_batches() -> None:
    leader, follower = new_log(), new_log()
    append(leader, batch(2))
    data = bytearray(b"".join(fetch(leader).buffers))
    assert isinstance(follower.append_as_follower(memoryview(bytearray(data)), 0, NOW), AppendInfo)

    again = follower.append_as_follower(memoryview(bytearray(data)), 0, NOW)
    assert isinstance(again, Refusal)
    assert again.error is ErrorCode.UNKNOWN_SERVER_ERROR

    stamp_batch(data, base_offset=2)
    data[-1] ^= 1
    damaged = follower.append_as_follower(memoryview(data), 0, NOW)
    assert isinstance(damaged, Refusal)
    assert damaged.error is ErrorCode.CORRUPT_MESSAGE
    assert isinstance(follower.append_as_follower(memoryview(bytearray(40)), 0, NOW), Refusal)
    assert offsets(follower) == [0, 1]


def test_a_follower_may_begin_above_0() -> None:
    leader, follower = new_log(), new_log()
    for _ in range(3):
        append(leader, batch(2))
    leader.delete_records_before(4)
    follower.truncate_fully_and_start_at(4, NOW)

    replicate(leader, follower)

    assert (follower.log_start_offset, offsets(follower)) == (4, [4, 5])


def test_the_high_watermark_stays_inside_the_log() -> None:
    log = new_log()
    log.append_as_leader(batch(3), 0, NOW)

    assert [log.update_high_watermark(offset) for offset in (2, 99, -5)] == [2, 3, 0]


def test_truncation_cuts_at_the_batch_that_holds_the_offset() -> None:
    log = new_log(segment_bytes=200)
    for number in range(6):
        append(log, batch(2), leader_epoch=number)

    assert not log.truncate_to(12, NOW)
    assert log.truncate_to(6, NOW)
    assert (offsets(log), log.high_watermark, log.latest_epoch) == (list(range(6)), 6, 2)
    assert append(log, batch(), leader_epoch=9).base_offset == 6


def test_truncation_below_the_first_segment_empties_the_log() -> None:
    log = new_log(segment_bytes=100)
    for _ in range(4):
        append(log, batch(2))
    log.delete_records_before(4)
    log.delete_old_segments(NOW)

    assert log.truncate_to(1, NOW)
    assert (log.log_start_offset, log.log_end_offset, log.high_watermark) == (1, 1, 1)
    assert append(log, batch()).base_offset == 1


def test_truncation_to_the_end_forgets_an_epoch_that_wrote_nothing() -> None:
    log = new_log()
    append(log, batch(2), leader_epoch=1)
    log.assign_epoch_start_offset(5, 2)
    assert log.latest_epoch == 5

    log.truncate_to(2, NOW)

    assert log.latest_epoch == 1


def test_truncation_takes_producers_back() -> None:
    log = new_log()
    append(log, idempotent(0))
    append(log, idempotent(1))
    append(log, idempotent(0, producer_id=8))

    log.truncate_to(1, NOW)

    assert [(entry.producer_id, entry.last_sequence) for entry in log.active_producers] == [(7, 0)]
    assert append(log, idempotent(1)).base_offset == 1


def test_truncation_above_the_high_watermark_leaves_stable_what_was_stable() -> None:
    log = new_log()
    append(log, idempotent(0, transactional=True))
    end_transaction(log, marker(commit=True))
    log.update_high_watermark(2)
    for _ in range(2):  # nobody else has these
        assert isinstance(log.append_as_leader(batch(), 0, NOW), AppendInfo)
    assert log.last_stable_offset == 2

    log.truncate_to(3, NOW)

    assert (log.high_watermark, log.last_stable_offset, log.log_end_offset) == (2, 2, 3)


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [(-1, None), (0, (0, 0)), (1, (1, 5)), (2, (1, 5)), (3, (3, 8)), (5, (5, 10)), (6, None)],
)
def test_an_epoch_ends_where_a_later_one_begins(epoch: int, expected: tuple[int, int] | None) -> None:
    log = new_log()
    for leader_epoch, count in ((1, 5), (3, 3), (5, 2)):
        append(log, batch(count), leader_epoch=leader_epoch)

    answer = log.end_offset_for_epoch(epoch)

    assert answer == (None if expected is None else EpochEndOffset(*expected))


def test_the_epoch_of_an_offset_is_known() -> None:
    log = new_log()
    for leader_epoch, count in ((1, 5), (3, 3)):
        append(log, batch(count), leader_epoch=leader_epoch)

    assert [log.leader_epochs.epoch_for_offset(offset) for offset in (0, 4, 5, 99)] == [1, 1, 3, 3]
    assert new_log().leader_epochs.epoch_for_offset(0) is None


def test_an_epoch_that_contradicts_others_takes_their_place() -> None:
    log = new_log()
    log.assign_epoch_start_offset(3, 0)
    log.assign_epoch_start_offset(4, 0)
    assert log.leader_epochs.entries == (EpochEntry(4, 0),)

    log.assign_epoch_start_offset(2, 7)
    assert log.leader_epochs.entries == (EpochEntry(2, 7),)
    log.assign_epoch_start_offset(2, 9)
    assert log.leader_epochs.entries == (EpochEntry(2, 7),)


def test_deleted_records_take_their_epochs_along() -> None:
    log = new_log()
    for leader_epoch in (1, 2, 3):
        append(log, batch(2), leader_epoch=leader_epoch)

    log.delete_records_before(3)

    assert log.leader_epochs.entries == (EpochEntry(2, 3), EpochEntry(3, 4))


@settings(max_examples=60, deadline=None)
@given(
    leader_epochs=st.lists(st.integers(min_value=0, max_value=2), min_size=1, max_size=8),
    shared=st.integers(min_value=0, max_value=8),
    others=st.lists(st.integers(min_value=0, max_value=2), max_size=8),
    max_bytes=st.sampled_from([1, 300, 10**6]),
)
def test_after_truncation_by_epoch_two_replicas_agree(
    leader_epochs: list[int], shared: int, others: list[int], max_bytes: int
) -> None:
    """KIP-101, KIP-279: go back until the leader knows the epoch, cut where it ends there, then fetch."""
    config = LogConfig(segment_bytes=300)
    leader, follower = new_log(config), new_log(config)
    epoch = 0
    for step in leader_epochs[:shared]:
        epoch += step
        append(leader, batch(2), leader_epoch=epoch)
    replicate(leader, follower)
    apart = epoch
    for step in others:
        apart += step
        append(follower, batch(3), leader_epoch=apart + 1)
    for step in leader_epochs[shared:]:
        epoch += step
        append(leader, batch(2), leader_epoch=max(epoch, apart + 2))
    leader.assign_epoch_start_offset(max(epoch, apart) + 9, leader.log_end_offset)

    while True:
        known = follower.latest_epoch
        answer = None if known is None else leader.end_offset_for_epoch(known)
        if answer is None:
            follower.truncate_to(0, NOW)
            break
        mine = follower.end_offset_for_epoch(answer.epoch)
        follower.truncate_to(min(answer.end_offset, mine.end_offset if mine else 0), NOW)
        if answer.epoch == known:
            break
    replicate(leader, follower, max_bytes)

    assert b"".join(bytes(part) for part in everything(follower)) == b"".join(
        bytes(part) for part in everything(leader)
    )


def everything(log: Log) -> list[memoryview]:
    parts: list[memoryview] = []
    offset = log.log_start_offset
    while offset < log.log_end_offset:
        parts += fetch(log, offset).buffers
        offset = next((base for base in log.segment_base_offsets if base > offset), log.log_end_offset)
    return parts
