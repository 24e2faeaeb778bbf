"""Which log is cleaned, when, how far, and what happens to it meanwhile."""

import pytest
from typing_extensions import override

from kafka_conformance.protocol.records import Compression, NewRecord
from kafka_conformance.reference_broker.log import Log, LogConfig, LogDirectory, TopicPartition
from kafka_conformance.reference_broker.log.checkpoints import CLEANED_OFFSETS
from kafka_conformance.reference_broker.log.log_cleaner import CleanerSettings
from kafka_conformance.reference_broker.storage import MemoryStorage, Storage, StorageError
from kafka_conformance.reference_broker.storage.disk import DiskStorage
from tests.reference_broker.log.cleaning_support import (
    clean,
    close_segment,
    compacted_log,
    contents,
    put,
)
from tests.reference_broker.log.support import NOW, ORDERS, append, batch, end_transaction, idempotent, marker, new_log

OTHER = TopicPartition("other", 1)


def dirty(log: Log, key: str = "k", rounds: int = 2) -> None:
    """So many closed segments with a value of one key each, and an active one."""
    for number in range(rounds):
        put(log, f"{key}={number}")
        close_segment(log)
    put(log, "active=1")


def checkpoint_file(logs: LogDirectory) -> str:
    return logs.storage.read_bytes(CLEANED_OFFSETS).decode()


def test_a_round_ends_where_the_active_segment_begins_and_that_is_written_down() -> None:
    logs, log = compacted_log()
    dirty(log)
    clean(logs)

    assert checkpoint_file(logs) == "0\n1\norders 0 2\n"


def test_only_what_is_dirty_makes_a_round() -> None:
    logs, log = compacted_log()
    dirty(log)
    assert clean(logs) > 0
    assert clean(logs) == 0


def test_a_restarted_broker_knows_what_is_clean() -> None:
    storage = MemoryStorage()
    logs, log = compacted_log(storage=storage)
    dirty(log)
    clean(logs)
    logs.close()

    logs, _ = compacted_log(storage=storage)
    assert clean(logs) == 0


def test_the_dirtiest_log_comes_first() -> None:
    logs, log = compacted_log()
    other = logs.open(OTHER, log.config, NOW)
    dirty(log)
    dirty(other)
    clean(logs)
    dirty(other, rounds=5)
    dirty(log, rounds=1)

    logs.cleaner.work(NOW)
    assert logs.cleaner.under_way == OTHER


@pytest.mark.parametrize(("ratio", "is_cleaned"), [(0.49, True), (0.5, False), (0.51, False)])
def test_the_dirty_share_must_be_above_the_least_ratio(ratio: float, is_cleaned: bool) -> None:
    logs, log = compacted_log()
    put(log, "a=1")
    close_segment(log)
    put(log, "a=2")
    clean(logs)
    close_segment(log)
    put(log, "active=1")
    log.update_config(log.config._replace(min_cleanable_dirty_ratio=ratio))  # type: ignore[arg-type]

    assert (clean(logs) > 0) is is_cleaned


def test_what_has_been_dirty_for_too_long_is_cleaned_in_spite_of_the_ratio() -> None:
    logs, log = compacted_log(min_cleanable_dirty_ratio=1.0, max_compaction_lag_ms=2000)
    dirty(log)

    assert clean(logs, NOW + 2000) == 0
    assert clean(logs, NOW + 2001) > 0


def test_a_young_segment_and_all_behind_it_are_left_alone() -> None:
    logs, log = compacted_log(min_compaction_lag_ms=5000)
    put(log, "k=1", "k=2", timestamp=NOW - 9000)
    close_segment(log)
    put(log, "k=3", "k=4", timestamp=NOW)
    close_segment(log)
    put(log, "k=5", "k=6", timestamp=NOW - 9000)
    close_segment(log)
    put(log, "active=1")

    clean(logs, NOW + 4999)
    assert [value for _, _, value in contents(log)] == [b"2", b"3", b"4", b"5", b"6", b"1"]
    clean(logs, NOW + 5000)
    assert [value for _, _, value in contents(log)] == [b"6", b"1"]


