"""All logs of a broker: checkpoints, clean and other stops, deletion."""

import json
from pathlib import Path

import pytest

from kafka_conformance.reference_broker.log import AppendInfo, Log, LogConfig, LogDirectory, TopicPartition
from kafka_conformance.reference_broker.log.checkpoints import (
    decode_uuid,
    encode_uuid,
    read_leader_epochs,
    read_offsets,
    read_partition_metadata,
    write_offsets,
)
from kafka_conformance.reference_broker.storage import MemoryStorage, Storage, StorageError
from kafka_conformance.reference_broker.storage.disk import DiskStorage
from tests.reference_broker.log.support import NOW, ORDERS, append, batch, idempotent, offsets

PAYMENTS = TopicPartition("pay-ments.eu", 12)
TOPIC_ID = bytes(range(16))
CONFIG = LogConfig(segment_bytes=200)


def settings_of(topic: str) -> LogConfig:
    return CONFIG


def reopened(storage: Storage) -> LogDirectory:
    logs = LogDirectory(storage)
    logs.open_all(settings_of, NOW)
    return logs


def filled(storage: Storage) -> LogDirectory:
    logs = LogDirectory(storage)
    for partition in (ORDERS, PAYMENTS):
        log = logs.open(partition, CONFIG, NOW, topic_id=TOPIC_ID)
        for number in range(5):
            append(log, idempotent(number * 2, 2))
    return logs


def test_a_new_partition_begins_at_0_and_is_opened_once() -> None:
    logs = LogDirectory(MemoryStorage())

    log = logs.open(ORDERS, CONFIG, NOW, topic_id=TOPIC_ID)

    assert (log.log_start_offset, log.log_end_offset, log.high_watermark) == (0, 0, 0)
    assert logs.open(ORDERS, CONFIG, NOW) is log
    assert logs.stored_partitions == [ORDERS]


def test_after_a_clean_stop_everything_is_there_and_nothing_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = MemoryStorage()
    logs = filled(storage)
    logs.close(broker_epoch=42)
    assert json.loads(storage.read_bytes(".kafka_cleanshutdown")) == {"version": 0, "brokerEpoch": 42}

    def fail(*_: object) -> None:
        raise AssertionError("recovered after a clean stop")

    monkeypatch.setattr("kafka_conformance.reference_broker.log.recovery.LogLoader.recover", fail)
    logs = reopened(storage)

    assert logs.was_clean
    assert sorted(logs.logs) == sorted([ORDERS, PAYMENTS])
    for log in logs.logs.values():
        assert (offsets(log), log.high_watermark, log.topic_id) == (list(range(10)), 10, TOPIC_ID)
        assert append(log, idempotent(8, 2)).duplicate


def test_the_note_of_a_clean_stop_counts_once() -> None:
    storage = MemoryStorage()
    filled(storage).close()

    assert LogDirectory(storage).was_clean
    assert not LogDirectory(storage).was_clean


def test_an_orderly_stop_leaves_no_note_before_all_logs_are_recovered_from_a_kill() -> None:
    storage = MemoryStorage()
    killed = LogDirectory(storage, verifies_transactions=False)
    killed.open(PAYMENTS, CONFIG, NOW)
    append(killed.open(ORDERS, CONFIG, NOW), idempotent(0, transactional=True))

    for opened in ([], [PAYMENTS]):
        logs = LogDirectory(storage)
        for partition in opened:
            logs.open(partition, CONFIG, NOW)
        logs.close()
        assert not logs.was_clean
    logs = reopened(storage)

    assert (logs.logs[ORDERS].last_stable_offset, logs.logs[ORDERS].log_end_offset) == (0, 1)
    logs.close()
    assert LogDirectory(storage).was_clean


def test_after_a_kill_the_last_checkpoints_count() -> None:
    storage = MemoryStorage()
    logs = filled(storage)
    logs.logs[ORDERS].delete_records_before(5)
    logs.checkpoint()
    logs.logs[ORDERS].delete_records_before(7)
    append(logs.logs[ORDERS], batch())

    log = reopened(storage).logs[ORDERS]

    assert (log.log_start_offset, log.high_watermark, log.log_end_offset) == (5, 10, 11)


def test_deleted_records_come_back_if_the_broker_dies_before_the_checkpoint() -> None:
    storage = MemoryStorage()
    filled(storage).logs[ORDERS].delete_records_before(3)

    assert reopened(storage).logs[ORDERS].log_start_offset == 0


