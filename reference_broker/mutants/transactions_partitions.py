"""Defects of the partitions of transactions: what producers may write to them, and what markers do."""

from __future__ import annotations

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.produce import ProduceRequest
from kafka_conformance.protocol.messages.write_txn_markers import WritableTxnMarker
from kafka_conformance.protocol.records import BatchHeader, EndTxnMarker
from kafka_conformance.reference_broker.apis.produce import Found, ProduceRules
from kafka_conformance.reference_broker.apis.write_txn_markers import WriteTxnMarkersRules
from kafka_conformance.reference_broker.groups.log_port import TransactionEnd
from kafka_conformance.reference_broker.log import Log, Refusal
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_state import (
    BatchMetadata,
    CompletedTxn,
    VerificationStateEntry,
)
from kafka_conformance.reference_broker.log.producer_state_manager import ProducerStateManager
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.transaction_verification import Support, TransactionVerifier
from kafka_conformance.reference_broker.transactions.adding import AddRules
from kafka_conformance.reference_broker.transactions.decision import Producer
from kafka_conformance.reference_broker.transactions.metadata import TransactionMetadata

# Producers


@mutant("transactions/repeats-the-coordinators-words", violates="transactions/fencing/produce")
class RepeatsTheCoordinatorsWords(TransactionVerifier):
    """A producer of an earlier epoch is told PRODUCER_FENCED, as the coordinator says."""

    @override
    def told_error(self, error: ErrorCode, support: Support) -> ErrorCode:
        return error if error is ErrorCode.PRODUCER_FENCED else super().told_error(error, support)


@mutant("transactions/produce-adds-nothing", violates="transactions/adding/by-produce")
class ProduceAddsNothing(TransactionVerifier):
    """A batch does not add its partition to the transaction, in whatever version it comes."""

    @override
    def produce_support(self, version: int) -> Support:
        return Support.ABORTABLE_ERRORS if version > 11 else super().produce_support(version)


@mutant("transactions/late-batches-begin-anew", violates="transactions/producing/after-the-end")
class LateBatchesBeginAnew(AddRules):
    """A batch of the epoch before the current one adds its partition to the next transaction."""

    @override
    def producer_error(self, metadata: TransactionMetadata, producer: Producer) -> ErrorCode:
        late = producer == (metadata.producer_id, metadata.producer_epoch - 1)
        return ErrorCode.NONE if late else super().producer_error(metadata, producer)


@mutant("transactions/sequences-begin-anywhere", violates="transactions/producing/sequences-begin-again")
class SequencesBeginAnywhere(ProducerAppendInfo):
    """Behind a marker a producer may go on with any sequence."""

    @override
    def check_sequence(self, producer_epoch: int, first_sequence: int) -> Refusal | None:
        is_behind_a_marker = self.current.is_empty and self.current.producer_epoch >= 0
        return None if is_behind_a_marker else super().check_sequence(producer_epoch, first_sequence)


@mutant("transactions/strangers-begin-anywhere", violates="transactions/producing/first-sequence")
class StrangersBeginAnywhere(ProducerAppendInfo):
    """Also from Produce version 12 on a producer may begin with any sequence."""

    @override
    def check_verified_sequence(self, verification: VerificationStateEntry, first_sequence: int) -> Refusal | None:
        return None


@mutant("transactions/repeats-appended", violates="transactions/producing/repeats")
class RepeatsAppended(ProducerStateManager):
    """A repeated batch of a transaction is not recognised."""

    @override
    def find_duplicate(self, header: BatchHeader) -> BatchMetadata | None:
        return None if header.is_transactional else super().find_duplicate(header)


@mutant("transactions/nobodys-batches", violates="transactions/producing/without-transactional-id")
class NobodysBatches(ProduceRules):
    """Nobody looks whether a request with transactional batches has a transactional id."""

    @override
    def refusal_of_all(self, request: ProduceRequest, found: list[list[Found]]) -> Refusal | None:
        refusal = super().refusal_of_all(request, found)
        if refusal is not None and refusal.error is ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            return None
        return refusal


@mutant("transactions/any-producer-id", violates="transactions/producing/another-transactional-id")
class AnyProducerId(AddRules):
    """Any producer id may write under any transactional id."""

    @override
    def producer_error(self, metadata: TransactionMetadata, producer: Producer) -> ErrorCode:
        if producer.producer_id != metadata.producer_id:
            return ErrorCode.NONE
        return super().producer_error(metadata, producer)


@mutant("transactions/plain-batches-within", violates="transactions/producing/plain-batch-in-a-transaction")
class PlainBatchesWithin(ProducerAppendInfo):
    """A producer may write outside its transaction while it is open."""

    @override
    def refuse_outside_transaction(self) -> Refusal | None:
        return None


