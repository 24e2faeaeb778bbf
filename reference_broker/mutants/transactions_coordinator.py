"""Defects of the transaction coordinator: whose a transactional id is, and how a transaction goes on and ends."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest
from kafka_conformance.reference_broker.apis.add_offsets_to_txn import AddOffsetsToTxnRules
from kafka_conformance.reference_broker.apis.add_partitions_to_txn import AddPartitionsToTxnRules, Errors
from kafka_conformance.reference_broker.apis.end_txn import EndTxnRules
from kafka_conformance.reference_broker.apis.find_coordinator import FindCoordinatorRules, Found
from kafka_conformance.reference_broker.apis.init_producer_id import InitProducerIdRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.transactions.adding import AddRules
from kafka_conformance.reference_broker.transactions.decision import AddRequest, Decision, EndRequest, Producer
from kafka_conformance.reference_broker.transactions.ending import Ended, EndRules
from kafka_conformance.reference_broker.transactions.initialising import InitRules
from kafka_conformance.reference_broker.transactions.metadata import (
    NO_PRODUCER_EPOCH,
    TRANSACTIONS_V2,
    TopicPartition,
    TransactionMetadata,
)
from kafka_conformance.reference_broker.transactions.settings import TransactionSettings
from kafka_conformance.reference_broker.transactions.shard import Transaction, TransactionShard
from kafka_conformance.reference_broker.transactions.states import TransactionState

# Whose a transactional id is


@mutant("transactions/epochs-stay", violates="transactions/ids/next-epoch")
class EpochsStay(InitRules):
    """A newcomer gets the epoch that its predecessor had."""

    @override
    def next_epochs(self, metadata: TransactionMetadata, expected_epoch: int | None) -> tuple[int, int] | None:
        if expected_epoch is None and metadata.producer_epoch > NO_PRODUCER_EPOCH:
            return metadata.producer_epoch, NO_PRODUCER_EPOCH
        return super().next_epochs(metadata, expected_epoch)


@mutant("transactions/recovers-once", violates="transactions/ids/recovers-its-epoch")
class RecoversOnce(InitRules):
    """A producer that repeats how it recovered its epoch is fenced."""

    @override
    def next_epochs(self, metadata: TransactionMetadata, expected_epoch: int | None) -> tuple[int, int] | None:
        if expected_epoch is not None and expected_epoch != metadata.producer_epoch:
            return None
        return super().next_epochs(metadata, expected_epoch)


@mutant("transactions/anybody-recovers", violates="transactions/ids/recovering-is-fenced")
class AnybodyRecovers(InitRules):
    """Whatever epoch a producer says that it has, it gets the next one."""

    @override
    def next_epochs(self, metadata: TransactionMetadata, expected_epoch: int | None) -> tuple[int, int] | None:
        return super().next_epochs(metadata, None)


@mutant("transactions/any-timeout", violates="transactions/ids/timeout-limits")
class AnyTimeout(InitRules):
    """A transaction may take as long as its producer wants."""

    @override
    def timeout_error(self, timeout_ms: int, settings: TransactionSettings) -> ErrorCode:
        return ErrorCode.NONE if timeout_ms > 0 else ErrorCode.INVALID_TRANSACTION_TIMEOUT


@mutant("transactions/empty-ids-taken", violates="transactions/ids/empty-transactional-id")
class EmptyIdsTaken(InitProducerIdRules):
    """A transactional id may be empty."""

    @override
    def check(self, request: InitProducerIdRequest) -> ErrorCode:
        return ErrorCode.NONE if request.transactional_id == "" else super().check(request)


@mutant("transactions/old-clients-find-nobody", violates="transactions/ids/find-coordinator")
class OldClientsFindNobody(FindCoordinatorRules):
    """Before version 4 no coordinator of transactions is found."""

    @override
    def find_transaction_coordinator(self, ctx: Context, transactional_id: str) -> Found:
        if ctx.api_version < 4:
            return Found(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return super().find_transaction_coordinator(ctx, transactional_id)


@mutant("transactions/newcomer-leaves-it-open", violates="transactions/fencing/newcomer-aborts-what-is-open")
class NewcomerLeavesItOpen(InitRules):
    """A newcomer gets its epoch at once, and the transaction of its predecessor is never ended."""

    @override
    def must_abort_first(self, metadata: TransactionMetadata) -> bool:
        return False


@mutant("transactions/zombies-end", violates="transactions/fencing/end")
class ZombiesEnd(EndRules):
    """Whoever knows the producer id ends the transaction, whatever epoch it has."""

    @override
    def judge(self, metadata: TransactionMetadata, request: EndRequest, *, is_pending: bool) -> Ended | None:
        current = Producer(request.producer.producer_id, metadata.producer_epoch)
        return super().judge(metadata, request._replace(producer=current), is_pending=is_pending)


@mutant("transactions/adds-fence-alike", violates="transactions/fencing/add-partitions")
class AddsFenceAlike(AddPartitionsToTxnRules):
    """AddPartitionsToTxn answers a producer of an earlier epoch as if it named another producer id."""

    @override
    def told_error(self, error: ErrorCode, version: int) -> ErrorCode:
        if error is ErrorCode.PRODUCER_FENCED:
            return ErrorCode.INVALID_PRODUCER_ID_MAPPING
        return super().told_error(error, version)


@mutant("transactions/new-words-for-old-clients", violates="transactions/fencing/add-offsets")
class NewWordsForOldClients(AddOffsetsToTxnRules):
    """AddOffsetsToTxn answers PRODUCER_FENCED to clients that do not know it."""

    @override
    def told_error(self, error: ErrorCode, version: int) -> ErrorCode:
        return error


@mutant("transactions/strangers-are-fenced", violates="transactions/fencing/unknown-producer")
class StrangersAreFenced(AddRules):
    """Another producer id than that of the transactional id is answered as an earlier epoch is."""

    @override
    def producer_error(self, metadata: TransactionMetadata, producer: Producer) -> ErrorCode:
        error = super().producer_error(metadata, producer)
        return ErrorCode.PRODUCER_FENCED if error else error


# How a transaction ends


@mutant("transactions/ends-once", violates="transactions/ending/repeat")
class EndsOnce(EndRules):
    """An end that is repeated is taken for a second one, and refused."""

    @override
    def judge(self, metadata: TransactionMetadata, request: EndRequest, *, is_pending: bool) -> Ended | None:
        ended = super().judge(metadata, request, is_pending=is_pending)
        return Ended(ErrorCode.INVALID_TXN_STATE) if ended == Ended(ErrorCode.NONE) else ended


@mutant("transactions/agrees-with-both", violates="transactions/ending/other-decision")
class AgreesWithBoth(EndRules):
    """The other decision than the one that was taken is acknowledged, too."""

    @override
    def judge(self, metadata: TransactionMetadata, request: EndRequest, *, is_pending: bool) -> Ended | None:
        ended = super().judge(metadata, request, is_pending=is_pending)
        is_complete = metadata.state in (TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT)
        return Ended(ErrorCode.NONE) if is_complete and ended == Ended(ErrorCode.INVALID_TXN_STATE) else ended


@mutant("transactions/commits-nothing", violates="transactions/ending/nothing-to-commit")
class CommitsNothing(EndRules):
    """A transaction to which nothing was added can be committed."""

    @override
    def judge(self, metadata: TransactionMetadata, request: EndRequest, *, is_pending: bool) -> Ended | None:
        ended = super().judge(metadata, request, is_pending=is_pending)
        return None if request.commit and ended == Ended(ErrorCode.INVALID_TXN_STATE) else ended


@mutant("transactions/aborts-nothing", violates="transactions/ending/nothing-to-abort-v1")
class AbortsNothing(EndRules):
    """In the first protocol an abort of nothing is acknowledged."""

    @override
    def judge_v1(self, metadata: TransactionMetadata, request: EndRequest, *, is_pending: bool) -> Ended | None:
        ended = super().judge_v1(metadata, request, is_pending=is_pending)
        is_empty = metadata.state is TransactionState.EMPTY and not request.commit
        return Ended(ErrorCode.NONE) if is_empty and ended == Ended(ErrorCode.INVALID_TXN_STATE) else ended


@mutant("transactions/no-epoch-for-nothing", violates="transactions/ending/nothing-to-abort-v2")
class NoEpochForNothing(EndRules):
    """In the second protocol an abort of nothing is refused."""

    @override
    def judge_v2(self, metadata: TransactionMetadata, request: EndRequest, *, is_pending: bool) -> Ended | None:
        ended = super().judge_v2(metadata, request, is_pending=is_pending)
        is_open = metadata.state is TransactionState.ONGOING
        return Ended(ErrorCode.INVALID_TXN_STATE) if ended is None and not is_open else ended


@mutant("transactions/goes-on-in-its-epoch", violates="transactions/ending/next-epoch")
class GoesOnInItsEpoch(EndRules):
    """In the second protocol a producer keeps its epoch from one transaction to the next."""

    @override
    def bumped_epoch(self, metadata: TransactionMetadata) -> int:
        return metadata.producer_epoch


@mutant("transactions/bumps-for-everybody", violates="transactions/ending/same-epoch")
class BumpsForEverybody(EndTxnRules):
    """A producer of the first protocol loses its epoch with the end of its transaction."""

    @override
    def client_version(self, version: int) -> int:
        return TRANSACTIONS_V2


@mutant("transactions/late-end-hits-the-next", violates="transactions/ending/of-an-earlier-transaction")
class LateEndHitsTheNext(EndRules):
    """An end that comes late ends the producer's next transaction (KAFKA-17754)."""

    @override
    def is_known_epoch(self, metadata: TransactionMetadata, request: EndRequest, *, is_retry: bool) -> bool:
        return request.producer.producer_epoch <= metadata.producer_epoch


