"""Is this batch the next one of its producer? (Kafka: ProducerAppendInfo)

Each check answers None or why not, in Kafka's order and with Kafka's error codes. The producer's entry changes only
when the batch is in the log: `ProducerStateManager.update`.
"""

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import BatchHeader, EndTxnMarker
from kafka_conformance.reference_broker.log.outcome import (
    NO_PRODUCER_EPOCH,
    NO_SEQUENCE,
    AppendOrigin,
    Refusal,
)
from kafka_conformance.reference_broker.log.producer_state import (
    MAX_SEQUENCE,
    BatchMetadata,
    CompletedTxn,
    ProducerStateEntry,
    VerificationStateEntry,
)

MAX_PRODUCER_EPOCH = 2**15 - 1
TRANSACTIONS_V2 = 2


class ProducerAppendInfo:
    """The batches of one producer in one append, each judged by what came before it.

    The fields are those that the producer's entry will have. `batches` are the new ones.
    """

    __slots__ = (
        "batches",
        "coordinator_epoch",
        "current",
        "current_txn_first_offset",
        "last_timestamp",
        "origin",
        "producer_epoch",
        "started_transactions",
        "verification",
    )

    def __init__(
        self, current: ProducerStateEntry, origin: AppendOrigin, verification: VerificationStateEntry | None
    ) -> None:
        self.current = current
        self.origin = origin
        self.verification = verification
        self.producer_epoch = current.producer_epoch
        self.coordinator_epoch = current.coordinator_epoch
        self.last_timestamp = current.last_timestamp
        self.current_txn_first_offset = current.current_txn_first_offset
        self.batches: list[BatchMetadata] = []
        self.started_transactions: list[int] = []

    def append_data(self, header: BatchHeader) -> Refusal | None:
        """Account for a batch of data."""
        epoch, delta = header.producer_epoch, header.last_offset_delta
        is_transactional = header.is_transactional
        refusal = self.check_producer_epoch(epoch)
        if refusal is None and self.origin is AppendOrigin.CLIENT:
            refusal = self.check_sequence(epoch, header.base_sequence)
        if refusal is None and self.current_txn_first_offset is not None and not is_transactional:
            refusal = self.refuse_outside_transaction()
        if refusal is not None:
            return refusal
        self._set_epoch(epoch)
        self.last_timestamp = header.max_timestamp
        self.batches.append(BatchMetadata(header.last_sequence, header.base_offset + delta, delta, self.last_timestamp))
        if is_transactional and self.current_txn_first_offset is None:
            self.current_txn_first_offset = header.base_offset
            self.started_transactions.append(header.base_offset)
        return None

    def append_marker(
        self, marker: EndTxnMarker, header: BatchHeader, timestamp: int, transaction_version: int
    ) -> CompletedTxn | Refusal | None:
        """Account for a marker; None if it ends nothing that this partition knows of."""
        refusal = self.check_marker_epoch(header.producer_epoch, transaction_version) or self.check_coordinator_epoch(
            marker.coordinator_epoch
        )
        if refusal is not None:
            return refusal
        first_offset = self.current_txn_first_offset
        self._set_epoch(header.producer_epoch)
        self.coordinator_epoch = marker.coordinator_epoch
        self.current_txn_first_offset = None
        self.last_timestamp = timestamp
        if first_offset is None:
            return None
        return CompletedTxn(self.current.producer_id, first_offset, header.base_offset, not marker.commit)

    def _set_epoch(self, producer_epoch: int) -> None:
        if self.producer_epoch != producer_epoch:
            self.producer_epoch = producer_epoch
            self.batches.clear()

    def check_producer_epoch(self, producer_epoch: int) -> Refusal | None:
        """An older epoch is a zombie's. What was replicated has been judged by its leader."""
        if producer_epoch >= self.producer_epoch or self.origin is AppendOrigin.REPLICATION:
            return None
        return self._refuse_epoch(producer_epoch)

    def check_marker_epoch(self, producer_epoch: int, transaction_version: int) -> Refusal | None:
        """A marker of transactions v2 carries a higher epoch than the data; an equal one is a retry of that marker."""
        if transaction_version < TRANSACTIONS_V2 or producer_epoch > self.producer_epoch:
            return self.check_producer_epoch(producer_epoch)
        if producer_epoch == self.producer_epoch and self.is_marker_retry(producer_epoch):
            return None
        return None if self.origin is AppendOrigin.REPLICATION else self._refuse_epoch(producer_epoch)

    def is_marker_retry(self, producer_epoch: int) -> bool:
        """KAFKA-19999: the transaction is closed already (or the epoch cannot grow any more)."""
        return self.current_txn_first_offset is None or producer_epoch == MAX_PRODUCER_EPOCH

    def check_coordinator_epoch(self, coordinator_epoch: int) -> Refusal | None:
        """A coordinator that has been replaced must not end transactions."""
        if coordinator_epoch >= self.coordinator_epoch or self.origin is AppendOrigin.REPLICATION:
            return None
        return Refusal(
            ErrorCode.TRANSACTION_COORDINATOR_FENCED,
            f"coordinator epoch {coordinator_epoch} of a marker of producer {self.current.producer_id} is older than "
            f"{self.coordinator_epoch}",
        )

    def check_sequence(self, producer_epoch: int, first_sequence: int) -> Refusal | None:
        """Without gaps within an epoch, from 0 in a new one; anything goes if the producer is not known."""
        refusal = None if self.verification is None else self.check_verified_sequence(self.verification, first_sequence)
        if refusal is not None:
            return refusal
        if producer_epoch != self.producer_epoch:
            return self.check_first_sequence(first_sequence)
        return self.check_next_sequence(first_sequence)

    def check_verified_sequence(self, verification: VerificationStateEntry, first_sequence: int) -> Refusal | None:
        """A transaction under verification starts with the lowest sequence that was tried, with v2 with 0."""
        if verification.supports_epoch_bump and first_sequence != 0 and self.current.is_empty:
            return self._refuse_sequence(first_sequence, "0, the first one of a producer of transactions v2")
        if first_sequence > verification.lowest_sequence:
            return self._refuse_sequence(first_sequence, f"{verification.lowest_sequence}, which was tried first")
        return None

    def check_first_sequence(self, first_sequence: int) -> Refusal | None:
        """The first batch of an epoch that follows another."""
        if first_sequence == 0 or self.producer_epoch == NO_PRODUCER_EPOCH:
            return None
        return self._refuse_sequence(first_sequence, "0, the first one of a new epoch")

    def check_next_sequence(self, first_sequence: int) -> Refusal | None:
        """A further batch of an epoch."""
        last = self.last_sequence()
        if self.is_in_sequence(last, first_sequence) or self.current.producer_epoch == NO_PRODUCER_EPOCH:
            return None
        return self._refuse_sequence(first_sequence, f"{self.next_expected_sequence(last)}")

    def last_sequence(self) -> int:
        """Of the batches of this append, or before them of the log; -1 if the epoch has none."""
        if self.batches:
            return self.batches[-1].last_sequence
        return self.current.last_sequence if self.producer_epoch == self.current.producer_epoch else NO_SEQUENCE

    def is_in_sequence(self, last_sequence: int, first_sequence: int) -> bool:
        """Does a batch follow the last one without a gap?"""
        return first_sequence == self.next_expected_sequence(last_sequence)

    def next_expected_sequence(self, last_sequence: int) -> int:
        """Sequences wrap to 0."""
        return 0 if last_sequence == MAX_SEQUENCE else last_sequence + 1

    def refuse_outside_transaction(self) -> Refusal | None:
        """A producer with an open transaction writes nothing outside it."""
        reason = f"producer {self.current.producer_id} has a transaction open and writes outside it"
        return Refusal(ErrorCode.INVALID_TXN_STATE, reason)

    def _refuse_epoch(self, producer_epoch: int) -> Refusal:
        reason = f"epoch {producer_epoch} of producer {self.current.producer_id} is older than {self.producer_epoch}"
        return Refusal(ErrorCode.INVALID_PRODUCER_EPOCH, reason)

    def _refuse_sequence(self, sequence: int, expected: str) -> Refusal:
        return Refusal(
            ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
            f"sequence {sequence} of producer {self.current.producer_id}, expected {expected}",
        )
