"""One replica of one partition (Kafka: UnifiedLog).

The owner says who leads (`leader_epoch`), what time it is (`now_ms`) and how far the replicas are (the high watermark);
the log keeps offsets, producers and transactions consistent, whatever is appended.
"""

from collections.abc import Sequence

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.records import NO_PRODUCER_ID, BatchHeader, batches
from kafka_conformance.reference_broker.log.offsets import LogOffsets
from kafka_conformance.reference_broker.log.outcome import (
    NO_OFFSET,
    NO_TIMESTAMP,
    AppendInfo,
    AppendOrigin,
    Fetched,
    Refusal,
    TimestampOffset,
)
from kafka_conformance.reference_broker.log.produce_records import find_batch
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_state import (
    BatchMetadata,
    CompletedTxn,
    ProducerStateEntry,
    VerificationStateEntry,
)
from kafka_conformance.reference_broker.log.transaction_index import AbortedTxn
from kafka_conformance.reference_broker.log.validator import Placement
from kafka_conformance.reference_broker.storage import StorageError

REFUSED_WITHOUT_LOG_START = frozenset(
    {
        ErrorCode.MESSAGE_TOO_LARGE,
        ErrorCode.RECORD_LIST_TOO_LARGE,
        ErrorCode.CORRUPT_MESSAGE,
        ErrorCode.KAFKA_STORAGE_ERROR,
    }
)
"""Kafka's answers to these do not say where the log starts (ReplicaManager.appendToLocalLog)."""


class Log(LogOffsets):
    """Appends and reads answer with an error code instead of raising StorageError."""

    # Appends

    def append_as_leader(
        self,
        records: memoryview,
        leader_epoch: int,
        now_ms: int,
        origin: AppendOrigin = AppendOrigin.CLIENT,
        *,
        header: BatchHeader | None = None,
        verification_guard: VerificationStateEntry | None = None,
        transaction_version: int = 0,
    ) -> AppendInfo | Refusal:
        """Append the one batch in `records`, a writable view into which offsets, epoch and timestamps are stamped.

        The log may keep the view instead of a copy, so nobody must write to it afterwards. `header` is what
        `find_batch` has found already in a request.
        """
        if header is None:
            found = find_batch(records)
            if isinstance(found, Refusal):
                return found
            header = found
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
    ) -> AppendInfo | Refusal:
        infos: dict[int, ProducerAppendInfo] = {}
        completed: list[CompletedTxn] = []
        for header, view in taken:
            if header.producer_id != NO_PRODUCER_ID:
                outcome = self.producer_state.judge(header, view, infos, AppendOrigin.REPLICATION)
                if isinstance(outcome, Refusal):
                    return outcome
                if outcome is not None:
                    completed.append(outcome)
        first, last = taken[0][0], taken[-1][0]
        largest = max(header.max_timestamp for header, _ in taken)
        for header, _ in taken:
            if header.partition_leader_epoch != self.leader_epochs.latest_epoch:
                self.leader_epochs.assign(header.partition_leader_epoch, header.base_offset)
        self._maybe_roll(len(records), largest, first.base_offset, last.last_offset, now_ms)
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

    # Reads

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
