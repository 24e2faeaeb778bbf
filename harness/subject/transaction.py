"""A transactional producer whose every number is in the case's hands, and the transactions that it begins.

What Kafka's clients wait out (a coordinator that moves, CONCURRENT_TRANSACTIONS while the transaction before is being
completed) the verbs wait out, too; the `..._once` ones send exactly one request and return whatever the answer says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import override

from kafka_conformance.harness.subject.administration import COORDINATOR_NOT_YET
from kafka_conformance.harness.subject.answers import Produced, error_code
from kafka_conformance.harness.subject.producer import IdempotentProducer, init_producer_id
from kafka_conformance.harness.subject.topic import RecordLike, Topic
from kafka_conformance.harness.subject.topic_names import LAST_WITH_NAMES
from kafka_conformance.harness.subject.transaction_requests import (
    TransactionProtocol,
    add_partitions_request,
    added_in,
    offsets_in,
    txn_offset_commit_request,
)
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from kafka_conformance.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.protocol.records import increment_sequence

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster
    from kafka_conformance.harness.subject.group import Group

T = TypeVar("T")

NOT_YET = COORDINATOR_NOT_YET | {ErrorCode.CONCURRENT_TRANSACTIONS}
"""What a coordinator says that a client tries again after."""

_NOT_WRITTEN_YET = NOT_YET | {ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.NOT_LEADER_OR_FOLLOWER}
# What the leader of a partition says while it cannot learn from the coordinator whether the partition was added.


class TransactionalProducer(IdempotentProducer):
    """A transactional id with the producer id and epoch that it got last. `epoch` may be set by the case."""

    def __init__(
        self,
        cluster: Cluster,
        transactional_id: str,
        *,
        timeout_ms: int = 60_000,
        protocol: TransactionProtocol | None = None,
    ) -> None:
        self.cluster = cluster
        self.transactional_id = transactional_id
        self.timeout_ms = timeout_ms
        self.protocol = TransactionProtocol.newest(cluster.versions) if protocol is None else protocol
        self._end_version = self.protocol.version(ApiKey.END_TXN, cluster.versions)
        self._coordinator: int | None = None
        self._open: Transaction | None = None
        self.sequences = {}
        self.init()

    # ids and epochs

    def init(self, *, recover: bool = False) -> InitProducerIdResponse:
        """InitProducerId until it is granted; with the own id and epoch to `recover` (KIP-360). Takes what it gets."""
        known = {"producer_id": self.producer_id, "epoch": self.epoch} if recover else {}
        answer = init_producer_id(self.cluster, self.transactional_id, timeout_ms=self.timeout_ms, **known)
        self.take(answer.producer_id, answer.producer_epoch)
        return answer

    def init_once(
        self, *, producer_id: int = -1, epoch: int = -1, timeout_ms: int | None = None, version: int | None = None
    ) -> InitProducerIdResponse:
        """Exactly one InitProducerId of this transactional id; nothing of the answer is taken."""
        request = InitProducerIdRequest(
            transactional_id=self.transactional_id,
            transaction_timeout_ms=self.timeout_ms if timeout_ms is None else timeout_ms,
            producer_id=producer_id,
            producer_epoch=epoch,
        )
        answer: InitProducerIdResponse = self.ask(request, version)
        return answer

    def take(self, producer_id: int, epoch: int) -> None:
        """Goes on with this id and epoch; in another one every sequence begins at 0 again."""
        if self.sequences and (producer_id, epoch) != (self.producer_id, self.epoch):
            self.sequences.clear()
        self.producer_id, self.epoch = producer_id, epoch

    # the coordinator

    @property
    def coordinator(self) -> int:
        """The node that coordinates the transactional id."""
        if self._coordinator is None:
            self._coordinator = self.cluster.coordinator(self.transactional_id, transactional=True)
        return self._coordinator

    def find_coordinator(self) -> int:
        """Looks for the coordinator again, after a fault."""
        self._coordinator = None
        return self.coordinator

    def ask(self, request: Message, version: int | None = None) -> Any:
        """One request to the coordinator."""
        return self.cluster.send(request, version, node=self.coordinator)

    # transactions

    def begin(self) -> Transaction:
        """A transaction; nothing is sent, as Kafka has no request for it."""
        self._open = Transaction(self)
        return self._open

    def end_once(
        self,
        committed: bool,
        *,
        producer_id: int | None = None,
        epoch: int | None = None,
        version: int | None = None,
    ) -> EndTxnResponse:
        """Exactly one EndTxn; nothing of the answer is taken."""
        request = EndTxnRequest(
            transactional_id=self.transactional_id,
            producer_id=self.producer_id if producer_id is None else producer_id,
            producer_epoch=self.epoch if epoch is None else epoch,
            committed=committed,
        )
        answer: EndTxnResponse = self.ask(request, self._end_version if version is None else version)
        return answer

    def end(self, committed: bool, *, producer_id: int | None = None, epoch: int | None = None) -> EndTxnResponse:
        """EndTxn until it is answered with anything but "not yet"; nothing of the answer is taken."""

        def look() -> EndTxnResponse | None:
            answer = self.end_once(committed, producer_id=producer_id, epoch=epoch)
            return None if error_code(answer.error_code) in NOT_YET else answer

        what = f"{self.transactional_id} can end its transaction"
        answer = self.cluster.settled(look, step="transaction end", what=what)
        assert answer is not None
        return answer

    def add_once(self, partitions: Mapping[str, Sequence[int]], *, version: int | None = None) -> dict[Any, ErrorCode]:
        """Exactly one AddPartitionsToTxn; the error of each partition by (topic name, partition)."""
        request = add_partitions_request(self.transactional_id, self.producer_id, self.epoch, partitions)
        chosen = TransactionProtocol.V1.version(ApiKey.ADD_PARTITIONS_TO_TXN, self.cluster.versions)
        return added_in(self.ask(request, chosen if version is None else version))

    def add_group_once(self, group: Group, *, version: int | None = None) -> ErrorCode:
        """Exactly one AddOffsetsToTxn."""
        request = AddOffsetsToTxnRequest(
            transactional_id=self.transactional_id,
            producer_id=self.producer_id,
            producer_epoch=self.epoch,
            group_id=group.name,
        )
        chosen = TransactionProtocol.V1.version(ApiKey.ADD_OFFSETS_TO_TXN, self.cluster.versions)
        return error_code(self.ask(request, chosen if version is None else version).error_code)

    def commit_offsets_once(
        self, group: Group, topic: Topic, offsets: Mapping[int, int], *, version: int | None = None, **member: Any
    ) -> dict[int, ErrorCode]:
        """Exactly one TxnOffsetCommit; `member` are generation_id, member_id, instance_id. The error by partition."""
        request = txn_offset_commit_request(
            self.transactional_id, self.producer_id, self.epoch, group.name, topic, offsets, **member
        )
        if version is None:
            version = self.protocol.version(ApiKey.TXN_OFFSET_COMMIT, self.cluster.versions)
        return offsets_in(group.connection().send(request, version))

    # writing

    @override
    def batch(self, topic: Topic, records: Sequence[RecordLike], **fields: Any) -> bytes:
        """The batch that `send` would send, transactional unless told; nothing is sent or counted."""
        return super().batch(topic, records, **({"transactional": True} | fields))

    def send_once(
        self,
        topic: Topic,
        records: Sequence[RecordLike],
        *,
        partition: int = 0,
        version: int | None = None,
        **fields: Any,
    ) -> Produced:
        """Exactly one Produce of one batch, which nobody added; no sequence is counted."""
        batch = self.batch(topic, records, partition=partition, **fields)
        return self._produce(topic, batch, partition, version)

    @override
    def send(
        self,
        topic: Topic,
        records: Sequence[RecordLike],
        *,
        partition: int = 0,
        sequence: int | None = None,
        **fields: Any,
    ) -> Produced:
        """Sends one batch until the answer is anything but "not yet"; nobody adds the partition."""
        first = self.next_sequence(topic, partition) if sequence is None else sequence
        version = fields.pop("version", None)
        batch = self.batch(topic, records, partition=partition, sequence=first, **fields)
        produced = self._settled_produce(topic, batch, partition, version)
        if produced.error is ErrorCode.NONE:
            self.sequences[topic.name, partition] = increment_sequence(first, len(records))
        return produced

    @override
    def resend(self, topic: Topic, sent: Produced, *, partition: int = 0, **_: Any) -> Produced:
        """Sends the very bytes of an earlier batch again."""
        return self._settled_produce(topic, sent.batch, partition, None)

    def _produce(self, topic: Topic, batch: bytes, partition: int, version: int | None) -> Produced:
        if version is None:
            version = self.protocol.version(ApiKey.PRODUCE, self.cluster.versions)
            version = min(version, LAST_WITH_NAMES[ApiKey.PRODUCE]) if topic.id == ZERO_UUID else version
        return topic.produce_batch(batch, partition=partition, transactional_id=self.transactional_id, version=version)

    def _settled_produce(self, topic: Topic, batch: bytes, partition: int, version: int | None) -> Produced:
        def look() -> Produced | None:
            produced = self._produce(topic, batch, partition, version)
            return None if produced.error in _NOT_WRITTEN_YET else produced

        what = f"{topic.name}-{partition} takes a batch of {self.transactional_id}"
        produced = self.cluster.settled(look, step="transactional produce", what=what)
        assert produced is not None
        return produced

    # its end

    def close(self) -> None:
        """Aborts what is still open, so that it blocks nobody; what the broker says to that is not looked at."""
        transaction, self._open = self._open, None
        if transaction is not None and transaction.is_open:
            self.end_once(False)

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cluster.clean_up(self.close)

    @override
    def __repr__(self) -> str:
        return f"{self.transactional_id} with producer {self.producer_id} of epoch {self.epoch}"


class Transaction:
    """What one producer writes between two ends, with the id and epoch that it began with."""

    def __init__(self, producer: TransactionalProducer) -> None:
        self.producer = producer
        self.producer_id = producer.producer_id
        self.epoch = producer.epoch
        self.is_open = False
        """Whether the coordinator may know of it: something was sent, and it was not ended."""
        self._added: set[object] = set()

    def add(self, topic: Topic, *partitions: int) -> None:
        """AddPartitionsToTxn until it is granted. Raises ConformanceViolation if it is refused."""
        self.is_open = True
        wanted = {topic.name: partitions}

        def look() -> dict[Any, ErrorCode] | None:
            errors = self.producer.add_once(wanted)
            return None if NOT_YET.intersection(errors.values()) else errors

        errors = self._settled(look, f"{topic.name} can be added to a transaction")
        if set(errors.values()) != {ErrorCode.NONE}:
            raise ConformanceViolation(f"adding {wanted}", expected="no error", actual=f"{errors}")
        self._added |= errors.keys()

    def send(self, topic: Topic, records: Sequence[RecordLike], *, partition: int = 0, **fields: Any) -> Produced:
        """Adds the partition where the protocol wants that, and sends one batch; the answer, whatever it says."""
        if self.producer.protocol is TransactionProtocol.V1 and (topic.name, partition) not in self._added:
            self.add(topic, partition)
        self.is_open = True
        return self.producer.send(topic, records, partition=partition, **fields)

    def send_offsets(
        self, group: Group, topic: Topic, offsets: Mapping[int, int], **member: Any
    ) -> dict[int, ErrorCode]:
        """Adds the group where the protocol wants that, and commits offsets in the transaction; the error of each."""
        if self.producer.protocol is TransactionProtocol.V1 and group.name not in self._added:
            self._add_group(group)
        self.is_open = True

        def look() -> dict[int, ErrorCode] | None:
            errors = self.producer.commit_offsets_once(group, topic, offsets, **member)
            return None if NOT_YET.intersection(errors.values()) else errors

        return self._settled(look, f"{group.name} takes offsets of a transaction")

    def commit(self) -> None:
        """Ends it, and waits until it is complete: everywhere its records and offsets are there for everybody."""
        self.end(True)
        self.wait_until_complete(True)

    def abort(self) -> None:
        """Ends it, and waits until it is complete: everywhere its records and offsets are dropped."""
        self.end(False)
        self.wait_until_complete(False)

    def end(self, committed: bool) -> EndTxnResponse:
        """Decides, and goes on with the epoch that the answer gives. Raises ConformanceViolation if it is refused.

        The decision is final; that the partitions have learned of it takes a little longer.
        """
        answer = self.producer.end(committed, producer_id=self.producer_id, epoch=self.epoch)
        if answer.error_code != ErrorCode.NONE:
            raise ConformanceViolation("ending a transaction", expected="no error", actual=f"{answer}")
        self.is_open = False
        if self.producer.protocol is TransactionProtocol.V2:
            self.producer.take(answer.producer_id, answer.producer_epoch)
        return answer

    def wait_until_complete(self, committed: bool) -> EndTxnResponse:
        """Sends the same decision again until the coordinator says that it is complete, and returns its answer.

        Source: KIP-98, KIP-890: a repeated EndTxn is CONCURRENT_TRANSACTIONS until then, and no error from then on.
        """
        answer = self.producer.end(committed, producer_id=self.producer_id, epoch=self.epoch)
        if answer.error_code != ErrorCode.NONE:
            raise ConformanceViolation("repeating the end of a transaction", expected="no error", actual=f"{answer}")
        return answer

    def _add_group(self, group: Group) -> None:
        self.is_open = True

        def look() -> tuple[ErrorCode] | None:
            error = self.producer.add_group_once(group)
            return None if error in NOT_YET else (error,)

        (error,) = self._settled(look, f"{group.name} can be added to a transaction")
        if error is not ErrorCode.NONE:
            raise ConformanceViolation(f"adding {group.name}", expected="no error", actual=error.name)
        self._added.add(group.name)

    def _settled(self, look: Callable[[], T | None], what: str) -> T:
        found = self.producer.cluster.settled(look, step="transaction", what=what)
        assert found is not None
        return found
