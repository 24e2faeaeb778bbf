"""What is known of a transactional id: whose it is, and how far its transaction is. Values that never change.

Source: TransactionMetadata, TxnTransitMetadata
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kafka_conformance.reference_broker.transactions.states import TransactionState

NO_PRODUCER_ID: Final = -1
NO_PRODUCER_EPOCH: Final = -1
NO_TIMESTAMP: Final = -1
LAST_EPOCH: Final = 2**15 - 1
"""Never given to a producer: with it the coordinator can still fence whoever has the one before it."""
TRANSACTIONS_V2: Final = 2

TopicPartition = tuple[str, int]


class TransactionMetadata(NamedTuple):
    """A transactional id as its last record in the log says, but for `last_producer_epoch`."""

    transactional_id: str
    producer_id: int
    producer_epoch: int = NO_PRODUCER_EPOCH
    timeout_ms: int = 0
    state: TransactionState = TransactionState.EMPTY
    partitions: frozenset[TopicPartition] = frozenset()
    start_ms: int = NO_TIMESTAMP
    """When the transaction's first partition was added."""
    last_update_ms: int = NO_TIMESTAMP
    previous_producer_id: int = NO_PRODUCER_ID
    """The producer id before the last change."""
    next_producer_id: int = NO_PRODUCER_ID
    """While the transaction ends: the id that follows one whose epochs are exhausted."""
    last_producer_epoch: int = NO_PRODUCER_EPOCH
    """The epoch before the current one, if its owner has bumped it itself. It is not in the log: after
    the coordinator has moved a retry of InitProducerId is not recognised (TransactionLog.read)."""
    client_version: int = 0
    """The transaction version of the client that changed it last: 2, or 0 for all that came before."""

    @property
    def is_exhausted(self) -> bool:
        """Whether the producer id has no epoch left to give to a producer."""
        return is_exhausted(self.producer_epoch)

    def with_changes(self, now_ms: int, **changes: object) -> TransactionMetadata:
        """The same after a change at `now_ms`."""
        return self._replace(
            previous_producer_id=self.producer_id,
            last_update_ms=now_ms,
            **changes,  # type: ignore[arg-type]
        )

    def completed(self, now_ms: int) -> TransactionMetadata:
        """The same once all markers of the prepared transaction are written."""
        changed = self.with_changes(
            now_ms, state=self.state.completed, partitions=frozenset(), next_producer_id=NO_PRODUCER_ID
        )
        if self.client_version >= TRANSACTIONS_V2 and self.next_producer_id != NO_PRODUCER_ID:
            return changed._replace(producer_id=self.next_producer_id, producer_epoch=0)
        return changed


def is_exhausted(producer_epoch: int) -> bool:
    """Whether no producer may be given a higher epoch than this one."""
    return producer_epoch >= LAST_EPOCH - 1