@mutant("transactions/one-at-a-time", violates="transactions/producing/others-go-on")
class OneAtATime(Log):
    """While a transaction is open in a partition, no other producer may write to it."""

    @override
    def check_verified(self, header: BatchHeader, guard: VerificationStateEntry | None) -> Refusal | None:
        owners = set(self.producer_state._ongoing.values())
        if owners and header.producer_id not in owners:
            return Refusal(ErrorCode.INVALID_TXN_STATE, "another producer's transaction is open")
        return super().check_verified(header, guard)


# Markers


@mutant("transactions/markers-count", violates="transactions/markers/form")
class MarkersCount(WriteTxnMarkersRules):
    """A marker has a sequence."""

    @override
    def batch(self, end: TransactionEnd, now_ms: int) -> bytearray:
        from kafka_conformance.protocol.records import NewRecord, build_batch

        marker = EndTxnMarker(end.commit, end.coordinator_epoch)
        return build_batch(
            [NewRecord(marker.key, marker.value, timestamp=now_ms)],
            producer_id=end.producer_id,
            producer_epoch=end.producer_epoch,
            base_sequence=0,
            transactional=True,
            control=True,
        )


@mutant("transactions/markers-of-nobody", violates="transactions/markers/without-producer")
class MarkersOfNobody(WriteTxnMarkersRules):
    """A marker is appended whoever its producer is."""

    @override
    def can_be_built(self, marker: WritableTxnMarker) -> bool:
        return True


@mutant("transactions/markers-of-the-old-epoch", violates="transactions/markers/epoch")
class MarkersOfTheOldEpoch(WriteTxnMarkersRules):
    """In the second protocol a marker carries the epoch of the transaction that it ends."""

    @override
    def end_of(self, marker: WritableTxnMarker, topic: str) -> TransactionEnd:
        end = super().end_of(marker, topic)
        if end.transaction_version < 2:
            return end
        return end._replace(producer_epoch=end.producer_epoch - 1, transaction_version=0)


@mutant("transactions/markers-say-the-opposite", violates="transactions/markers/from-outside")
class MarkersSayTheOpposite(WriteTxnMarkersRules):
    """What a marker of the first protocol says is turned round."""

    @override
    def end_of(self, marker: WritableTxnMarker, topic: str) -> TransactionEnd:
        end = super().end_of(marker, topic)
        return end if end.transaction_version else end._replace(commit=not end.commit)


@mutant("transactions/old-coordinators-end", violates="transactions/markers/old-coordinator")
class OldCoordinatorsEnd(ProducerAppendInfo):
    """A coordinator that has been replaced still ends transactions."""

    @override
    def check_coordinator_epoch(self, coordinator_epoch: int) -> Refusal | None:
        return None


@mutant("transactions/markers-ahead-of-themselves", violates="transactions/markers/old-epoch")
class MarkersAheadOfThemselves(WriteTxnMarkersRules):
    """A marker is written with a later epoch than the one that was asked for."""

    @override
    def end_of(self, marker: WritableTxnMarker, topic: str) -> TransactionEnd:
        end = super().end_of(marker, topic)
        return end._replace(producer_epoch=min(end.producer_epoch + 10, 2**15 - 1))


@mutant("transactions/markers-leave-the-epoch", violates="transactions/markers/fences-its-epoch")
class MarkersLeaveTheEpoch(ProducerAppendInfo):
    """A marker ends a transaction, and its producer goes on in the epoch that it had."""

    @override
    def append_marker(
        self, marker: EndTxnMarker, header: BatchHeader, timestamp: int, transaction_version: int
    ) -> CompletedTxn | Refusal | None:
        epoch = self.producer_epoch
        outcome = super().append_marker(marker, header, timestamp, transaction_version)
        self.producer_epoch = max(epoch, 0)
        return outcome


@mutant("transactions/markers-of-the-same-epoch", violates="transactions/markers/later-epoch-only")
class MarkersOfTheSameEpoch(ProducerAppendInfo):
    """In the second protocol a marker may carry the epoch of the transaction that it ends."""

    @override
    def check_marker_epoch(self, producer_epoch: int, transaction_version: int) -> Refusal | None:
        return self.check_producer_epoch(producer_epoch)


@mutant("transactions/missing-partitions-marked", violates="transactions/markers/unknown-partition")
class MissingPartitionsMarked(WriteTxnMarkersRules):
    """A partition that does not exist is said to have its marker."""

    @override
    def missing_error(self) -> ErrorCode:
        return ErrorCode.NONE