def test_checkpoints_name_all_partitions_in_kafkas_format() -> None:
    storage = MemoryStorage()
    logs = filled(storage)
    logs.logs[PAYMENTS].delete_records_before(3)
    logs.checkpoint()

    assert storage.read_bytes("replication-offset-checkpoint") == b"0\n2\norders 0 10\npay-ments.eu 12 10\n"
    assert storage.read_bytes("log-start-offset-checkpoint") == b"0\n1\npay-ments.eu 12 3\n"
    recovery_points = read_offsets(storage, "recovery-point-offset-checkpoint")
    assert recovery_points == {ORDERS: logs.logs[ORDERS].recovery_point, PAYMENTS: logs.logs[PAYMENTS].recovery_point}


def test_a_checkpoint_keeps_what_is_known_of_partitions_that_are_not_open() -> None:
    storage = MemoryStorage()
    filled(storage).close()
    logs = LogDirectory(storage)
    logs.open(ORDERS, CONFIG, NOW)

    logs.checkpoint()

    assert read_offsets(storage, "replication-offset-checkpoint") == {ORDERS: 10, PAYMENTS: 10}


@pytest.mark.parametrize(
    "damaged", [b"", b"1\n0\n", b"0\n2\norders 0 5\n", b"0\n1\norders 5\n", b"0\nx\n", b"0\n1\norders 0 x\n"]
)
def test_a_damaged_checkpoint_of_offsets_counts_as_none(damaged: bytes) -> None:
    storage = MemoryStorage()
    storage.write_atomically("recovery-point-offset-checkpoint", damaged)

    assert read_offsets(storage, "recovery-point-offset-checkpoint") == {}


def test_a_damaged_checkpoint_of_epochs_is_an_error() -> None:
    storage = MemoryStorage()
    filled(storage)
    storage.write_atomically("orders-0/leader-epoch-checkpoint", b"0\n1\nx y\n")

    with pytest.raises(StorageError, match="orders-0/leader-epoch-checkpoint"):
        reopened(storage)


def test_epochs_and_the_topic_id_are_in_the_directory_of_the_partition() -> None:
    storage = MemoryStorage()
    filled(storage)

    assert read_leader_epochs(storage, "orders-0") == [(0, 0)]
    assert read_partition_metadata(storage, "orders-0") == TOPIC_ID
    assert storage.read_bytes("orders-0/partition.metadata") == b"version: 0\ntopic_id: AAECAwQFBgcICQoLDA0ODw"


@pytest.mark.parametrize("text", [b"", b"version: 1\ntopic_id: AAECAwQFBgcICQoLDA0ODw", b"version: 0\ntopic_id: AA"])
def test_damaged_partition_metadata_are_an_error(text: bytes) -> None:
    storage = MemoryStorage()
    filled(storage)
    storage.write_atomically("orders-0/partition.metadata", text)

    with pytest.raises(StorageError, match=r"partition\.metadata"):
        reopened(storage)


def test_the_topic_id_that_was_written_down_is_kept() -> None:
    storage = MemoryStorage()
    filled(storage).close()

    assert LogDirectory(storage).open(ORDERS, CONFIG, NOW, topic_id=bytes(16)).topic_id == TOPIC_ID


def test_a_uuid_is_written_as_kafka_writes_it() -> None:
    assert decode_uuid(encode_uuid(TOPIC_ID)) == TOPIC_ID
    with pytest.raises(ValueError, match="no UUID"):
        decode_uuid("AAAA")


def test_a_deleted_partition_leaves_nothing_and_begins_at_0_when_made_again() -> None:
    storage = MemoryStorage()
    logs = filled(storage)
    logs.delete(ORDERS)
    logs.checkpoint()

    assert storage.directories() == [str(PAYMENTS)]
    assert ORDERS not in read_offsets(storage, "replication-offset-checkpoint")
    again = logs.open(ORDERS, CONFIG, NOW, topic_id=bytes(16))
    assert (again.log_end_offset, again.high_watermark, again.topic_id) == (0, 0, bytes(16))


def test_a_deletion_that_was_interrupted_is_finished() -> None:
    storage = MemoryStorage()
    filled(storage)
    storage.rename_directory("orders-0", "orders-0.0123456789abcdef0123456789abcdef-delete")

    assert LogDirectory(storage).stored_partitions == [PAYMENTS]
    assert storage.directories() == [str(PAYMENTS)]


