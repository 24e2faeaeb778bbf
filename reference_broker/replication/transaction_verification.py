"""Before the first batch of a transaction is appended, the coordinator is asked whether the partition belongs to the
transaction; from Produce v12 and TxnOffsetCommit v5 on, it is asked to add it.

Kafka collects what it asks of one coordinator into one request at a time; here each goes at once.
Source: KIP-890; ReplicaManager.handleProduceAppend, maybeSendPartitionsToTransactionCoordinator;
        AddPartitionsToTxnManager
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.cluster.peers import PeerError
from kafka_conformance.reference_broker.controller.topic_names import TRANSACTION_STATE
from kafka_conformance.reference_broker.log.outcome import Refusal
from kafka_conformance.reference_broker.log.producer_state import VerificationStateEntry
from kafka_conformance.reference_broker.replication.appending import Entry, refuse

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.add_partitions_to_txn import (
        AddPartitionsToTxnResponse,
        AddPartitionsToTxnTopic,
        AddPartitionsToTxnTransaction,
    )
    from kafka_conformance.reference_broker.cluster.broker import Broker

BATCHED_VERSION = 5
TopicPartition = tuple[str, int]

_RETRIABLE = frozenset(
    {
        ErrorCode.NETWORK_EXCEPTION,
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.NOT_COORDINATOR,
    }
)
_NOT_VERIFIED = "Unable to verify the partition has been added to the transaction."


class Support(Enum):
    """What the sender of a request understands (TransactionSupportedOperation)."""

    OLD_ERRORS = "old errors"
    ABORTABLE_ERRORS = "abortable errors"
    """TRANSACTION_ABORTABLE."""
    ADDS_PARTITIONS = "adds partitions"
    """Transactions v2: the partition is added by the way."""


class WrittenTo(NamedTuple):
    """A partition that a transaction is about to write to, with the sequence of its first record."""

    topic: str
    partition: int
    base_sequence: int

    @property
    def key(self) -> TopicPartition:
        """The partition alone."""
        return self.topic, self.partition


class Verified(NamedTuple):
    """Which partitions may not be written to, and the guards of those that may."""

    errors: Mapping[TopicPartition, ErrorCode]
    guards: Mapping[TopicPartition, VerificationStateEntry]


class TransactionVerifier:
    """Asks for one broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    # Produce

    def must_verify(self, entry: Entry) -> bool:
        """Whether a batch belongs to a transaction."""
        return entry.header.is_transactional and entry.header.has_producer_id

    def produce_support(self, version: int) -> Support:
        """What the sender of a Produce request understands."""
        if version >= 12:
            return Support.ADDS_PARTITIONS
        return Support.ABORTABLE_ERRORS if version == 11 else Support.OLD_ERRORS

    def verify(
        self, entries: list[Entry], transactional_id: str | None, version: int
    ) -> Awaitable[list[Entry]] | list[Entry]:
        """Return the entries that may be appended, with their guards; the others' answers say why not."""
        transactional = [entry for entry in entries if self.must_verify(entry)]
        if not transactional:
            return entries
        first = transactional[0].header
        if any(entry.header.producer_id != first.producer_id for entry in transactional):
            for entry in entries:
                refuse(entry.answer, Refusal(ErrorCode.INVALID_PRODUCER_ID_MAPPING, "several producers"))
            return []
        wanted = [WrittenTo(each.topic, each.partition, each.header.base_sequence) for each in transactional]
        support = self.produce_support(version)
        verifying = self._begin(wanted, transactional_id, first.producer_id, first.producer_epoch, support)
        if isinstance(verifying, Verified):
            return self._allowed(entries, verifying, support)
        return self._allowed_later(entries, verifying, support)

    async def _allowed_later(
        self, entries: list[Entry], verifying: Awaitable[Verified], support: Support
    ) -> list[Entry]:
        return self._allowed(entries, await verifying, support)

    def _allowed(self, entries: list[Entry], verified: Verified, support: Support) -> list[Entry]:
        allowed = []
        for entry in entries:
            key = entry.topic, entry.partition
            error = verified.errors.get(key, ErrorCode.NONE) if self.must_verify(entry) else ErrorCode.NONE
            if error is not ErrorCode.NONE:
                refuse(entry.answer, self.produce_refusal(error, support))
            else:
                guard = verified.guards.get(key)
                allowed.append(entry if guard is None else entry._replace(guard=guard))
        return allowed

    def produce_refusal(self, error: ErrorCode, support: Support) -> Refusal:
        """What a producer is told: what it may not know how to retry becomes NOT_ENOUGH_REPLICAS."""
        unknown = _RETRIABLE if support is Support.ADDS_PARTITIONS else _RETRIABLE | {ErrorCode.CONCURRENT_TRANSACTIONS}
        if error in unknown:
            message = (
                f"Unable to verify the partition has been added to the transaction. Underlying error: {error.name}"
            )
            return Refusal(ErrorCode.NOT_ENOUGH_REPLICAS, "not verified", message=message)
        if error is ErrorCode.INVALID_TXN_STATE:
            return Refusal(error, "not verified", message="Partition was not added to the transaction")
        return Refusal(error, "not verified")

    # TxnOffsetCommit

    def offsets_support(self, version: int) -> Support:
        """What the sender of a TxnOffsetCommit request understands."""
        if version >= 5:
            return Support.ADDS_PARTITIONS
        return Support.ABORTABLE_ERRORS if version == 4 else Support.OLD_ERRORS

    async def verify_offsets(
        self, partition: TopicPartition, transactional_id: str, producer_id: int, producer_epoch: int, version: int
    ) -> ErrorCode | VerificationStateEntry | None:
        """Whether a transaction may commit offsets in a partition of __consumer_offsets, and with which guard."""
        wanted = [WrittenTo(*partition, base_sequence=-1)]
        verified = self._begin(
            wanted, transactional_id, producer_id, producer_epoch, self.offsets_support(version), may_wait=False
        )
        found = verified if isinstance(verified, Verified) else await verified
        return found.errors.get(partition) or found.guards.get(partition)

    # Both

    def is_needed(self, support: Support) -> bool:
        """Whether anybody is asked; who adds partitions by the way must."""
        if support is Support.ADDS_PARTITIONS:
            return True
        return self._broker.config.bool("transaction.partition.verification.enable")

    def _begin(
        self,
        wanted: list[WrittenTo],
        transactional_id: str | None,
        producer_id: int,
        producer_epoch: int,
        support: Support,
        *,
        may_wait: bool = True,
    ) -> Verified | Awaitable[Verified]:
        """Ask the coordinator for the partitions where the transaction is not open yet."""
        if transactional_id is None or not self.is_needed(support):
            return Verified({}, {})
        begun = self._guards(wanted, producer_id, producer_epoch, support)
        if not begun.guards:
            return begun
        # Imported with the first transaction: a broker must start fast.
        from kafka_conformance.protocol.messages.add_partitions_to_txn import AddPartitionsToTxnTransaction

        transaction = AddPartitionsToTxnTransaction(
            transactional_id=transactional_id,
            producer_id=producer_id,
            producer_epoch=producer_epoch,
            verify_only=support is not Support.ADDS_PARTITIONS,
            topics=_by_topic(begun.guards),
        )
        if support is Support.ADDS_PARTITIONS and may_wait:
            return self._ask_patiently(
                transaction, lambda: self._guards(wanted, producer_id, producer_epoch, support), begun
            )
        return self._ask(transaction, begun, support)

    def _guards(self, wanted: list[WrittenTo], producer_id: int, producer_epoch: int, support: Support) -> Verified:
        errors: dict[TopicPartition, ErrorCode] = {}
        guards: dict[TopicPartition, VerificationStateEntry] = {}
        for each in wanted:
            partition = self._broker.find_partition(*each.key)
            if isinstance(partition, ErrorCode):
                errors[each.key] = partition
                continue
            if not partition.is_leader:
                errors[each.key] = ErrorCode.NOT_LEADER_OR_FOLLOWER
                continue
            guard = partition.log.start_verification(
                producer_id,
                each.base_sequence,
                producer_epoch,
                self._broker.env.clock.now_ms(),
                supports_epoch_bump=support is Support.ADDS_PARTITIONS,
            )
            if isinstance(guard, Refusal):
                errors[each.key] = guard.error
            elif guard is not None:
                guards[each.key] = guard
        return Verified(errors, guards)

    async def _ask_patiently(
        self, transaction: AddPartitionsToTxnTransaction, begin_again: Callable[[], Verified], begun: Verified
    ) -> Verified:
        """As long as the last transaction is not complete, ask again: a producer would wait longer than that."""
        config, clock = self._broker.config, self._broker.env.clock
        limit_ms = min(config.int("add.partitions.to.txn.retry.backoff.max.ms"), config.int("request.timeout.ms"))
        started_s = clock.monotonic()
        while True:
            verified = await self._ask(transaction, begun, Support.ADDS_PARTITIONS)
            waited_ms = (clock.monotonic() - started_s) * 1000
            if waited_ms >= limit_ms or ErrorCode.CONCURRENT_TRANSACTIONS not in verified.errors.values():
                return verified
            await asyncio.sleep(config.int("add.partitions.to.txn.retry.backoff.ms") / 1000)
            begun = begin_again()
            if not begun.guards:
                return begun
            transaction.topics = _by_topic(begun.guards)

    async def _ask(self, transaction: AddPartitionsToTxnTransaction, begun: Verified, support: Support) -> Verified:
        coordinator = self._coordinator(transaction.transactional_id)
        if coordinator is None:
            return _all_refused(begun, ErrorCode.COORDINATOR_NOT_AVAILABLE)
        from kafka_conformance.protocol.messages.add_partitions_to_txn import AddPartitionsToTxnRequest

        request = AddPartitionsToTxnRequest(transactions=[transaction])
        try:
            answer: AddPartitionsToTxnResponse = await self._broker.peers.ask(coordinator, request, BATCHED_VERSION)
        except PeerError:
            return _all_refused(begun, ErrorCode.NETWORK_EXCEPTION)
        if answer.error_code != ErrorCode.NONE:
            return _all_refused(begun, ErrorCode(answer.error_code))
        errors = {
            (topic.name, result.partition_index): self.told_error(ErrorCode(result.partition_error_code), support)
            for found in answer.results_by_transaction
            for topic in found.topic_results
            for result in topic.results_by_partition
            if result.partition_error_code != ErrorCode.NONE
        }
        return Verified({**begun.errors, **errors}, begun.guards)

    def told_error(self, error: ErrorCode, support: Support) -> ErrorCode:
        """What becomes of the coordinator's error: whoever writes knows another word for it."""
        if error is ErrorCode.PRODUCER_FENCED:
            return ErrorCode.INVALID_PRODUCER_EPOCH
        if error is ErrorCode.TRANSACTION_ABORTABLE and support is Support.OLD_ERRORS:
            return ErrorCode.INVALID_TXN_STATE
        return error

    def _coordinator(self, transactional_id: str) -> int | None:
        broker = self._broker
        if TRANSACTION_STATE not in broker.image.topics:
            return None
        state = broker.image.partition(TRANSACTION_STATE, broker.transactions.partition_for(transactional_id))
        leader = None if state is None else broker.metadata.alive_broker(state.leader)
        return None if leader is None else leader.node_id


def _all_refused(begun: Verified, error: ErrorCode) -> Verified:
    return Verified({**begun.errors, **dict.fromkeys(begun.guards, error)}, {})


def _by_topic(partitions: Iterable[TopicPartition]) -> list[AddPartitionsToTxnTopic]:
    from kafka_conformance.protocol.messages.add_partitions_to_txn import AddPartitionsToTxnTopic

    topics: dict[str, AddPartitionsToTxnTopic] = {}
    for topic, partition in partitions:
        topics.setdefault(topic, AddPartitionsToTxnTopic(name=topic, partitions=[])).partitions.append(partition)
    return list(topics.values())