def test_a_segment_with_the_start_of_an_open_transaction_is_left_alone() -> None:
    logs, log = compacted_log()
    put(log, "k=1", "k=2")
    close_segment(log)
    put(log, "k=3", "k=4")
    append(log, idempotent(0, transactional=True))
    close_segment(log)
    put(log, "active=1")
    clean(logs)
    assert [offset for offset, _, _ in contents(log)] == [1, 2, 3, 4, 5]

    end_transaction(log, marker(commit=True))
    log.update_high_watermark(log.log_end_offset)
    clean(logs)
    assert [offset for offset, _, _ in contents(log)][:2] == [4, 5]


def test_what_is_not_replicated_is_left_alone() -> None:
    logs, log = compacted_log()
    dirty(log)
    log.high_watermark = 1
    clean(logs)

    assert [offset for offset, _, _ in contents(log)] == [0, 1, 2]


def test_a_full_map_ends_the_round_and_the_next_one_goes_on() -> None:
    logs, log = compacted_log()
    logs.cleaner.settings = CleanerSettings(dedupe_buffer_size=24 * 3, io_buffer_load_factor=1.0)
    put(log, *(f"{number}=old" for number in range(8)))
    put(log, *(f"{number}=new" for number in range(8)))
    close_segment(log)
    put(log, "active=1")

    clean(logs)
    assert [value for _, _, value in contents(log)] == [b"new"] * 8 + [b"1"]


def test_a_log_with_records_that_cannot_be_read_is_left_alone_from_then_on() -> None:
    logs, log = compacted_log()
    put(log, "k=1")
    damaged = bytearray(batch([NewRecord(b"k", b"v" * 100, (), NOW)], compression=Compression.GZIP))
    log.segments.active.file.append([_with_offset(damaged, 1)])
    log.log_end_offset = log.high_watermark = 2
    close_segment(log)
    put(log, "active=1")

    assert clean(logs) > 0
    assert logs.cleaner.uncleanable == {ORDERS}
    assert clean(logs) == 0
    assert [name for name in logs.storage.files(str(ORDERS)) if name.endswith(".cleaned")] == []


def _with_offset(stored: bytearray, offset: int) -> bytearray:
    stored[0:8] = offset.to_bytes(8, "big")
    stored[70:80] = bytes(10)
    return stored


def test_a_checkpoint_outside_the_log_is_forgotten() -> None:
    storage = MemoryStorage()
    storage.write_atomically(CLEANED_OFFSETS, b"0\n1\norders 0 99\n")
    logs, log = compacted_log(storage=storage)
    dirty(log)
    clean(logs)

    assert len(contents(log)) == 2


def test_truncation_ends_a_round_and_makes_dirty_what_is_written_again() -> None:
    logs, log = compacted_log()
    dirty(log, rounds=4)
    clean(logs)
    assert logs.cleaner.checkpoint(ORDERS) == 4
    close_segment(log)
    put(log, "k=again")
    logs.cleaner.work(NOW)
    assert logs.cleaner.under_way == ORDERS

    log.truncate_to(2, NOW)
    assert logs.cleaner.under_way is None
    assert logs.cleaner.checkpoint(ORDERS) == 2


def test_deletion_ends_a_round_and_the_next_log_of_that_name_is_dirty() -> None:
    logs, log = compacted_log()
    dirty(log)
    clean(logs)
    dirty(log)
    logs.cleaner.work(NOW)
    logs.delete(ORDERS)

    assert logs.cleaner.under_way is None
    assert checkpoint_file(logs) == "0\n0\n"


def test_retention_of_a_compacted_log_follows_its_cleaning() -> None:
    logs, log = compacted_log(cleanup_policy=frozenset({"compact", "delete"}), retention_ms=1000)
    dirty(log)

    assert logs.delete_old_segments(NOW + 1001) == 0
    clean(logs, NOW + 1001)
    assert (log.log_start_offset, log.log_end_offset, contents(log)) == (3, 3, [])


