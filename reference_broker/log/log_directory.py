"""All logs of a broker, and the files that speak of all of them (Kafka: LogManager).

A log is opened when its topic's settings are known. What has to happen again and again (retention, checkpoints, expiry
of producers) are methods for the owner's timers.
"""

import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.log import checkpoints
from kafka_conformance.reference_broker.log.checkpoints import TopicPartition
from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.log.local_log import Later
from kafka_conformance.reference_broker.log.log import Log
from kafka_conformance.reference_broker.log.log_cleaner import LogCleaner, built_in_parts
from kafka_conformance.reference_broker.log.parts import LogParts
from kafka_conformance.reference_broker.log.producer_state_manager import DEFAULT_PRODUCER_ID_EXPIRATION_MS
from kafka_conformance.reference_broker.log.recovery import StopState
from kafka_conformance.reference_broker.storage import Storage, StorageError

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.log.cleaning.parts import CleaningParts

DELETE_SUFFIX = "-delete"
STRAY_SUFFIX = "-stray"
LONGEST_DELETED_NAME = 200


class LogDirectory:
    """The logs of one storage, by partition.

    Opening it removes the note of a clean stop: only `close` writes it again. Raises StorageError from everything that
    touches files.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        parts: LogParts | None = None,
        log_class: type[Log] = Log,
        producer_id_expiration_ms: int = DEFAULT_PRODUCER_ID_EXPIRATION_MS,
        verifies_transactions: bool = True,
        jitter: random.Random | None = None,
        later: Later | None = None,
        cleaning: "Callable[[], CleaningParts]" = built_in_parts,
    ) -> None:
        """Without `later` the files of segments are deleted at once, whatever file.delete.delay.ms says."""
        self.storage = storage
        self.logs: dict[TopicPartition, Log] = {}
        self._parts = parts or LogParts()
        self._log_class = log_class
        self._producer_id_expiration_ms = producer_id_expiration_ms
        self._verifies_transactions = verifies_transactions
        self._jitter = jitter or random.Random(0)
        self._later = later
        self.previous_broker_epoch = checkpoints.clean_shutdown_epoch(storage)
        self.was_clean = checkpoints.take_clean_shutdown(storage)
        self._recovery_points = checkpoints.read_offsets(storage, checkpoints.RECOVERY_POINTS)
        self._log_start_offsets = checkpoints.read_offsets(storage, checkpoints.LOG_START_OFFSETS)
        self._high_watermarks = checkpoints.read_offsets(storage, checkpoints.HIGH_WATERMARKS)
        self._flushed_ms: dict[TopicPartition, int] = {}
        self.cleaner = LogCleaner(storage, self.logs, cleaning)
        self._remove_deleted()

    def _remove_deleted(self) -> None:
        for directory in self.storage.directories():
            if directory.endswith(DELETE_SUFFIX):
                self.storage.remove_directory(directory)

    def claim(self, cluster_id: str, node_id: int, directory_id: bytes) -> None:
        """Write meta.properties, or raise StorageError if the directory belongs to another node or cluster."""
        known = checkpoints.read_meta_properties(self.storage)
        if not known:
            checkpoints.write_meta_properties(self.storage, cluster_id, node_id, directory_id)
        elif (known.get("cluster.id"), known.get("node.id")) != (cluster_id, str(node_id)):
            owner = f"node {known.get('node.id')} of cluster {known.get('cluster.id')}"
            raise StorageError(checkpoints.META_PROPERTIES, f"the directory belongs to {owner}")

    @property
    def stored_partitions(self) -> list[TopicPartition]:
        """The partitions that have a directory, open or not."""
        found = (parse_directory(name) for name in self.storage.directories())
        return [partition for partition in found if partition is not None]

    def open(self, partition: TopicPartition, config: LogConfig, now_ms: int, *, topic_id: bytes | None = None) -> Log:
        """The log of a partition, at its last known high watermark; one without a directory begins at 0."""
        log = self.logs.get(partition)
        if log is None:
            log = self._log_class(
                self.storage,
                partition,
                config,
                now_ms,
                topic_id=topic_id,
                stop=self._stop_state(partition),
                producer_id_expiration_ms=self._producer_id_expiration_ms,
                verifies_transactions=self._verifies_transactions,
                parts=self._parts,
                jitter=self._jitter,
                later=self._later,
            )
            log.on_truncation = partial(self.cleaner.before_truncation, partition)
            log.update_high_watermark(self._high_watermarks.get(partition, 0))
            self.logs[partition] = log
            self._flushed_ms[partition] = now_ms
        return log

    def _stop_state(self, partition: TopicPartition) -> StopState:
        is_new = not self.storage.files(str(partition))
        return StopState(
            clean=self.was_clean or is_new,
            log_start_offset=0 if is_new else self._log_start_offsets.get(partition, 0),
            recovery_point=self._recovery_points.get(partition, 0),
        )

    def open_all(self, config_of: Callable[[str], LogConfig], now_ms: int) -> None:
        """Open every partition that has a directory; `config_of` knows the settings of a topic."""
        for partition in self.stored_partitions:
            self.open(partition, config_of(partition.topic), now_ms)

    def delete(self, partition: TopicPartition) -> None:
        """Delete a log and its files, also after a crash half-way."""
        self.cleaner.forget(partition)
        self.logs.pop(partition, None)
        for offsets in (self._recovery_points, self._log_start_offsets, self._high_watermarks, self._flushed_ms):
            offsets.pop(partition, None)
        doomed = self._rename(partition, DELETE_SUFFIX)
        if doomed is not None:
            self.storage.remove_directory(doomed)

    def set_strays_aside(self, is_kept: Callable[[TopicPartition, bytes | None], bool]) -> None:
        """Rename the directories of partitions that went while the broker was down, by partition and topic id.

        Source: LogManager.loadLogs (KAFKA-15605); observed on 4.3.1: u-0.<32 hex>-stray.
        """
        for partition in self.stored_partitions:
            topic_id = checkpoints.read_partition_metadata(self.storage, str(partition))
            if partition not in self.logs and not is_kept(partition, topic_id):
                self._rename(partition, STRAY_SUFFIX)

    def _rename(self, partition: TopicPartition, suffix: str) -> str | None:
        directory = str(partition)
        if directory not in self.storage.directories():
            return None
        renamed = f"{directory[:LONGEST_DELETED_NAME]}.{self._jitter.getrandbits(128):032x}{suffix}"
        self.storage.rename_directory(directory, renamed)
        return renamed

    # For the owner's timers

    def delete_old_segments(self, now_ms: int) -> int:
        """log.retention.check.interval.ms: apply retention to the logs that are not compacted (`cleaner` has those)."""
        return sum(
            log.delete_old_segments(now_ms)
            for partition, log in self.logs.items()
            if not log.config.is_compacted and partition != self.cleaner.under_way
        )

    def flush_dirty_logs(self, now_ms: int) -> None:
        """log.flush.scheduler.interval.ms: flush the logs that have waited for flush.ms."""
        for partition, log in self.logs.items():
            if log.recovery_point == log.log_end_offset:
                self._flushed_ms[partition] = now_ms
            elif now_ms - self._flushed_ms[partition] >= log.config.flush_ms:
                log.flush()
                self._flushed_ms[partition] = now_ms

    def remove_expired_producers(self, now_ms: int) -> None:
        """producer.id.expiration.check.interval.ms: forget idle producers."""
        for log in self.logs.values():
            log.remove_expired_producers(now_ms)

    def checkpoint_recovery_points(self) -> None:
        """log.flush.offset.checkpoint.interval.ms: how far recovery may skip."""
        self._recovery_points |= {partition: log.recovery_point for partition, log in self.logs.items()}
        self._write(checkpoints.RECOVERY_POINTS, self._recovery_points)

    def checkpoint_log_start_offsets(self) -> None:
        """log.flush.start.offset.checkpoint.interval.ms: the starts that no segment's name tells."""
        for partition, log in self.logs.items():
            if log.log_start_offset > log.segment_base_offsets[0]:
                self._log_start_offsets[partition] = log.log_start_offset
            else:
                self._log_start_offsets.pop(partition, None)
        self._write(checkpoints.LOG_START_OFFSETS, self._log_start_offsets)

    def checkpoint_high_watermarks(self) -> None:
        """replica.high.watermark.checkpoint.interval.ms: what a restarted broker may serve at once."""
        self._high_watermarks |= {partition: log.high_watermark for partition, log in self.logs.items()}
        self._write(checkpoints.HIGH_WATERMARKS, self._high_watermarks)

    def _write(self, name: str, offsets: Mapping[TopicPartition, int]) -> None:
        checkpoints.write_offsets(self.storage, name, offsets)

    def checkpoint(self) -> None:
        """All three."""
        self.checkpoint_recovery_points()
        self.checkpoint_log_start_offsets()
        self.checkpoint_high_watermarks()

    def close(self, *, broker_epoch: int = -1) -> None:
        """A clean stop: everything is in the files, and the next start believes them.

        Not where logs are left from before a kill that nobody has opened since: the next start is to recover them.
        Source: LogManager.shutdown, whose loadLogsCompletedFlags say the same (KAFKA-10471).
        """
        self.cleaner.give_up()
        for log in self.logs.values():
            log.close()
        self.checkpoint()
        if self.was_clean or self.logs.keys() >= set(self.stored_partitions):
            checkpoints.write_clean_shutdown(self.storage, broker_epoch)
        self.logs.clear()
        self.storage.close()


def parse_directory(name: str) -> TopicPartition | None:
    """The partition whose directory it is; None for Kafka's temporary ones and for what is no log."""
    topic, dash, partition = name.rpartition("-")
    return TopicPartition(topic, int(partition)) if topic and dash and partition.isdecimal() else None
