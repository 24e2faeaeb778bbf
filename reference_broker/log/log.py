"""One replica of one partition (Kafka: UnifiedLog).

The owner says who leads (`leader_epoch`), what time it is (`now_ms`) and how far the replicas are (the high watermark);
the log keeps offsets, producers and transactions consistent, whatever is appended.
"""

import random
from collections.abc import Sequence
from functools import partial

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.records import NO_PRODUCER_ID, BatchHeader, batches
from kafka_conformance.reference_broker.log.checkpoints import (
    TopicPartition,
    read_leader_epochs,
    read_partition_metadata,
    write_leader_epochs,
    write_partition_metadata,
)
from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.log.leader_epochs import EpochEndOffset
from kafka_conformance.reference_broker.log.local_log import LocalLog
from kafka_conformance.reference_broker.log.outcome import (
    NO_OFFSET,
    NO_TIMESTAMP,
    AppendInfo,
    AppendOrigin,
    Fetched,
    Refusal,
    TimestampOffset,
)
from kafka_conformance.reference_broker.log.parts import LogParts
from kafka_conformance.reference_broker.log.produce_records import find_batch
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_state import (
    BatchMetadata,
    CompletedTxn,
    ProducerStateEntry,
    VerificationStateEntry,
)
from kafka_conformance.reference_broker.log.producer_state_manager import DEFAULT_PRODUCER_ID_EXPIRATION_MS
from kafka_conformance.reference_broker.log.recovery import LogLoader, StopState, rebuild_producer_state
from kafka_conformance.reference_broker.log.transaction_index import AbortedTxn
from kafka_conformance.reference_broker.log.validator import Placement
from kafka_conformance.reference_broker.storage import Storage, StorageError

REFUSED_WITHOUT_LOG_START = frozenset(
    {
        ErrorCode.MESSAGE_TOO_LARGE,
        ErrorCode.RECORD_LIST_TOO_LARGE,
        ErrorCode.CORRUPT_MESSAGE,
        ErrorCode.KAFKA_STORAGE_ERROR,
    }
)
"""Kafka's answers to these do not say where the log starts (ReplicaManager.appendToLocalLog)."""
UNCLEAN = StopState()


