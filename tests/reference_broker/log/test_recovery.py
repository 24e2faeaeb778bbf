"""What is found again after a stop that was not clean."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_conformance.protocol.records import Compression, NewRecord, build_batch, read_batch_header, write_batch
from kafka_conformance.reference_broker.log import Log, LogConfig, StopState
from kafka_conformance.reference_broker.storage import MemoryStorage, StorageError
from tests.reference_broker.log.support import (
    NOW,
    ORDERS,
    SMALL_SEGMENTS,
    all_records,
    append,
    batch,
    end_transaction,
    idempotent,
    marker,
    new_log,
    offsets,
    stored_batch,
    values,
)

DIRECTORY = "orders-0"


def segment_file(base_offset: int, suffix: str = "log") -> str:
    return f"{DIRECTORY}/{base_offset:020d}.{suffix}"


def copy(storage: MemoryStorage) -> MemoryStorage:
    """The files as a kill leaves them."""
    twin = MemoryStorage()
    for directory in storage.directories():
        for name in storage.files(directory):
            twin.open(f"{directory}/{name}").append([storage.read_bytes(f"{directory}/{name}")])
    return twin


def mixed_log(storage: MemoryStorage, config: LogConfig = SMALL_SEGMENTS) -> Log:
    """Plain, compressed, idempotent and transactional batches, a marker, two epochs, several segments."""
    log = new_log(config, storage=storage)
    for number in range(4):
        epoch = number // 2
        append(log, batch(values(3, timestamp=NOW + number, size=40)), leader_epoch=epoch)
        append(log, idempotent(number * 2, 2), leader_epoch=epoch)
        append(log, batch(4, compression=Compression.GZIP), leader_epoch=epoch)
        append(log, idempotent(number, producer_id=8, transactional=True), leader_epoch=epoch)
        end_transaction(log, marker(commit=number % 2 == 0, producer_id=8), leader_epoch=epoch)
        log.update_high_watermark(log.log_end_offset)
    append(log, idempotent(4, producer_id=8, transactional=True), leader_epoch=1)
    return log


def state_of(log: Log) -> object:
    """What must be the same after a recovery that loses nothing."""
    log.update_high_watermark(log.log_end_offset)
    producers = sorted(
        (
            entry.producer_id,
            entry.producer_epoch,
            entry.last_sequence,
            entry.last_offset,
            entry.current_txn_first_offset,
        )
        for entry in log.active_producers
    )
    return (
        all_records(log),
        log.segment_base_offsets,
        log.log_end_offset,
        log.last_stable_offset,
        log.leader_epochs.entries,
        log.aborted_transactions(0, log.log_end_offset),
        log.offset_of_max_timestamp(),
        [log.offset_for_timestamp(NOW + step) for step in range(5)],
        producers,
    )


def test_a_kill_loses_nothing() -> None:
    storage = MemoryStorage()
    log = mixed_log(storage)
    assert len(log.segment_base_offsets) >= 3

    recovered = new_log(SMALL_SEGMENTS, storage=copy(storage))

    assert state_of(recovered) == state_of(log)


@pytest.mark.parametrize("at_end", [True, False])
def test_recovery_may_begin_at_the_recovery_point(at_end: bool) -> None:
    storage = MemoryStorage()
    log = mixed_log(storage)
    if at_end:
        log.flush()

    stop = StopState(recovery_point=log.recovery_point)
    recovered = new_log(SMALL_SEGMENTS, storage=copy(storage), stop=stop)

    assert log.recovery_point > 0
    assert state_of(recovered) == state_of(log)


def test_a_clean_stop_loses_nothing() -> None:
    storage = MemoryStorage()
    log = mixed_log(storage)
    before = state_of(log)
    log.close()

    assert state_of(new_log(SMALL_SEGMENTS, storage=storage, stop=StopState(clean=True))) == before


def test_the_loss_of_power_leaves_the_rolled_segments_and_what_was_flushed() -> None:
    storage = MemoryStorage()
    log = mixed_log(storage)
    active = log.segment_base_offsets[-1]
    records = [record for record in all_records(log) if record.offset < active]
    storage.crash()

    recovered = new_log(SMALL_SEGMENTS, storage=storage, stop=StopState(recovery_point=log.recovery_point))

    assert (log.recovery_point, recovered.log_end_offset) == (active, active)
    assert all_records(recovered) == records


def test_flush_messages_bounds_what_a_loss_of_power_takes() -> None:
    storage = MemoryStorage()
    log = new_log(LogConfig(flush_messages=4), storage=storage)
    for _ in range(7):
        append(log, batch(2))
    storage.crash()

    assert new_log(storage=storage).log_end_offset == 12


def test_wherever_the_tail_is_cut_the_whole_batches_before_are_found() -> None:
    storage = MemoryStorage()
    log = new_log(storage=storage)
    ends = [0]
    for number in range(3):
        append(log, idempotent(number * 2, 2, producer_id=number))
        ends.append(log.size)
    data = storage.read_bytes(segment_file(0))

    for size in range(len(data) + 1):
        cut = copy(storage)
        cut.open(segment_file(0)).truncate(size)
        recovered = new_log(storage=cut)

        whole = sum(1 for end in ends[1:] if end <= size)
        assert (recovered.log_end_offset, recovered.size) == (2 * whole, ends[whole])
        assert offsets(recovered) == list(range(2 * whole))
        assert [entry.producer_id for entry in recovered.active_producers] == list(range(whole))
        assert append(recovered, batch()).base_offset == 2 * whole


def test_wherever_a_byte_is_damaged_the_log_ends_before_its_batch() -> None:
    storage = MemoryStorage()
    log = new_log(storage=storage)
    ends = [0]
    for _ in range(3):
        append(log, batch(2))
        ends.append(log.size)
    data = storage.read_bytes(segment_file(0))

    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 0x55
        broken = MemoryStorage()
        broken.open(segment_file(0)).append([damaged])
        recovered = new_log(storage=broken)

        number = sum(1 for end in ends[1:] if end <= position)
        inside = position - ends[number]
        if inside < 8:  # the base offset is not in the checksum; offsets may only grow
            assert recovered.log_end_offset >= 2 * number
        elif 12 <= inside < 16:  # neither is the leader epoch
            assert recovered.log_end_offset == 6
        else:
            assert recovered.log_end_offset == 2 * number


def test_damage_in_a_segment_ends_the_log_there() -> None:
    storage = MemoryStorage()
    log = mixed_log(storage)
    second = log.segment_base_offsets[1]
    storage.open(segment_file(second)).truncate(storage.open(segment_file(second)).size - 1)

    recovered = new_log(SMALL_SEGMENTS, storage=storage)

    assert recovered.segment_base_offsets == [0, second]
    assert second <= recovered.log_end_offset < log.segment_base_offsets[2]
    assert all(
        name[:20].isdigit() is False or int(name[:20]) <= second or "snapshot" in name
        for name in storage.files(DIRECTORY)
    )
    assert append(recovered, batch(), leader_epoch=9).base_offset == recovered.log_end_offset - 1


@pytest.mark.parametrize("suffix", ["index", "timeindex"])
@pytest.mark.parametrize("clean", [True, False])
def test_a_missing_index_is_built_again(suffix: str, clean: bool) -> None:
    storage = MemoryStorage()
    log = mixed_log(storage)
    before = state_of(log)
    log.close()
    for base_offset in log.segment_base_offsets:
        storage.remove(segment_file(base_offset, suffix))

    assert state_of(new_log(SMALL_SEGMENTS, storage=storage, stop=StopState(clean=clean))) == before


@pytest.mark.parametrize("suffix", ["index", "timeindex", "txnindex", "snapshot"])
def test_damaged_small_files_are_built_again(suffix: str) -> None:
    storage = MemoryStorage()
    log = mixed_log(storage)
    before = state_of(log)
    log.close()
    names = [name for name in storage.files(DIRECTORY) if name.endswith(suffix)]
    assert names
    for name in names:
        storage.write_atomically(f"{DIRECTORY}/{name}", bytes([0xC5]) * 60)

    after = new_log(SMALL_SEGMENTS, storage=storage, stop=StopState(clean=False))

    assert state_of(after) == before


def test_an_index_without_its_segment_is_removed() -> None:
    storage = MemoryStorage()
    append(new_log(storage=storage), batch())
    storage.write_atomically(segment_file(50, "index"), bytes(8))
    storage.write_atomically(segment_file(50, "txnindex"), b"")

    new_log(storage=storage)

    assert not storage.exists(segment_file(50, "index"))
    assert not storage.exists(segment_file(50, "txnindex"))


def test_files_that_kafka_was_about_to_delete_are_deleted() -> None:
    storage = MemoryStorage()
    append(new_log(storage=storage), batch())
    for name in (
        "00000000000000000000.log.deleted",
        "00000000000000000000.index.cleaned",
        "leader-epoch-checkpoint.tmp",
    ):
        storage.write_atomically(f"{DIRECTORY}/{name}", b"x")

    assert offsets(new_log(storage=storage)) == [0]
    assert not [name for name in storage.files(DIRECTORY) if name.endswith(("deleted", "cleaned", "tmp"))]


def test_a_finished_compaction_replaces_the_segments_that_it_covers() -> None:
    storage = MemoryStorage()
    log = new_log(LogConfig(segment_bytes=len(batch())), storage=storage)
    for _ in range(4):
        append(log, batch())
    log.close()
    compacted = build_batch([NewRecord(b"k", b"new", (), NOW)], last_offset_delta=1, base_offset=0)
    storage.write_atomically(segment_file(0, "log.swap"), bytes(compacted))
    storage.write_atomically(segment_file(0, "index.swap"), b"")
    storage.write_atomically(segment_file(0, "timeindex.swap"), b"")

    recovered = new_log(storage=storage)

    assert recovered.segment_base_offsets == [0, 2, 3]
    assert [(record.offset, record.value) for record in all_records(recovered)] == [
        (0, b"new"),
        (2, b"v" * 10),
        (3, b"v" * 10),
    ]


def test_a_swap_that_belongs_to_an_unfinished_split_is_undone() -> None:
    storage = MemoryStorage()
    log = new_log(storage=storage)
    append(log, batch(2))
    storage.write_atomically(segment_file(1, "log.swap"), b"")
    storage.write_atomically(segment_file(0, "log.cleaned"), b"")

    assert new_log(storage=storage).segment_base_offsets == [0]
    assert not storage.exists(segment_file(1))


def test_a_log_whose_files_end_below_its_start_begins_anew_there() -> None:
    storage = MemoryStorage()
    append(new_log(storage=storage), batch(3), leader_epoch=2)

    log = new_log(storage=storage, stop=StopState(log_start_offset=10))

    assert (log.log_start_offset, log.log_end_offset, log.segment_base_offsets) == (10, 10, [10])
    assert log.latest_epoch is None


def test_epochs_that_were_not_written_down_are_read_from_the_batches() -> None:
    storage = MemoryStorage()
    log = mixed_log(storage)
    storage.remove(f"{DIRECTORY}/leader-epoch-checkpoint")

    assert new_log(SMALL_SEGMENTS, storage=storage).leader_epochs.entries == log.leader_epochs.entries


def test_old_message_formats_are_not_supported_and_not_touched() -> None:
    storage = MemoryStorage()
    old = bytearray(write_batch(b"", record_count=0, last_offset_delta=0))
    old[16] = 1
    storage.open(segment_file(0)).append([old])

    with pytest.raises(StorageError, match="message format 1"):
        new_log(storage=storage)
    assert storage.read_bytes(segment_file(0)) == old


def test_zeros_that_a_killed_kafka_leaves_in_its_indexes_are_ignored() -> None:
    storage = MemoryStorage()
    log = mixed_log(storage)
    before = state_of(log)
    log.close()
    for base_offset in log.segment_base_offsets:
        storage.open(segment_file(base_offset, "index")).append([bytes(4096)])
        storage.open(segment_file(base_offset, "timeindex")).append([bytes(4096)])

    assert state_of(new_log(SMALL_SEGMENTS, storage=storage, stop=StopState(clean=True))) == before


KEEPING = ["plain", "gzip", "idempotent", "txn", "commit", "abort", "roll", "flush"]
LOSING = ["delete", "retention", "truncate"]
CONFIG = LogConfig(segment_bytes=400, index_interval_bytes=50, retention_bytes=900)
SEEDS = st.integers(min_value=0, max_value=99)


@settings(max_examples=50, deadline=None)
@given(actions=st.lists(st.sampled_from(KEEPING), max_size=30), seed=SEEDS)
def test_whatever_was_appended_a_kill_and_a_clean_stop_lose_nothing(actions: list[str], seed: int) -> None:
    storage = MemoryStorage()
    log = run_all(storage, actions, seed)
    before = state_of(log)

    assert state_of(new_log(CONFIG, storage=copy(storage))) == before
    log.close()
    assert state_of(new_log(CONFIG, storage=storage, stop=StopState(clean=True))) == before


@settings(max_examples=50, deadline=None)
@given(actions=st.lists(st.sampled_from(KEEPING + LOSING), max_size=30), seed=SEEDS)
def test_whatever_was_deleted_or_truncated_the_same_records_are_found(actions: list[str], seed: int) -> None:
    storage = MemoryStorage()
    log = run_all(storage, actions, seed)
    start = log.log_start_offset

    killed = new_log(CONFIG, storage=copy(storage), stop=StopState(log_start_offset=start))
    assert (killed.log_start_offset, killed.log_end_offset) == (start, log.log_end_offset)
    assert all_records(killed) == all_records(log)
    log.close()
    closed = new_log(CONFIG, storage=storage, stop=StopState(clean=True, log_start_offset=start))
    assert all_records(closed) == all_records(log)
    if start < log.log_end_offset:  # an epoch that begins at the end of the log is forgotten, by Kafka as well
        assert closed.leader_epochs.entries == killed.leader_epochs.entries == log.leader_epochs.entries


def run_all(storage: MemoryStorage, actions: list[str], seed: int) -> Log:
    log = new_log(CONFIG, storage=storage)
    chance = random.Random(seed)
    for number, action in enumerate(actions):
        run(log, action, chance, number)
        log.update_high_watermark(log.log_end_offset)
    return log


def run(log: Log, action: str, chance: random.Random, number: int) -> None:
    producer_id = chance.randrange(3)
    known = {entry.producer_id: entry for entry in log.active_producers}
    sequence = known[producer_id].last_sequence + 1 if producer_id in known else 0
    in_transaction = producer_id in known and known[producer_id].current_txn_first_offset is not None
    if action == "plain":
        append(log, batch(chance.randrange(1, 4)), leader_epoch=number // 10)
    elif action == "gzip":
        append(log, batch(3, compression=Compression.GZIP), leader_epoch=number // 10)
    elif action in ("idempotent", "txn"):
        transactional = action == "txn" or in_transaction
        view = idempotent(sequence, 2, producer_id=producer_id, transactional=transactional)
        append(log, view, leader_epoch=number // 10)
    elif action in ("commit", "abort"):
        end_transaction(log, marker(commit=action == "commit", producer_id=producer_id), leader_epoch=number // 10)
    elif action == "roll":
        log.roll(NOW)
    elif action == "flush":
        log.flush()
    elif action == "delete":
        log.delete_records_before(chance.randint(log.log_start_offset, log.high_watermark))
    elif action == "retention":
        log.delete_old_segments(NOW)
    else:
        offset = chance.randint(log.log_start_offset, log.log_end_offset)
        if offset < log.log_end_offset:  # leaders and followers agree on whole batches
            offset = read_batch_header(stored_batch(log, offset)).base_offset
        log.truncate_to(offset, NOW)


def test_the_directory_of_a_log_is_named_after_its_partition() -> None:
    storage = MemoryStorage()
    new_log(storage=storage)

    assert storage.directories() == [str(ORDERS)]
