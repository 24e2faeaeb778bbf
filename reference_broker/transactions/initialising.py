"""InitProducerId: a producer gets a transactional id for itself, and whoever had it before is fenced.

Source: TransactionCoordinator.handleInitProducerId, prepareInitProducerIdTransit;
        TransactionMetadata.prepareIncrementProducerEpoch, prepareProducerIdRotation
"""

from __future__ import annotations

from collections.abc import Callable

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.transactions.decision import Producer
from kafka_conformance.reference_broker.transactions.metadata import (
    NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID,
    NO_TIMESTAMP,
    TransactionMetadata,
    is_exhausted,
)
from kafka_conformance.reference_broker.transactions.settings import TransactionSettings
from kafka_conformance.reference_broker.transactions.states import TransactionState


class InitRules:
    """Keeps no state."""

    def timeout_error(self, timeout_ms: int, settings: TransactionSettings) -> ErrorCode:
        """INVALID_TRANSACTION_TIMEOUT for one that is not positive, or above transaction.max.timeout.ms."""
        is_valid = 0 < timeout_ms <= settings.transaction_max_timeout_ms
        return ErrorCode.NONE if is_valid else ErrorCode.INVALID_TRANSACTION_TIMEOUT

    def is_owner(self, metadata: TransactionMetadata, expected: Producer) -> bool:
        """Whether the producer id that a producer says it has is, or was, that of its transactional id.

        A new id is given to whoever asks; the id before the current one counts if its epochs are exhausted, for then
        this may be a retry of the request that changed it.
        """
        if metadata.producer_epoch == NO_PRODUCER_EPOCH or expected.producer_id == metadata.producer_id:
            return True
        return expected.producer_id == metadata.previous_producer_id and is_exhausted(expected.producer_epoch)

    def must_abort_first(self, metadata: TransactionMetadata) -> bool:
        """Whether a transaction of the former owner is open: it is aborted, and the new owner asks again."""
        return metadata.state is TransactionState.ONGOING

    def initialised(
        self,
        metadata: TransactionMetadata,
        timeout_ms: int,
        expected: Producer | None,
        now_ms: int,
        new_producer_id: Callable[[], int],
    ) -> TransactionMetadata | ErrorCode:
        """The id in its new owner's hands, or PRODUCER_FENCED where somebody else has it.

        UNKNOWN_SERVER_ERROR where the epochs are exhausted and another than the last one is expected: Kafka throws.
        """
        expected_epoch = None if expected is None else expected.producer_epoch
        producer_id = metadata.producer_id
        if metadata.is_exhausted and expected_epoch in (None, metadata.producer_epoch):
            producer_id, epoch = new_producer_id(), 0
            last = NO_PRODUCER_EPOCH if expected is None else metadata.producer_epoch
        elif metadata.is_exhausted:
            return ErrorCode.UNKNOWN_SERVER_ERROR
        else:
            bumped = self.next_epochs(metadata, expected_epoch)
            if bumped is None:
                return ErrorCode.PRODUCER_FENCED
            epoch, last = bumped
        return metadata.with_changes(
            now_ms,
            producer_id=producer_id,
            producer_epoch=epoch,
            last_producer_epoch=last,
            timeout_ms=timeout_ms,
            state=TransactionState.EMPTY,
            partitions=frozenset(),
            start_ms=NO_TIMESTAMP,
            next_producer_id=NO_PRODUCER_ID,
        )

    def next_epochs(self, metadata: TransactionMetadata, expected_epoch: int | None) -> tuple[int, int] | None:
        """The epoch given out and the last one that still counts; None where the expected one is another's.

        Who names the last epoch repeats a request that succeeded, and gets the same answer again (KIP-360).
        """
        current, last = metadata.producer_epoch, metadata.last_producer_epoch
        if expected_epoch is None:
            return current + 1, NO_PRODUCER_EPOCH
        if current == NO_PRODUCER_EPOCH or expected_epoch == current:
            return current + 1, current
        if expected_epoch == last:
            return current, last
        return None