class Log:
    """Offsets are absolute. Raises StorageError from everything but appends and reads, which answer with it."""

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
    ) -> None:
        """Load the files of the partition, or create them. Raises StorageError, MalformedError."""
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
        loaded = LogLoader(self._local_log, self.leader_epochs, self.producer_state, new_state).load(stop, now_ms)
        self.log_start_offset = loaded.log_start_offset
        self.log_end_offset = loaded.log_end_offset
        self.recovery_point = max(loaded.recovery_point, loaded.log_start_offset)
        self.high_watermark = loaded.log_start_offset
        self._reader = self.parts.reader(self._local_log)
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
        self._validator = self.parts.validator(config, str(self.topic_partition))
        self._retention = self.parts.retention(config)

    # Appends

    def append_as_leader(
        self,
        records: memoryview,
        leader_epoch: int,
        now_ms: int,
        origin: AppendOrigin = AppendOrigin.CLIENT,
        *,
        produce_version: int | None = None,
        verification_guard: VerificationStateEntry | None = None,
        transaction_version: int = 0,
    ) -> AppendInfo | Refusal:
        """Append the one batch in `records`, a writable view into which offsets, epoch and timestamps are stamped.

        The log may keep the view instead of a copy, so nobody must write to it afterwards. `produce_version` is that of
        the request, None for records that came by none.
        """
        header = find_batch(records, produce_version)
        if isinstance(header, Refusal):
            return header
        view = records[: header.size] if header.size < len(records) else records
        refusal = self._validator.check_batch(header, view, origin)
        if refusal is not None:
            return self._refuse(refusal)
        place = Placement(self.assign_offset(), leader_epoch, now_ms)
        batch = self._validator.validate_records(header, view, place)
        if isinstance(batch, Refusal):
            return self._refuse(batch)
        try:
            return self._append_valid(batch.header, batch.view, now_ms, origin, verification_guard, transaction_version)
        except StorageError as error:
            return Refusal(ErrorCode.KAFKA_STORAGE_ERROR, str(error))

    def assign_offset(self) -> int:
        """The base offset of the next batch."""
        return self.log_end_offset

    def _refuse(self, refusal: Refusal) -> Refusal:
        if refusal.error in REFUSED_WITHOUT_LOG_START:
            return refusal
        return refusal._replace(log_start_offset=self.log_start_offset)

    def _append_valid(
        self,
        header: BatchHeader,
        view: memoryview,
        now_ms: int,
        origin: AppendOrigin,
        guard: VerificationStateEntry | None,
        transaction_version: int,
    ) -> AppendInfo | Refusal:
        if header.partition_leader_epoch != self.leader_epochs.latest_epoch:
            self.leader_epochs.assign(header.partition_leader_epoch, header.base_offset)
        refusal = self.check_segment_size(len(view))
        if refusal is not None:
            return refusal
        self._maybe_roll(len(view), header.max_timestamp, header.base_offset, header.last_offset, now_ms)
        infos: dict[int, ProducerAppendInfo] = {}
        completed: list[CompletedTxn] = []
        if header.producer_id != NO_PRODUCER_ID:
            duplicate = self.producer_state.find_duplicate(header) if origin is AppendOrigin.CLIENT else None
            if duplicate is not None:
                return self.answer_duplicate(duplicate)
            outcome = self.check_verified(header, guard) or self.producer_state.judge(
                header, view, infos, origin, transaction_version
            )
            if isinstance(outcome, Refusal):
                return self._refuse(outcome)
            if outcome is not None:
                completed.append(outcome)
        self._write(view, (header,), now_ms, infos, completed)
        log_append_time_ms = now_ms if self.config.is_log_append_time else NO_TIMESTAMP
        return AppendInfo(
            header.base_offset, header.last_offset, log_append_time_ms, self.log_start_offset, header.max_timestamp
        )

    def check_segment_size(self, size: int) -> Refusal | None:
        """A batch must fit into a segment."""
        if size <= self.config.segment_bytes:
            return None
        return Refusal(ErrorCode.RECORD_LIST_TOO_LARGE, f"{size} bytes, segment.bytes is {self.config.segment_bytes}")

    def answer_duplicate(self, batch: BatchMetadata) -> AppendInfo:
        """A repeat is answered as the batch was the first time, and appends nothing."""
        return AppendInfo(
            batch.first_offset, batch.last_offset, batch.timestamp, self.log_start_offset, NO_TIMESTAMP, duplicate=True
        )

    def check_verified(self, header: BatchHeader, guard: VerificationStateEntry | None) -> Refusal | None:
        """Transactional data go to a transaction that the coordinator knows to include this partition (KIP-890)."""
        state = self.producer_state
        if not header.is_transactional or state.has_ongoing_transaction(header.producer_id, header.producer_epoch):
            return None
        entry = state.producers.get(header.producer_id)
        if entry is not None and header.producer_epoch < entry.producer_epoch:
            return Refusal(ErrorCode.INVALID_PRODUCER_EPOCH, f"epoch {header.producer_epoch} < {entry.producer_epoch}")
        if not self.verifies_transactions or header.is_control:
            return None
        if guard is not None and guard is state.verifications.get(header.producer_id):
            return None
        return Refusal(ErrorCode.INVALID_TXN_STATE, "the batch is not part of a transaction that was verified")

    def append_as_follower(self, records: memoryview, leader_epoch: int, now_ms: int) -> AppendInfo | Refusal:
        """Append batches as their leader has stamped them, up to the first of a leader epoch above `leader_epoch`."""
        try:
            taken = self._batches_of_leader(records, leader_epoch)
        except ProtocolError as error:
            return Refusal(ErrorCode.CORRUPT_MESSAGE, error.message)
        if isinstance(taken, Refusal):
            return taken
        if not taken:
            return AppendInfo(NO_OFFSET, NO_OFFSET, NO_TIMESTAMP, self.log_start_offset)
        try:
            return self._append_taken(records[: sum(header.size for header, _ in taken)], taken, now_ms)
        except StorageError as error:
            return Refusal(ErrorCode.KAFKA_STORAGE_ERROR, str(error))

    def _batches_of_leader(
        self, records: memoryview, leader_epoch: int
    ) -> list[tuple[BatchHeader, memoryview]] | Refusal:
        taken: list[tuple[BatchHeader, memoryview]] = []
        next_offset = self.log_end_offset
        for header, view in batches(records):
            if header.partition_leader_epoch > leader_epoch:
                break
            if header.base_offset < next_offset:
                reason = f"offset {header.base_offset} from the leader, expected {next_offset} or more"
                return Refusal(ErrorCode.UNKNOWN_SERVER_ERROR, reason)
            refusal = self._validator.check_crc(header, view)
            if refusal is not None:
                return refusal
            next_offset = header.next_offset
            taken.append((header, view))
        return taken

    def _append_taken(
        self, records: memoryview, taken: Sequence[tuple[BatchHeader, memoryview]], now_ms: int
    ) -> AppendInfo:
        first, last = taken[0][0], taken[-1][0]
        largest = max(header.max_timestamp for header, _ in taken)
        for header, _ in taken:
            if header.partition_leader_epoch != self.leader_epochs.latest_epoch:
                self.leader_epochs.assign(header.partition_leader_epoch, header.base_offset)
        self._maybe_roll(len(records), largest, first.base_offset, last.last_offset, now_ms)
        infos: dict[int, ProducerAppendInfo] = {}
        outcomes = [
            self.producer_state.judge(header, view, infos, AppendOrigin.REPLICATION)
            for header, view in taken
            if header.producer_id != NO_PRODUCER_ID
        ]
        completed = [outcome for outcome in outcomes if isinstance(outcome, CompletedTxn)]
        self._write(records, [header for header, _ in taken], now_ms, infos, completed)
        return AppendInfo(first.base_offset, last.last_offset, NO_TIMESTAMP, self.log_start_offset, largest)

    def _write(
        self,
        records: memoryview,
        headers: Sequence[BatchHeader],
        now_ms: int,
        infos: dict[int, ProducerAppendInfo],
        completed: Sequence[CompletedTxn],
    ) -> None:
        state = self.producer_state
        active = self._local_log.active
        active.append(records, headers, now_ms)
        end_offset = headers[-1].next_offset
        self.log_end_offset = end_offset
        for info in infos.values():
            state.update(info)
        for txn in completed:
            active.transaction_index.append(txn, state.last_stable_offset(txn))
            state.complete_txn(txn)
        state.end_offset = end_offset
        if end_offset - self.recovery_point >= self.config.flush_messages:
            self.flush()

    def _maybe_roll(self, size: int, max_timestamp: int, base_offset: int, last_offset: int, now_ms: int) -> None:
        if self._local_log.active.should_roll(self.config, size, max_timestamp, last_offset, now_ms):
            self.roll(now_ms, base_offset)

    def roll(self, now_ms: int, base_offset: int | None = None) -> None:
        """Begin a new segment, at `base_offset` or the end of the log, and flush the old ones: recovery begins here."""
        start = max(base_offset or 0, self.log_end_offset)
        self._local_log.roll(start, now_ms)
        self.producer_state.end_offset = start
        self.producer_state.take_snapshot()
        self.flush(start)

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

    def read(self, offset: int, max_bytes: int, upper_bound: int, *, min_one_batch: bool = True) -> Fetched | ErrorCode:
        """Whole batches from the one that holds `offset` on, below `upper_bound` (high watermark, last stable, end).

        At most `max_bytes`, but with `min_one_batch` at least one batch, if there is one. OFFSET_OUT_OF_RANGE below the
        start and above the end of the log.
        """
        if not self.is_in_range(offset):
            return ErrorCode.OFFSET_OUT_OF_RANGE
        if offset >= upper_bound:
            return Fetched([], 0, NO_OFFSET)
        try:
            return self._reader.read(offset, max_bytes, upper_bound, self.log_end_offset, min_one_batch=min_one_batch)
        except StorageError:
            return ErrorCode.KAFKA_STORAGE_ERROR

    def is_in_range(self, offset: int) -> bool:
        """The end of the log is in range: what comes next will be there."""
        return self.log_start_offset <= offset <= self.log_end_offset

    def aborted_transactions(self, start_offset: int, upper_bound_offset: int) -> list[AbortedTxn]:
        """For a read_committed answer: `upper_bound_offset` is that of the Fetched."""
        return self._reader.aborted_transactions(start_offset, upper_bound_offset)

    def offset_for_timestamp(self, timestamp: int) -> TimestampOffset | None:
        """The first record whose own timestamp is not below `timestamp`, at or above the start of the log."""
        return self._reader.find_timestamp(timestamp, self.log_start_offset)

    def offset_of_max_timestamp(self) -> TimestampOffset | None:
        """ListOffsets -3. It ignores the start of the log, as in Kafka."""
        return self._reader.find_max_timestamp()

    def earliest_offset(self) -> TimestampOffset:
        """ListOffsets -2; the epoch is known if it reaches down to the start of the log."""
        entry = self.leader_epochs.earliest_entry
        known = entry is not None and entry.start_offset <= self.log_start_offset
        return TimestampOffset(NO_TIMESTAMP, self.log_start_offset, entry.epoch if entry and known else None)

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

    # Producers

    @property
    def active_producers(self) -> Sequence[ProducerStateEntry]:
        """DescribeProducers."""
        return tuple(self.producer_state.producers.values())

    def start_verification(
        self, producer_id: int, sequence: int, epoch: int, now_ms: int, *, supports_epoch_bump: bool
    ) -> VerificationStateEntry | Refusal | None:
        """The guard with which a transactional batch must come back once verified; None if its transaction is open."""
        entry = self.producer_state.producers.get(producer_id)
        if entry is not None and epoch < entry.producer_epoch:
            return self._refuse(Refusal(ErrorCode.INVALID_PRODUCER_EPOCH, f"epoch {epoch} < {entry.producer_epoch}"))
        if self.producer_state.has_ongoing_transaction(producer_id, epoch):
            return None
        return self.producer_state.verify_transaction(
            producer_id, sequence, epoch, now_ms, supports_epoch_bump=supports_epoch_bump
        )

    def remove_expired_producers(self, now_ms: int) -> None:
        """To be called every producer.id.expiration.check.interval.ms."""
        self.producer_state.remove_expired_producers(now_ms)

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
        for condition in self._retention.conditions(self.log_start_offset, now_ms, self.size):
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
        if offset < self._local_log.segments[0].base_offset:
            self.truncate_fully_and_start_at(offset, now_ms)
            return True
        for segment in self._local_log.truncate_to(offset, now_ms):
            self.producer_state.snapshots.remove(segment.base_offset)
        self._set_end(offset)
        self.leader_epochs.truncate_from_end(offset)
        self.log_start_offset = min(self.log_start_offset, offset)
        rebuild_producer_state(self.producer_state, self._local_log, self.log_start_offset, offset, now_ms)
        if self.high_watermark >= offset:
            self.update_high_watermark(offset)
        return True

    def truncate_fully_and_start_at(self, offset: int, now_ms: int) -> None:
        """Forget everything; the next batch gets `offset`."""
        self._local_log.start_again_at(offset, now_ms)
        self._set_end(offset)
        self.leader_epochs.clear()
        self.producer_state.truncate_fully_and_start_at(offset)
        self.log_start_offset = offset
        self.update_high_watermark(offset)

    def _set_end(self, offset: int) -> None:
        self.log_end_offset = offset
        self.recovery_point = min(self.recovery_point, offset)

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
