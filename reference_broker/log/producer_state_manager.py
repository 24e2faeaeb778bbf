"""What a partition remembers of all producers: batches, epochs, transactions (Kafka: ProducerStateManager).

The state always equals what a replay of the log from its start would give, but for what has expired and for what the
log has deleted; a snapshot makes the replay short. Everything here is in memory but for the snapshot files.
"""

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.records import BatchHeader, EndTxnMarker, records_of
from kafka_conformance.reference_broker.log.outcome import AppendOrigin, Refusal
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_snapshot import ProducerSnapshots
from kafka_conformance.reference_broker.log.producer_state import (
    BATCHES_TO_RETAIN,
    BatchMetadata,
    CompletedTxn,
    ProducerStateEntry,
    VerificationStateEntry,
)
from kafka_conformance.reference_broker.storage import Storage

DEFAULT_PRODUCER_ID_EXPIRATION_MS = 24 * 60 * 60 * 1000


class ProducerStateManager:
    """The producers of one partition, as of `end_offset`.

    Raises StorageError from the methods that read or write snapshots.
    """

    batches_to_retain = BATCHES_TO_RETAIN

    def __init__(
        self,
        storage: Storage,
        directory: str,
        *,
        producer_id_expiration_ms: int = DEFAULT_PRODUCER_ID_EXPIRATION_MS,
        append_info: type[ProducerAppendInfo] = ProducerAppendInfo,
    ) -> None:
        self.producer_id_expiration_ms = producer_id_expiration_ms
        self._append_info = append_info
        self.producers: dict[int, ProducerStateEntry] = {}
        self.verifications: dict[int, VerificationStateEntry] = {}
        self._ongoing: dict[int, int] = {}
        self._unreplicated: dict[int, int] = {}
        self.end_offset = 0
        self._snapshot_offset = 0
        self.snapshots = ProducerSnapshots(storage, directory)

    # Appends

    def find_duplicate(self, header: BatchHeader) -> BatchMetadata | None:
        """The batch that `header` repeats: the same producer, epoch and sequences as one of those remembered."""
        entry = self.producers.get(header.producer_id)
        if entry is None or entry.producer_epoch != header.producer_epoch:
            return None
        first, last = header.base_sequence, header.last_sequence
        for batch in entry.batches:
            if batch.last_sequence == last and batch.first_sequence == first:
                return batch
        return None

    def prepare_update(self, producer_id: int, origin: AppendOrigin) -> ProducerAppendInfo:
        """Judge batches of a producer without changing anything yet."""
        current = self.producers.get(producer_id) or self.new_entry(producer_id)
        return self._append_info(current, origin, self.verifications.get(producer_id))

    def new_entry(self, producer_id: int) -> ProducerStateEntry:
        """A producer that is not known."""
        return ProducerStateEntry(producer_id, batches_to_retain=self.batches_to_retain)

    def judge(
        self,
        header: BatchHeader,
        view: memoryview,
        infos: dict[int, ProducerAppendInfo],
        origin: AppendOrigin,
        transaction_version: int = 0,
    ) -> CompletedTxn | Refusal | None:
        """Account for a batch in `infos`; `header` says where it will lie. A marker may complete a transaction."""
        producer_id = header.producer_id
        info = infos.get(producer_id)
        if info is None:
            info = infos[producer_id] = self.prepare_update(producer_id, origin)
        outcome: CompletedTxn | Refusal | None = None
        if not header.is_control:
            outcome = info.append_data(header)
        elif header.record_count:  # an emptied one: the cleaner has removed the transaction with its marker
            outcome = self._judge_marker(info, header, view, transaction_version)
        if self.verifications and header.is_transactional and not isinstance(outcome, Refusal):
            self._after_transactional_batch(header)
        return outcome

    @staticmethod
    def _judge_marker(
        info: ProducerAppendInfo, header: BatchHeader, view: memoryview, transaction_version: int
    ) -> CompletedTxn | Refusal | None:
        try:
            record = next(records_of(header, view))
            marker = EndTxnMarker.parse(record.key, record.value)
        except ProtocolError as error:
            return Refusal(ErrorCode.INVALID_RECORD, error.message)
        return info.append_marker(marker, header, record.timestamp, transaction_version)

    def update(self, info: ProducerAppendInfo) -> None:
        """The batches that `info` judged are in the log."""
        entry = info.current
        self.producers[entry.producer_id] = entry
        entry.set_epoch(info.producer_epoch)
        entry.batches.extend(info.batches)
        entry.coordinator_epoch = info.coordinator_epoch
        entry.current_txn_first_offset = info.current_txn_first_offset
        entry.last_timestamp = info.last_timestamp
        for first_offset in info.started_transactions:
            self._begin_transaction(first_offset, entry.producer_id)

    # Transactions

    def _begin_transaction(self, first_offset: int, producer_id: int) -> None:
        in_order = not self._ongoing or first_offset > next(reversed(self._ongoing))
        self._ongoing[first_offset] = producer_id
        if not in_order:  # batches of several producers in one append are accounted for by producer
            self._ongoing = dict(sorted(self._ongoing.items()))

    def has_ongoing_transaction(self, producer_id: int, producer_epoch: int) -> bool:
        """Has this epoch of the producer written to a transaction that has not ended?"""
        entry = self.producers.get(producer_id)
        if entry is None or entry.current_txn_first_offset is None:
            return False
        return entry.producer_epoch == producer_epoch

    def last_stable_offset(self, completed: CompletedTxn) -> int:
        """What the last stable offset would be if this transaction ended and all were replicated."""
        for first_offset, producer_id in self._ongoing.items():
            if producer_id != completed.producer_id:
                return first_offset
        return completed.last_offset + 1

    def complete_txn(self, completed: CompletedTxn) -> None:
        """The transaction has ended; it stays unstable until its marker is replicated."""
        del self._ongoing[completed.first_offset]
        self._unreplicated[completed.first_offset] = completed.last_offset

    def on_high_watermark_updated(self, high_watermark: int) -> None:
        """Transactions whose marker is below the high watermark are stable."""
        if not self._unreplicated:
            return
        for first_offset, last_offset in list(self._unreplicated.items()):
            if last_offset < high_watermark:
                del self._unreplicated[first_offset]

    def first_unstable_offset(self) -> int | None:
        """The first offset of a transaction that is open, or whose end is not replicated yet."""
        undecided = self.first_undecided_offset()
        if not self._unreplicated:
            return undecided
        unreplicated = min(self._unreplicated)
        return unreplicated if undecided is None else min(undecided, unreplicated)

    def first_undecided_offset(self) -> int | None:
        """The first offset of a transaction that is open. (They begin in the order of the log.)"""
        return next(iter(self._ongoing), None)

    def verify_transaction(
        self, producer_id: int, sequence: int, epoch: int, now_ms: int, *, supports_epoch_bump: bool
    ) -> VerificationStateEntry:
        """The guard with which the first batch of a transaction must come back when the coordinator has agreed."""
        entry = self.verifications.get(producer_id)
        if entry is None:
            entry = VerificationStateEntry(now_ms, sequence, epoch, supports_epoch_bump=supports_epoch_bump)
            self.verifications[producer_id] = entry
        entry.note(sequence, epoch)
        return entry

    def _after_transactional_batch(self, header: BatchHeader) -> None:
        """The verification has served, unless the batch is a marker and the next transaction waits already."""
        entry = self.verifications.get(header.producer_id)
        if entry is None:
            return
        next_started = entry.supports_epoch_bump and header.is_control and header.producer_epoch == entry.epoch
        if not next_started:
            del self.verifications[header.producer_id]

    # Expiry

    def is_expired(self, entry: ProducerStateEntry, now_ms: int) -> bool:
        """Idle for producer.id.expiration.ms by the time in its last batch, and without an open transaction."""
        idle_ms = now_ms - entry.last_timestamp
        return entry.current_txn_first_offset is None and idle_ms >= self.producer_id_expiration_ms

    def remove_expired_producers(self, now_ms: int) -> None:
        """Forget idle producers, as Kafka does every producer.id.expiration.check.interval.ms."""
        for producer_id, entry in list(self.producers.items()):
            if self.is_expired(entry, now_ms):
                del self.producers[producer_id]
        for producer_id, verification in list(self.verifications.items()):
            if now_ms - verification.started_ms >= self.producer_id_expiration_ms:
                del self.verifications[producer_id]

    # Snapshots, truncation

    def take_snapshot(self) -> None:
        """Write the state at `end_offset`, unless the last snapshot is as new."""
        if self.end_offset > self._snapshot_offset:
            self.snapshots.write(self.end_offset, self.producers.values())
            self._snapshot_offset = self.end_offset

    def truncate_and_reload(self, log_start_offset: int, log_end_offset: int, now_ms: int) -> None:
        """Go back to the newest snapshot at or below `log_end_offset`; the caller replays the log from `end_offset`."""
        for offset in list(self.snapshots.offsets):
            if offset > log_end_offset or offset <= log_start_offset:
                self.snapshots.remove(offset)
        if log_end_offset == self.end_offset:
            self.on_log_start_offset_incremented(log_start_offset)
            return
        self._clear()
        self._load_newest_snapshot(log_start_offset, now_ms)

    def _clear(self) -> None:
        self.producers.clear()
        self._ongoing.clear()
        self._unreplicated.clear()

    def _load_newest_snapshot(self, log_start_offset: int, now_ms: int) -> None:
        self._snapshot_offset = self.end_offset = log_start_offset
        while (offset := self.snapshots.newest) is not None:
            entries = self.snapshots.read(offset, batches_to_retain=self.batches_to_retain)
            if entries is not None:
                for entry in entries:
                    if not self.is_expired(entry, now_ms):
                        self._load(entry)
                self._snapshot_offset = self.end_offset = offset
                return

    def _load(self, entry: ProducerStateEntry) -> None:
        self.producers[entry.producer_id] = entry
        if entry.current_txn_first_offset is not None:
            self._begin_transaction(entry.current_txn_first_offset, entry.producer_id)

    def truncate_fully_and_start_at(self, offset: int) -> None:
        """Forget everything and all snapshots."""
        self._clear()
        for snapshot in list(self.snapshots.offsets):
            self.snapshots.remove(snapshot)
        self._snapshot_offset = 0
        self.end_offset = offset

    def on_log_start_offset_incremented(self, log_start_offset: int) -> None:
        """Ended transactions below the start are stable. Producers stay known although their batches are gone."""
        self.on_high_watermark_updated(log_start_offset)
        self.end_offset = max(self.end_offset, log_start_offset)
        newest = self.snapshots.newest
        self._snapshot_offset = log_start_offset if newest is None else newest

    @property
    def is_empty(self) -> bool:
        """Nothing is known."""
        return not self.producers and not self._unreplicated
