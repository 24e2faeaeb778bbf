"""Defects of the offsets that transactions commit, and of what is told of transactions and producers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_producers import ProducerState
from kafka_conformance.protocol.messages.describe_transactions import TransactionState as DescribedTransaction
from kafka_conformance.protocol.messages.list_transactions import ListTransactionsRequest
from kafka_conformance.protocol.messages.txn_offset_commit import TxnOffsetCommitRequest
from kafka_conformance.reference_broker.apis.describe_producers import DescribeProducersRules
from kafka_conformance.reference_broker.apis.txn_offset_commit import TxnOffsetCommitRules
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.topic_names import CONSUMER_OFFSETS
from kafka_conformance.reference_broker.groups.decision import Decision
from kafka_conformance.reference_broker.groups.offsets.store import NO_PRODUCER_ID, CommittedOffset, OffsetStore
from kafka_conformance.reference_broker.groups.records import OffsetRecord
from kafka_conformance.reference_broker.groups.shard import GroupShard
from kafka_conformance.reference_broker.log.producer_state import ProducerStateEntry, VerificationStateEntry
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.transaction_verification import (
    Support,
    TopicPartition,
    TransactionVerifier,
)
from kafka_conformance.reference_broker.transactions.describing import DescribeRules, TransactionFilter
from kafka_conformance.reference_broker.transactions.markers import MarkerSender, PreparedTransaction
from kafka_conformance.reference_broker.transactions.metadata import TransactionMetadata
from kafka_conformance.reference_broker.transactions.shard import TransactionShard

# Offsets


@mutant("transactions/offsets-dropped", violates="transactions/offsets/commit-shows-all")
class OffsetsDropped(OffsetStore):
    """The offsets of a transaction are dropped with its end, whatever that is."""

    @override
    def end_transaction(self, producer_id: int, *, commit: bool) -> None:
        super().end_transaction(producer_id, commit=False)


@mutant("transactions/offsets-at-once", violates="transactions/offsets/open-are-invisible")
class OffsetsAtOnce(OffsetStore):
    """Offsets of a transaction count before it is committed."""

    @override
    def apply(self, record: OffsetRecord, record_offset: int, producer_id: int = NO_PRODUCER_ID) -> None:
        super().apply(record, record_offset)


@mutant("transactions/offsets-kept", violates="transactions/offsets/abort-shows-none")
class OffsetsKept(OffsetStore):
    """The offsets of a transaction are kept with its end, whatever that is."""

    @override
    def end_transaction(self, producer_id: int, *, commit: bool) -> None:
        super().end_transaction(producer_id, commit=True)


@mutant("transactions/offsets-unmarked", violates="transactions/offsets/with-records")
class OffsetsUnmarked(MarkerSender):
    """The end of a transaction is told to the partitions of its records alone."""

    @override
    def recipients(self, prepared: PreparedTransaction) -> frozenset[tuple[str, int]]:
        return frozenset(each for each in prepared.partitions if each[0] != CONSUMER_OFFSETS)


@mutant("transactions/one-group-marked", violates="transactions/offsets/several-groups")
class OneGroupMarked(MarkerSender):
    """Of the groups of a transaction one is told how it ended."""

    @override
    def recipients(self, prepared: PreparedTransaction) -> frozenset[tuple[str, int]]:
        groups = sorted(each for each in prepared.partitions if each[0] == CONSUMER_OFFSETS)
        return prepared.partitions - frozenset(groups[1:])


@mutant("transactions/first-offset-wins", violates="transactions/offsets/last-wins")
class FirstOffsetWins(OffsetStore):
    """Of several offsets of a partition in one transaction the first one counts."""

    @override
    def apply(self, record: OffsetRecord, record_offset: int, producer_id: int = NO_PRODUCER_ID) -> None:
        key = record.key
        if (key.group, key.topic, key.partition) not in self._transactions.get(producer_id, {}):
            super().apply(record, record_offset, producer_id)


@mutant("transactions/commit-undoes-later-ones", violates="transactions/offsets/later-commit-wins")
class CommitUndoesLaterOnes(OffsetStore):
    """The offsets of a transaction count from its marker on, and undo what was committed meanwhile."""

    @override
    def supersedes(self, new: CommittedOffset, old: CommittedOffset | None) -> bool:
        return True


@mutant("transactions/always-stable", violates="transactions/offsets/unstable")
class AlwaysStable(OffsetStore):
    """A fetch of stable offsets does not wait for open transactions."""

    @override
    def is_unstable(self, group_id: str, topic: str, partition: int) -> bool:
        return False


@mutant("transactions/groups-added-by-the-way", violates="transactions/offsets/group-is-verified")
class GroupsAddedByTheWay(TransactionVerifier):
    """TxnOffsetCommit adds its group to the transaction, in whatever version it comes."""

    @override
    def offsets_support(self, version: int) -> Support:
        return Support.ADDS_PARTITIONS


@mutant("transactions/any-generation", violates="transactions/offsets/generation-is-verified")
class AnyGeneration(GroupShard):
    """A transaction commits offsets for whoever asks, member or not."""

    @override
    def txn_commit_error(self, request: TxnOffsetCommitRequest) -> ErrorCode:
        return ErrorCode.NONE


@mutant("transactions/zombies-keep-offsets", violates="transactions/offsets/fenced")
class ZombiesKeepOffsets(TransactionVerifier):
    """A producer of an earlier epoch is told that it may try TxnOffsetCommit again."""

    @override
    async def verify_offsets(
        self, partition: TopicPartition, transactional_id: str, producer_id: int, producer_epoch: int, version: int
    ) -> ErrorCode | VerificationStateEntry | None:
        found = await super().verify_offsets(partition, transactional_id, producer_id, producer_epoch, version)
        return ErrorCode.PRODUCER_FENCED if found is ErrorCode.INVALID_PRODUCER_EPOCH else found


@mutant("transactions/offsets-of-nothing", violates="transactions/offsets/unknown-partition")
class OffsetsOfNothing(TxnOffsetCommitRules):
    """Offsets of partitions that do not exist are committed, too."""

    @override
    def check_partition(self, image: MetadataImage, topic: str, partition: int) -> ErrorCode:
        return ErrorCode.NONE


@mutant("transactions/late-offsets-pending", violates="transactions/timeouts/offsets")
class LateOffsetsPending(MarkerSender):
    """Groups are not told of transactions that are aborted, and their offsets stay pending."""

    @override
    def recipients(self, prepared: PreparedTransaction) -> frozenset[tuple[str, int]]:
        kept = prepared.partitions if prepared.commit else ()
        return frozenset(each for each in prepared.partitions if each[0] != CONSUMER_OFFSETS) | frozenset(kept)


@mutant("transactions/pending-ones-kept", violates="transactions/durability/offsets")
class PendingOnesKept(GroupShard):
    """A group coordinator that comes back takes the offsets of open transactions for committed."""

    @override
    def loaded(self, now_ms: int) -> Iterator[Decision]:
        for offsets in (self.offsets, self.committed.offsets):
            for producer_id in list(offsets._transactions):
                offsets.end_transaction(producer_id, commit=True)
        return super().loaded(now_ms)


# What is told


@mutant("transactions/describes-one-partition", violates="transactions/looking/open-transaction")
class DescribesOnePartition(DescribeRules):
    """Of the partitions of a transaction one is described."""

    @override
    def describe(self, metadata: TransactionMetadata, partitions: Collection[tuple[str, int]]) -> DescribedTransaction:
        return super().describe(metadata, sorted(partitions)[:1])


@mutant("transactions/ended-is-empty", violates="transactions/looking/ended-transaction")
class EndedIsEmpty(DescribeRules):
    """A transactional id is described as Empty when its transaction has ended."""

    @override
    def describe(self, metadata: TransactionMetadata, partitions: Collection[tuple[str, int]]) -> DescribedTransaction:
        described = super().describe(metadata, partitions)
        if described.transaction_state.startswith("Complete"):
            described.transaction_state = "Empty"
        return described


@mutant("transactions/unknown-ids-are-empty", violates="transactions/looking/unknown-transactional-id")
class UnknownIdsAreEmpty(TransactionShard):
    """A transactional id that nobody has is described as Empty."""

    @override
    def describe(self, transactional_id: str) -> DescribedTransaction:
        if transactional_id not in self.transactions:
            return DescribedTransaction(transactional_id=transactional_id, transaction_state="Empty")
        return super().describe(transactional_id)


@mutant("transactions/lists-any-producer", violates="transactions/looking/list")
class ListsAnyProducer(DescribeRules):
    """ListTransactions does not look at producer ids."""

    @override
    def is_listed(self, metadata: TransactionMetadata, wanted: TransactionFilter) -> bool:
        wanted.request.producer_id_filters = []
        return super().is_listed(metadata, wanted)


@mutant("transactions/knows-every-state", violates="transactions/looking/unknown-state-filters")
class KnowsEveryState(DescribeRules):
    """States that do not exist are not named."""

    @override
    def unknown_states(self, request: ListTransactionsRequest) -> list[str]:
        return []


@mutant("transactions/lists-young-ones", violates="transactions/looking/duration-filter")
class ListsYoungOnes(DescribeRules):
    """ListTransactions does not look how long a transaction has been open."""

    @override
    def is_old_enough(self, metadata: TransactionMetadata, duration_ms: int, now_ms: int) -> bool:
        return True


@mutant("transactions/matches-a-part", violates="transactions/looking/pattern-filter")
class MatchesAPart(DescribeRules):
    """A transactional id is listed if a part of it matches the pattern."""

    @override
    def is_listed(self, metadata: TransactionMetadata, wanted: TransactionFilter) -> bool:
        matches = wanted.pattern is None or wanted.pattern.search(metadata.transactional_id) is not None
        return matches and super().is_listed(metadata, wanted._replace(pattern=None))


@mutant("transactions/no-open-ones-seen", violates="transactions/looking/producers")
class NoOpenOnesSeen(DescribeProducersRules):
    """No producer is said to have a transaction open."""

    @override
    def describe(self, producer: ProducerStateEntry) -> ProducerState:
        described = super().describe(producer)
        described.current_txn_start_offset = -1
        return described


@mutant("transactions/missing-partitions-elsewhere", violates="transactions/looking/producers-of-unknown-partitions")
class MissingPartitionsElsewhere(DescribeProducersRules):
    """A partition that does not exist is said to be led by another broker."""

    @override
    def check_partition(self, image: MetadataImage, name: str, index: int) -> tuple[ErrorCode, str | None]:
        error, message = super().check_partition(image, name, index)
        return (ErrorCode.NOT_LEADER_OR_FOLLOWER if error else error), message