# What belongs to a transaction


@mutant("transactions/adds-the-others", violates="transactions/adding/all-or-nothing")
class AddsTheOthers(AddPartitionsToTxnRules):
    """Partitions that do not exist are added like the others."""

    @override
    def partition_errors(self, image: MetadataImage, partitions: frozenset[TopicPartition]) -> Errors:
        return {}


@mutant("transactions/added-twice-is-out", violates="transactions/adding/again")
class AddedTwiceIsOut(AddRules):
    """A partition that is added again is no part of the transaction any more."""

    @override
    def added(self, metadata: TransactionMetadata, request: AddRequest, now_ms: int) -> TransactionMetadata:
        added = super().added(metadata, request, now_ms)
        return added._replace(partitions=metadata.partitions ^ request.partitions)


@mutant("transactions/verifies-everything", violates="transactions/adding/produce-is-verified")
class VerifiesEverything(AddRules):
    """Every partition is said to be part of the transaction."""

    @override
    def is_part(self, metadata: TransactionMetadata, partition: TopicPartition) -> bool:
        return True


# Time


@mutant("transactions/open-for-ever", violates="transactions/timeouts/abort")
class OpenForEver(EndRules):
    """No transaction times out."""

    @override
    def has_timed_out(self, metadata: TransactionMetadata, now_ms: int) -> bool:
        return False


