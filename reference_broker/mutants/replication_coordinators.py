"""Defects of coordinators that take over from others."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.apis.init_producer_id import InitProducerIdRules
from kafka_conformance.reference_broker.groups.decision import Decision
from kafka_conformance.reference_broker.groups.offsets.store import CommittedOffset, OffsetStore
from kafka_conformance.reference_broker.groups.shard import GroupShard
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.transactions.metadata import TransactionMetadata
from kafka_conformance.reference_broker.transactions.shard import TransactionShard
from kafka_conformance.reference_broker.transactions.states import TransactionState

LONGEST_MS = 2**31 - 1


@mutant("replication/coordinates-without-members", violates="replication/coordinators/members-stay")
class CoordinatesWithoutMembers(GroupShard):
    """A coordinator that takes over groups begins them without members."""

    @override
    def loaded(self, now_ms: int) -> Iterator[Decision]:
        self.groups.clear()
        return super().loaded(now_ms)


@mutant("replication/keeps-first-commits", violates="replication/coordinators/last-commit-wins")
class KeepsFirstCommits(OffsetStore):
    """Of the offsets that were committed for a partition the first one stays."""

    @override
    def supersedes(self, new: CommittedOffset, old: CommittedOffset | None) -> bool:
        return old is None


@mutant("replication/coordinates-later", violates="replication/coordinators/others-refuse")
class CoordinatesLater(InitProducerIdRules):
    """A broker that does not coordinate a transactional id says that it will, later."""

    @override
    def told_error(self, error: ErrorCode, version: int) -> ErrorCode:
        told = super().told_error(error, version)
        return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS if told is ErrorCode.NOT_COORDINATOR else told


@mutant("replication/drops-open-transactions", violates="replication/coordinators/open-transactions-go-on")
class DropsOpenTransactions(TransactionShard):
    """A coordinator that takes over does not know which transactions are open."""

    @override
    def prepared(self) -> Iterator[TransactionMetadata]:
        for name, transaction in list(self.transactions.items()):
            if transaction.metadata.state is TransactionState.ONGOING:
                del self.transactions[name]
        return super().prepared()


@mutant("replication/leaves-decisions", violates="replication/coordinators/decisions-are-carried-out")
class LeavesDecisions(TransactionShard):
    """A coordinator that takes over writes no markers for what was decided before."""

    @override
    def prepared(self) -> Iterator[TransactionMetadata]:
        return iter(())


@mutant("replication/gives-more-time", violates="replication/coordinators/timeouts-go-on")
class GivesMoreTime(TransactionShard):
    """A coordinator that takes over lets open transactions be open for as long as they like."""

    @override
    def prepared(self) -> Iterator[TransactionMetadata]:
        for transaction in self.transactions.values():
            transaction.metadata = transaction.metadata._replace(timeout_ms=LONGEST_MS)
        return super().prepared()


@mutant("replication/has-the-epochs-of-before", violates="replication/coordinators/fencing-stays")
class HasTheEpochsOfBefore(TransactionShard):
    """A coordinator that takes over takes the producer that was replaced for the current one."""

    @override
    def prepared(self) -> Iterator[TransactionMetadata]:
        for transaction in self.transactions.values():
            earlier = max(0, transaction.metadata.producer_epoch - 1)
            transaction.metadata = transaction.metadata._replace(producer_epoch=earlier)
        return super().prepared()
