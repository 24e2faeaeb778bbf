"""AddPartitionsToTxn and AddOffsetsToTxn, from a client or from the leader of a partition that is written to.

Source: TransactionCoordinator.handleAddPartitionsToTransaction, handleVerifyPartitionsInTransaction;
        TransactionMetadata.prepareAddPartitions
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.transactions.decision import AddRequest, Producer
from kafka_conformance.reference_broker.transactions.metadata import TopicPartition, TransactionMetadata
from kafka_conformance.reference_broker.transactions.states import TransactionState


class AddRules:
    """Keeps no state."""

    def producer_error(self, metadata: TransactionMetadata, producer: Producer) -> ErrorCode:
        """Whether the producer has the transactional id."""
        if metadata.producer_id != producer.producer_id:
            return ErrorCode.INVALID_PRODUCER_ID_MAPPING
        if metadata.producer_epoch != producer.producer_epoch:
            return ErrorCode.PRODUCER_FENCED
        return ErrorCode.NONE

    def add_error(self, metadata: TransactionMetadata, producer: Producer, *, is_pending: bool) -> ErrorCode:
        """Whether partitions may be added; what is pending may be the change to the producer id that is named."""
        return ErrorCode.CONCURRENT_TRANSACTIONS if is_pending else self.producer_error(metadata, producer)

    def verify_error(self, metadata: TransactionMetadata, producer: Producer) -> ErrorCode:
        """Whether the transaction is one of which partitions can be verified."""
        error = self.producer_error(metadata, producer)
        if error is ErrorCode.NONE and metadata.state.is_prepared:
            return ErrorCode.CONCURRENT_TRANSACTIONS
        return error

    def is_part(self, metadata: TransactionMetadata, partition: TopicPartition) -> bool:
        """Whether a partition belongs to the transaction."""
        return partition in metadata.partitions

    def adds_nothing(self, metadata: TransactionMetadata, partitions: frozenset[TopicPartition]) -> bool:
        """Whether all partitions belong to the open transaction already."""
        return metadata.state is TransactionState.ONGOING and partitions <= metadata.partitions

    def added(self, metadata: TransactionMetadata, request: AddRequest, now_ms: int) -> TransactionMetadata:
        """The id with the partitions in its transaction; the first ones begin it, and its time-out."""
        is_open = metadata.state is TransactionState.ONGOING
        return metadata.with_changes(
            now_ms,
            state=TransactionState.ONGOING,
            partitions=metadata.partitions | request.partitions,
            start_ms=metadata.start_ms if is_open else now_ms,
            client_version=request.client_version,
        )