def test_directories_that_are_no_partitions_are_left_alone() -> None:
    storage = MemoryStorage()
    for name in ("lost+found", "orders-x", "orders", "remote-log-index-cache", "orders-0.abc-future"):
        storage.make_directory(name)

    assert LogDirectory(storage).stored_partitions == []
    assert len(storage.directories()) == 5


def test_a_directory_belongs_to_one_node_of_one_cluster() -> None:
    storage = MemoryStorage()
    LogDirectory(storage).claim("cluster-a", 1, TOPIC_ID)
    LogDirectory(storage).claim("cluster-a", 1, bytes(16))
    assert storage.read_bytes("meta.properties").splitlines() == [
        b"version=1",
        b"cluster.id=cluster-a",
        b"node.id=1",
        b"directory.id=AAECAwQFBgcICQoLDA0ODw",
    ]

    for cluster_id, node_id in (("cluster-b", 1), ("cluster-a", 2)):
        with pytest.raises(StorageError, match="belongs to node 1 of cluster cluster-a"):
            LogDirectory(storage).claim(cluster_id, node_id, TOPIC_ID)


def test_retention_and_expiry_reach_all_logs() -> None:
    logs = filled(MemoryStorage())
    day = 24 * 3600 * 1000

    logs.remove_expired_producers(NOW + day)
    assert all(log.active_producers == () for log in logs.logs.values())
    assert logs.delete_old_segments(NOW + 8 * day) > 2
    assert [log.log_start_offset for log in logs.logs.values()] == [10, 10]


def test_a_log_is_flushed_after_flush_ms() -> None:
    logs = LogDirectory(MemoryStorage())
    log = logs.open(ORDERS, LogConfig(flush_ms=1000), NOW)
    append(log, batch())

    logs.flush_dirty_logs(NOW + 999)
    assert log.recovery_point == 0
    logs.flush_dirty_logs(NOW + 1000)
    assert log.recovery_point == 1

    append(log, batch())
    logs.flush_dirty_logs(NOW + 1999)
    assert log.recovery_point == 1
    logs.flush_dirty_logs(NOW + 2000)
    assert log.recovery_point == 2


def test_another_class_of_logs_can_be_put_in() -> None:
    class Skipping(Log):
        def assign_offset(self) -> int:
            return self.log_end_offset + 1

    log = LogDirectory(MemoryStorage(), log_class=Skipping).open(ORDERS, CONFIG, NOW)

    assert append(log, batch()).base_offset == 1


def test_on_disk_the_same_happens(tmp_path: Path) -> None:
    logs = filled(DiskStorage(tmp_path))
    logs.logs[ORDERS].delete_records_before(3)
    logs.close()
    logs = reopened(DiskStorage(tmp_path))
    assert (logs.was_clean, logs.logs[ORDERS].log_start_offset, offsets(logs.logs[PAYMENTS])) == (
        True,
        3,
        list(range(10)),
    )
    append(logs.logs[PAYMENTS], batch())
    logs.storage.close()  # killed

    logs = reopened(DiskStorage(tmp_path))
    assert not logs.was_clean
    assert offsets(logs.logs[PAYMENTS]) == list(range(11))
    logs.delete(PAYMENTS)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["orders-0"]
    logs.close()


def test_a_full_disk_refuses_the_batch_and_keeps_the_log_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = filled(DiskStorage(tmp_path))
    log = logs.logs[ORDERS]

    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.writev", fail)
        refusal = log.append_as_leader(idempotent(10, 2), 0, NOW)
    assert not isinstance(refusal, AppendInfo)
    assert (refusal.error.name, refusal.log_start_offset) == ("KAFKA_STORAGE_ERROR", -1)
    assert "No space left on device" in refusal.reason

    assert append(log, idempotent(10, 2)).base_offset == 10
    assert offsets(log) == list(range(12))
    logs.close()


def test_offsets_are_written_one_partition_a_line() -> None:
    storage = MemoryStorage()
    write_offsets(storage, "c", {PAYMENTS: 2**40, ORDERS: 0})

    assert storage.read_bytes("c") == b"0\n2\npay-ments.eu 12 1099511627776\norders 0 0\n"
    assert read_offsets(storage, "c") == {PAYMENTS: 2**40, ORDERS: 0}