def test_appends_go_on_while_a_round_is_under_way() -> None:
    logs, log = compacted_log()
    dirty(log)
    while logs.cleaner.work(NOW):
        put(log, "busy=1")

    assert contents(log)[0] == (1, b"k", b"1")
    assert log.log_end_offset == contents(log)[-1][0] + 1


# What a crash leaves


class Interrupted(MemoryStorage):
    """The process ends before the given change of names."""

    changes_left = 10**9

    def _count(self) -> None:
        if self.changes_left == 0:
            raise StorageError("", "the process has ended")
        self.changes_left -= 1

    @override
    def rename(self, old: str, new: str) -> None:
        self._count()
        super().rename(old, new)

    @override
    def remove(self, path: str) -> None:
        self._count()
        super().remove(path)


def interrupted_after(changes: int) -> tuple[Interrupted, bool]:
    """A log in whose cleaning the process ends after so many changes, or not at all (False)."""
    storage = Interrupted()
    logs, log = compacted_log(storage=storage)
    dirty(log, rounds=3)
    storage.changes_left = changes
    try:
        clean(logs)
    except StorageError:
        storage.changes_left = 10**9
        return storage, True
    return storage, False


def test_wherever_it_is_interrupted_the_log_is_there_before_or_after_cleaning() -> None:
    before = [(0, b"k", b"0"), (1, b"k", b"1"), (2, b"k", b"2"), (3, b"active", b"1")]
    seen = set()
    changes = 0
    while True:
        storage, was_interrupted = interrupted_after(changes)
        if not was_interrupted:
            break
        logs, log = compacted_log(storage=storage)
        log.update_high_watermark(4)
        found = contents(log)
        assert found in (before, before[2:]), f"after {changes} changes"
        seen.add(len(found))
        assert [name for name in storage.files(str(ORDERS)) if name.endswith((".cleaned", ".swap", ".deleted"))] == []
        clean(logs)
        assert contents(log) == before[2:]
        changes += 1
    assert seen == {2, 4}


# When files go


def test_files_of_segments_wait_for_file_delete_delay() -> None:
    waiting: list[tuple[float, object]] = []
    storage: Storage = MemoryStorage()
    logs = LogDirectory(storage, later=lambda seconds, do: waiting.append((seconds, do)))
    log = logs.open(ORDERS, LogConfig(retention_ms=1000, file_delete_delay_ms=5000), NOW)
    append(log, batch())
    log.delete_old_segments(NOW + 1001)

    assert f"{0:020d}.log.deleted" in storage.files(str(ORDERS))
    assert f"{0:020d}.log" not in storage.files(str(ORDERS))
    ((seconds, do),) = waiting
    assert seconds == 5.0
    do()  # type: ignore[operator]
    assert f"{0:020d}.log.deleted" not in storage.files(str(ORDERS))


def test_a_cleaned_segment_is_as_old_as_the_last_one_that_it_was_made_of() -> None:
    logs, log = compacted_log()
    append(log, batch([NewRecord(b"k", b"1", (), -1)]), NOW)
    close_segment(log)
    append(log, batch([NewRecord(b"j", b"1", (), -1)]), NOW + 500)
    close_segment(log)
    append(log, batch([NewRecord(b"active", b"1", (), -1)]), NOW + 900)
    clean(logs, NOW + 1000)

    assert len(log.segment_base_offsets) == 2
    assert log.segments.segments[0].largest_timestamp == NOW + 500


def test_a_disk_keeps_what_was_cleaned(tmp_path: str) -> None:
    logs, log = compacted_log(storage=DiskStorage(tmp_path))
    dirty(log, rounds=3)
    clean(logs)
    found = contents(log)
    logs.close()

    logs, log = compacted_log(storage=DiskStorage(tmp_path))
    assert contents(log) == found
    logs.close()


def test_what_has_gone_below_the_start_does_not_count_as_surplus() -> None:
    log = new_log(segment_bytes=100, retention_bytes=2 * len(batch()))
    for _ in range(5):
        append(log, batch())
    log.delete_records_before(2)

    log.delete_old_segments(NOW)
    assert log.log_start_offset == 3
