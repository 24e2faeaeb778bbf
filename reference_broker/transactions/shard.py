"""The state machine of one partition of __transaction_state: its transactional ids.

Pure: no loop, log or network. Every operation returns a Decision; `apply` alone takes over records, once they are
replicated, for a request as for a replay. What is lost with the coordinator is beside it: that a change is under way,
and which markers have been written.
Source: TransactionCoordinator, TransactionStateManager
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_transactions import TransactionState as DescribedTransaction
from kafka_conformance.protocol.messages.list_transactions import TransactionState as ListedTransaction
from kafka_conformance.reference_broker.transactions.decision import (
    AddRequest,
    Decision,
    EndRequest,
    InitRequest,
    Producer,
    ProducerAnswer,
)
from kafka_conformance.reference_broker.transactions.describing import TransactionFilter
from kafka_conformance.reference_broker.transactions.metadata import (
    TRANSACTIONS_V2,
    TopicPartition,
    TransactionMetadata,
)
from kafka_conformance.reference_broker.transactions.records import TransactionRecord
from kafka_conformance.reference_broker.transactions.settings import TransactionSettings

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.transactions.parts import TransactionParts


class Transaction:
    """A transactional id, and what is lost with its coordinator."""

    __slots__ = ("in_flight", "metadata", "unmarked")

    def __init__(self, metadata: TransactionMetadata) -> None:
        self.metadata = metadata
        self.in_flight = False
        """Whether a record that changes it has been appended and is not replicated yet."""
        self.unmarked = set(metadata.partitions)
        """The partitions whose markers have not been acknowledged, once the transaction is prepared."""

    @property
    def is_pending(self) -> bool:
        """Whether a change is under way: while markers are written the completion is."""
        return self.in_flight or self.metadata.state.is_prepared


class TransactionShard:
    """The transactional ids of one partition."""

    def __init__(
        self, parts: TransactionParts, settings: TransactionSettings, new_producer_id: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._new_producer_id = new_producer_id
        self._init = parts.init_rules()
        self._add = parts.add_rules()
        self._end = parts.end_rules()
        self._describe = parts.describe_rules()
        self.transactions: dict[str, Transaction] = {}

    # The log

    def apply(self, record: TransactionRecord) -> None:
        """Take over a record of the log."""
        if record.metadata is None:
            self.transactions.pop(record.transactional_id, None)
        else:
            self.transactions[record.transactional_id] = Transaction(record.metadata)

    def refused(self, records: Iterable[TransactionRecord]) -> None:
        """These records did not come into the log."""
        for record in records:
            transaction = self.transactions.get(record.transactional_id)
            if transaction is not None:
                transaction.in_flight = False

    def _change(self, transaction: Transaction, changed: TransactionMetadata | None, reply: object) -> Decision:
        transaction.in_flight = True
        current = transaction.metadata
        timeout_ms = current.timeout_ms if changed is None else changed.timeout_ms
        return Decision(reply, (TransactionRecord(current.transactional_id, changed),), timeout_ms)

    # Requests

    def init_producer_id(self, request: InitRequest, now_ms: int) -> Decision:
        """InitProducerId; answers a ProducerAnswer."""
        transaction = self.transactions.get(request.transactional_id)
        if transaction is None:
            transaction = Transaction(self._created(request, now_ms))
            self.transactions[request.transactional_id] = transaction
        if transaction.is_pending:
            return Decision(ProducerAnswer(ErrorCode.CONCURRENT_TRANSACTIONS))
        metadata, expected = transaction.metadata, request.expected
        if expected is not None and not self._init.is_owner(metadata, expected):
            return Decision(ProducerAnswer(ErrorCode.PRODUCER_FENCED))
        if self._init.must_abort_first(metadata):
            return self.abort(transaction, now_ms, ProducerAnswer(ErrorCode.CONCURRENT_TRANSACTIONS))
        changed = self._init.initialised(metadata, request.timeout_ms, expected, now_ms, self._new_producer_id)
        if isinstance(changed, ErrorCode):
            return Decision(ProducerAnswer(changed))
        return self._change(transaction, changed, _producer_of(changed))

    def _created(self, request: InitRequest, now_ms: int) -> TransactionMetadata:
        return TransactionMetadata(
            request.transactional_id, self._new_producer_id(), timeout_ms=request.timeout_ms, last_update_ms=now_ms
        )

    def add_partitions(self, request: AddRequest, now_ms: int) -> Decision:
        """AddPartitionsToTxn and AddOffsetsToTxn; answers an ErrorCode."""
        transaction = self.transactions.get(request.transactional_id)
        if transaction is None:
            return Decision(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        metadata = transaction.metadata
        error = self._add.add_error(metadata, request.producer, is_pending=transaction.is_pending)
        if error is not ErrorCode.NONE or self._add.adds_nothing(metadata, request.partitions):
            return Decision(error)
        return self._change(transaction, self._add.added(metadata, request, now_ms), ErrorCode.NONE)

    def verify_partitions(self, request: AddRequest) -> dict[TopicPartition, ErrorCode]:
        """AddPartitionsToTxn that only asks: whether each partition belongs to the transaction."""
        transaction = self.transactions.get(request.transactional_id)
        if transaction is None:
            return dict.fromkeys(request.partitions, ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        metadata = transaction.metadata
        error = self._add.verify_error(metadata, request.producer)
        if error is not ErrorCode.NONE:
            return dict.fromkeys(request.partitions, error)
        return {
            partition: ErrorCode.NONE if self._add.is_part(metadata, partition) else ErrorCode.TRANSACTION_ABORTABLE
            for partition in request.partitions
        }

    def end(self, request: EndRequest, now_ms: int) -> Decision:
        """EndTxn; answers a ProducerAnswer as soon as it is decided how the transaction ends: the markers follow."""
        transaction = self.transactions.get(request.transactional_id)
        if transaction is None:
            return Decision(ProducerAnswer(ErrorCode.INVALID_PRODUCER_ID_MAPPING))
        metadata = transaction.metadata
        tells_producer = request.client_version >= TRANSACTIONS_V2
        ended = self._end.judge(metadata, request, is_pending=transaction.is_pending)
        if ended is not None:
            is_retry = tells_producer and ended.error is ErrorCode.NONE
            return Decision(_producer_of(metadata) if is_retry else ProducerAnswer(ended.error))
        changed = self._prepared(metadata, request.client_version, now_ms, commit=request.commit)
        reply = _producer_of(changed.completed(now_ms)) if tells_producer else ProducerAnswer(ErrorCode.NONE)
        return self._change(transaction, changed, reply)

    def _prepared(
        self, metadata: TransactionMetadata, client_version: int, now_ms: int, *, commit: bool
    ) -> TransactionMetadata:
        return self._end.prepared(
            metadata,
            commit=commit,
            client_version=client_version,
            now_ms=now_ms,
            new_producer_id=self._new_producer_id,
        )

    def abort(self, transaction: Transaction, now_ms: int, reply: object = None) -> Decision:
        """The coordinator aborts, by the protocol of its own version, which bumps the epoch: its producer is fenced."""
        changed = self._prepared(transaction.metadata, TRANSACTIONS_V2, now_ms, commit=False)
        return self._change(transaction, changed, reply)

    # Markers

    def prepared(self) -> Iterator[TransactionMetadata]:
        """What a new coordinator finds prepared: it writes all markers, for nobody knows which there are already."""
        return (each.metadata for each in self.transactions.values() if each.metadata.state.is_prepared)

    def marked(self, transactional_id: str, partitions: Iterable[TopicPartition]) -> None:
        """Markers have been written, or are not needed any more."""
        self.transactions[transactional_id].unmarked.difference_update(partitions)

    def complete(self, transactional_id: str, now_ms: int) -> Decision:
        """All markers are written."""
        transaction = self.transactions[transactional_id]
        return self._change(transaction, transaction.metadata.completed(now_ms), None)

    # Time

    def abort_timed_out(self, now_ms: int) -> Iterator[Decision]:
        """Abort what is open for too long (transaction.abort.timed.out.transaction.cleanup.interval.ms)."""
        for transaction in list(self.transactions.values()):
            if not transaction.is_pending and self._end.has_timed_out(transaction.metadata, now_ms):
                yield self.abort(transaction, now_ms)

    def remove_expired(self, now_ms: int) -> Decision:
        """Forget the ids that nobody has used (transactional.id.expiration.ms)."""
        expired = [each for each in self.transactions.values() if not each.in_flight and self.is_expired(each, now_ms)]
        for transaction in expired:
            transaction.in_flight = True
        return Decision(records=tuple(TransactionRecord(each.metadata.transactional_id, None) for each in expired))

    def is_expired(self, transaction: Transaction, now_ms: int) -> bool:
        """Whether an id has been idle for too long; one with a transaction never is."""
        metadata = transaction.metadata
        idle_ms = now_ms - metadata.last_update_ms
        return metadata.state.may_expire and idle_ms >= self._settings.transactional_id_expiration_ms

    # Reads

    def describe(self, transactional_id: str) -> DescribedTransaction:
        """DescribeTransactions of one id."""
        transaction = self.transactions.get(transactional_id)
        if transaction is None:
            return DescribedTransaction(
                transactional_id=transactional_id, error_code=ErrorCode.TRANSACTIONAL_ID_NOT_FOUND
            )
        metadata = transaction.metadata
        partitions = transaction.unmarked if metadata.state.is_prepared else metadata.partitions
        return self._describe.describe(metadata, partitions)

    def list_transactions(self, wanted: TransactionFilter) -> list[ListedTransaction]:
        """ListTransactions, for the ids of this partition."""
        return [
            ListedTransaction(
                transactional_id=metadata.transactional_id,
                producer_id=metadata.producer_id,
                transaction_state=metadata.state.shown,
            )
            for metadata in (each.metadata for each in self.transactions.values())
            if self._describe.is_listed(metadata, wanted)
        ]


def _producer_of(metadata: TransactionMetadata) -> ProducerAnswer:
    return ProducerAnswer(ErrorCode.NONE, Producer(metadata.producer_id, metadata.producer_epoch))
