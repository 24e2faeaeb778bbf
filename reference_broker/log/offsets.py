"""The limits of a log and what moves them: start, end, high watermark, last stable offset, recovery point."""

import random
from collections.abc import Callable, Sequence
from functools import partial

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.log.checkpoints import (
    TopicPartition,
    read_leader_epochs,
    read_partition_metadata,
    write_leader_epochs,
    write_partition_metadata,
)
from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.log.leader_epochs import EpochEndOffset
from kafka_conformance.reference_broker.log.local_log import Later, LocalLog
from kafka_conformance.reference_broker.log.parts import LogParts
from kafka_conformance.reference_broker.log.producer_state_manager import DEFAULT_PRODUCER_ID_EXPIRATION_MS
from kafka_conformance.reference_broker.log.recovery import StopState, rebuild_producer_state
from kafka_conformance.reference_broker.log.segment import LogSegment
from kafka_conformance.reference_broker.log.transaction_index import AbortedTxn
from kafka_conformance.reference_broker.storage import Storage

UNCLEAN = StopState()


class LogOffsets:
    """What is in the files of a partition, without the right to append. Raises StorageError from all that touches them.

    log_start_offset    the first offset that anybody may read
    log_end_offset      the offset of the next record
    high_watermark      below it everything is replicated
    last_stable_offset  below it every transaction is decided
    recovery_point      below it everything is flushed
    """

    def __init__(
        self,
        storage: Storage,
        topic_partition: TopicPartition,
        config: LogConfig,
        now_ms: int,
        *,
        topic_id: bytes | None = None,
        stop: StopState = UNCLEAN,
        producer_id_expiration_ms: int = DEFAULT_PRODUCER_ID_EXPIRATION_MS,
        verifies_transactions: bool = True,
        parts: LogParts | None = None,
        jitter: random.Random | None = None,
        later: Later | None = None,
    ) -> None:
        """Load the files of the partition, or create them. Raises StorageError."""
        self.parts = parts or LogParts()
        self.storage = storage
        self.topic_partition = topic_partition
        self.directory = str(topic_partition)
        self.verifies_transactions = verifies_transactions
        storage.make_directory(self.directory)
        self._local_log = LocalLog(
            storage,
            self.directory,
            config,
            segment=self.parts.segment,
            parts=self.parts.of_segment,
            jitter=jitter or random.Random(0),
            later=later,
        )
        new_state = partial(
            self.parts.producer_state,
            storage,
            self.directory,
            producer_id_expiration_ms=producer_id_expiration_ms,
            append_info=self.parts.producer_append,
        )
        self.producer_state = new_state()
        self.leader_epochs = self.parts.leader_epochs(
            read_leader_epochs(storage, self.directory), partial(write_leader_epochs, storage, self.directory)
        )
        self.topic_id = self._settle_topic_id(topic_id)
        loader = self.parts.loader(self._local_log, self.leader_epochs, self.producer_state, new_state)
        loaded = loader.load(stop, now_ms)
        self.log_start_offset = loaded.log_start_offset
        self.log_end_offset = loaded.log_end_offset
        self.recovery_point = max(loaded.recovery_point, loaded.log_start_offset)
        self.high_watermark = loaded.log_start_offset
        self._reader = self.parts.reader(self._local_log)
        self.on_truncation: Callable[[int], None] | None = None
        """Told the new end before anything is cut off: who has read what is behind it must forget that."""
        self.update_config(config)

    def _settle_topic_id(self, topic_id: bytes | None) -> bytes | None:
        written = read_partition_metadata(self.storage, self.directory)
        if written is None and topic_id is not None:
            write_partition_metadata(self.storage, self.directory, topic_id)
        return written or topic_id

    @property
    def config(self) -> LogConfig:
        """What applies from now on."""
        return self._local_log.config

    def update_config(self, config: LogConfig) -> None:
        """The topic's settings have changed."""
        self._local_log.config = config
        self._validator = self.parts.validator(config, self.directory, self.parts.record_checks)
        self._retention = self.parts.retention(config)

    # What may be read

    def update_high_watermark(self, offset: int) -> int:
        """All offsets below are replicated. Returns the high watermark: never outside the log."""
        self.high_watermark = min(max(offset, self.log_start_offset), self.log_end_offset)
        self.producer_state.on_high_watermark_updated(self.high_watermark)
        return self.high_watermark

    @property
    def first_unstable_offset(self) -> int | None:
        """The first offset, not below the start, of a transaction that is open or whose end is not replicated."""
        offset = self.producer_state.first_unstable_offset()
        return None if offset is None else max(offset, self.log_start_offset)

    @property
    def last_stable_offset(self) -> int:
        """All offsets below are decided: what read_committed may see."""
        unstable = self.first_unstable_offset
        return self.high_watermark if unstable is None else min(unstable, self.high_watermark)

    @property
    def latest_epoch(self) -> int | None:
        """Of the last batch, or of the leader that has announced itself."""
        epoch = self.leader_epochs.latest_epoch
        return epoch if epoch >= 0 else None

    def end_offset_for_epoch(self, leader_epoch: int) -> EpochEndOffset | None:
        """Where `leader_epoch`, or the largest known one below it, ends (OffsetForLeaderEpoch)."""
        return self.leader_epochs.end_offset_for(leader_epoch, self.log_end_offset)

    def assign_epoch_start_offset(self, leader_epoch: int, start_offset: int) -> None:
        """A leader begins its epoch, before it writes anything."""
        self.leader_epochs.assign(leader_epoch, start_offset)

    # What goes

    def delete_records_before(self, offset: int) -> int | ErrorCode:
        """Move the start of the log; -1 is the high watermark. Returns the start: it never moves back.

        OFFSET_OUT_OF_RANGE above the high watermark. The files go with the next `delete_old_segments`, and the new
        start survives a crash only once it has been written to the checkpoint, as in Kafka.
        """
        target = self.high_watermark if offset == -1 else offset
        if not 0 <= target <= self.high_watermark:
            return ErrorCode.OFFSET_OUT_OF_RANGE
        if target > self.log_start_offset:
            self.increment_log_start_offset(target)
        return self.log_start_offset

    def increment_log_start_offset(self, offset: int) -> None:
        """Below `offset` the log is forgotten; also what a follower learns from its leader."""
        self.log_start_offset = offset
        self.high_watermark = max(self.high_watermark, offset)
        self.recovery_point = max(self.recovery_point, offset)
        self.leader_epochs.truncate_from_start(offset)
        self.producer_state.on_log_start_offset_incremented(offset)

    def delete_old_segments(self, now_ms: int) -> int:
        """Apply retention, and return how many segments went."""
        deleted = 0
        for condition in self._retention.conditions(self.log_start_offset, now_ms, lambda: self.size):
            segments = self._retention.deletable(
                self._local_log.segments, condition, self.high_watermark, self.log_end_offset
            )
            if segments:
                if len(segments) == len(self._local_log.segments):
                    self.roll(now_ms)
                behind = self._local_log.above(segments[-1].base_offset)
                if behind is not None and behind.base_offset > self.log_start_offset:
                    self.increment_log_start_offset(behind.base_offset)
                self._local_log.remove(segments)
                for segment in segments:
                    self.producer_state.snapshots.remove(segment.base_offset)
                deleted += len(segments)
        return deleted

    def truncate_to(self, offset: int, now_ms: int) -> bool:
        """Forget `offset` and all behind it, as a follower does that has more than its leader. False: nothing there."""
        if offset >= self.log_end_offset:
            self.leader_epochs.truncate_from_end(self.log_end_offset)
            return False
        self._announce_truncation(offset)
        if offset < self._local_log.segments[0].base_offset:
            self.truncate_fully_and_start_at(offset, now_ms)
            return True
        for segment in self._local_log.truncate_to(offset, now_ms):
            self.producer_state.snapshots.remove(segment.base_offset)
        self._set_end(offset)
        self.leader_epochs.truncate_from_end(offset)
        self.log_start_offset = min(self.log_start_offset, offset)
        rebuild_producer_state(self.producer_state, self._local_log, self.log_start_offset, offset, now_ms)
        # Also where it stays: the replay does not know which of the transactions that have ended are replicated. In
        # Kafka they are unstable until the leader's next answer.
        self.update_high_watermark(self.high_watermark)
        return True

    def truncate_fully_and_start_at(self, offset: int, now_ms: int) -> None:
        """Forget everything; the next batch gets `offset`."""
        self._announce_truncation(offset)
        self._local_log.start_again_at(offset, now_ms)
        self._set_end(offset)
        self.leader_epochs.clear()
        self.producer_state.truncate_fully_and_start_at(offset)
        self.log_start_offset = offset
        self.update_high_watermark(offset)

    def _announce_truncation(self, offset: int) -> None:
        if self.on_truncation is not None:
            self.on_truncation(offset)

    def _set_end(self, offset: int) -> None:
        self.log_end_offset = offset
        self.recovery_point = min(self.recovery_point, offset)

    def roll(self, now_ms: int, base_offset: int | None = None) -> None:
        """Begin a new segment, at `base_offset` or the end of the log, and flush the old ones: recovery begins here."""
        start = max(base_offset or 0, self.log_end_offset)
        self._local_log.roll(start, now_ms)
        self.producer_state.end_offset = start
        self.producer_state.take_snapshot()
        self.flush(start)

    # Cleaning

    @property
    def segments(self) -> LocalLog:
        """The segments, for the cleaner."""
        return self._local_log

    def collect_aborted(self, base_offset: int, upper_bound: int) -> list[AbortedTxn]:
        """The aborted transactions that begin below `upper_bound`, as the segments from `base_offset` on know them."""
        found: list[AbortedTxn] = []
        for segment in self._local_log.since(base_offset):
            if segment.transaction_index.collect(self.log_start_offset, upper_bound, found):
                break
        return found

    def replace_segments(self, segments: Sequence[LogSegment], replacement: LogSegment, now_ms: int) -> None:
        """Put a cleaned segment in the place of those that it was made of."""
        self._local_log.replace(segments, replacement, now_ms)
        for segment in segments[1:]:
            self.producer_state.snapshots.remove(segment.base_offset)

    # Files

    @property
    def size(self) -> int:
        """Bytes of batches."""
        return self._local_log.size

    @property
    def segment_base_offsets(self) -> Sequence[int]:
        """Oldest first."""
        return [segment.base_offset for segment in self._local_log.segments]

    def flush(self, offset: int | None = None) -> None:
        """Wait until everything below `offset` (default: all) would survive the loss of power."""
        end = self.log_end_offset if offset is None else offset
        if end > self.recovery_point:
            self._local_log.flush(self.recovery_point, end)
            self.recovery_point = end

    def close(self) -> None:
        """Write what is not in the files yet: the next start finds everything without reading the log."""
        self.producer_state.take_snapshot()
        self._local_log.close()
        self.flush()

    def delete(self) -> None:
        """Remove all files."""
        self.storage.remove_directory(self.directory)