@mutant("transactions/times-out-unfenced", violates="transactions/timeouts/fence")
class TimesOutUnfenced(TransactionShard):
    """A producer whose transaction timed out keeps its epoch and goes on."""

    @override
    def abort(self, transaction: Transaction, now_ms: int, reply: object = None) -> Decision:
        changed = self._prepared(transaction.metadata, 0, now_ms, commit=False)
        return self._change(transaction, changed, reply)


@mutant("transactions/times-out-at-sight", violates="transactions/timeouts/not-before-its-time")
class TimesOutAtSight(EndRules):
    """What is open when the coordinator looks is aborted."""

    @override
    def has_timed_out(self, metadata: TransactionMetadata, now_ms: int) -> bool:
        return metadata.state is TransactionState.ONGOING


# A new coordinator


@mutant("transactions/decisions-forgotten", violates="transactions/durability/decision-is-final")
class DecisionsForgotten(TransactionShard):
    """A coordinator that comes back knows nothing of transactions that were ended."""

    @override
    def prepared(self) -> Iterator[TransactionMetadata]:
        for name, transaction in list(self.transactions.items()):
            if transaction.metadata.state not in (TransactionState.EMPTY, TransactionState.ONGOING):
                del self.transactions[name]
        return iter(())


@mutant("transactions/ids-forgotten", violates="transactions/durability/ids")
class IdsForgotten(TransactionShard):
    """A coordinator that comes back knows no transactional ids."""

    @override
    def prepared(self) -> Iterator[TransactionMetadata]:
        self.transactions.clear()
        return iter(())
