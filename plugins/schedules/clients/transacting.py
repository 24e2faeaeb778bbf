"""Transactional producers, and the copy: consume, produce, and commit the offsets in the same transaction."""

from __future__ import annotations

from typing import Any

from kafka_conformance.harness.histories.recorder import RecordedTransaction
from kafka_conformance.harness.histories.schema import Outcome
from kafka_conformance.harness.subject.transaction_requests import (
    add_partitions_request,
    added_in,
    offsets_in,
    txn_offset_commit_request,
)
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.plugins.schedules.clients.client import COORDINATOR_NOT_YET, GROUP, TRANSACTION
from kafka_conformance.plugins.schedules.clients.producing import (
    INIT_PRODUCER_ID_VERSION,
    NOT_YET,
    Producer,
    produce_request,
)
from kafka_conformance.plugins.schedules.clients.reading import PACE_MS, Poller
from kafka_conformance.plugins.schedules.schedule import Actor
from kafka_conformance.plugins.schedules.world import Topic, World
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from kafka_conformance.protocol.messages.end_txn import EndTxnRequest
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest

ADD_PARTITIONS_VERSION = 3
ADD_OFFSETS_VERSION = 3
_PRODUCE = {1: 11, 2: 12}
_END = {1: 4, 2: 5}
_TXN_OFFSET_COMMIT = {1: 4, 2: 5}
COMMIT, ABORT, ABANDON = "commit", "abort", "abandon"


class Lost(Exception):
    """This producer's epoch, or its transaction, is over: it begins again with a new epoch."""

    def __init__(self, error: ErrorCode, request: Message) -> None:
        super().__init__(f"{error.name} for {type(request).__name__}")
        self.error = error


class TransactionalClient(Producer):
    """A transactional id, and one producer after the other that has it."""

    def __init__(self, world: World, actor: Actor, topic: Topic, transactional_id: str) -> None:
        super().__init__(world, actor, topic)
        self.transactional_id = transactional_id
        self.protocol = self.options["protocol"]
        self.has_rivals = False
        """Whether others have the same transactional id, so that it may be fenced at any time."""
        self._producer_id = self._epoch = -1
        self._sequences: dict[int, int] = {}
        self._added: set[object] = set()
        self._began_s = 0.0
        self._commit_tried = self._is_misled = False
        self._instances = 0

    async def init(self) -> None:
        """Begins as a new producer, whose predecessor's transaction is aborted."""
        self._instances += 1
        self.recorded = self.world.recorder.client(f"{self.name} as {self._instances}")
        request = InitProducerIdRequest(
            transactional_id=self.transactional_id, transaction_timeout_ms=self.options["timeout_ms"]
        )
        answer = await self._settled(request, INIT_PRODUCER_ID_VERSION, lambda each: each.error_code)
        self._take(answer.producer_id, answer.producer_epoch)

    def begin(self) -> RecordedTransaction:
        """A transaction; no request says so."""
        self._added.clear()
        self._began_s = self.world.loop.time()
        self._commit_tried = self._is_misled = False
        return self.recorded.transaction()

    async def write(self, transaction: RecordedTransaction, partition: int, sources: list[bytes] | None = None) -> None:
        """One batch, until it is acknowledged. Raises Lost."""
        values = self.values() if sources is None else [self._copy(source) for source in sources]
        operation = transaction.begin()
        operation.sending(values)
        sequence = self._sequences.get(partition, 0)
        fields = {"producer_id": self._producer_id, "producer_epoch": self._epoch, "base_sequence": sequence}
        records = self.encode(values, transactional=True, **fields)
        try:
            if self.protocol == 1 and partition not in self._added:
                await self._add_partition(partition)
            base_offset = await self._produce(partition, records)
        except Lost:
            operation.sent(self.name_of(partition), values, Outcome.INFO, sources=sources or ())
            raise
        self._sequences[partition] = sequence + len(values)
        operation.sent(self.name_of(partition), values, Outcome.OK, base_offset, sources=sources or ())

    def _copy(self, source: bytes) -> bytes:
        self._made += 1
        return b"%s.%d(%s)" % (self.name.encode(), self._made, source)

    async def end(self, *, committed: bool) -> None:
        """EndTxn, until it is answered. Raises Lost."""
        self._commit_tried = self._commit_tried or committed
        request = EndTxnRequest(
            transactional_id=self.transactional_id,
            producer_id=self._producer_id,
            producer_epoch=self._epoch,
            committed=committed,
        )
        answer = await self._settled(request, _END[self.protocol], lambda each: each.error_code)
        if self.protocol == 2:
            self._take(answer.producer_id, answer.producer_epoch)

    def fate_when(self, lost: Lost) -> Outcome:
        """Of a transaction whose producer is lost: without a commit that was tried nobody can have committed it."""
        if not self.may_be_lost:
            self.world.problem(self.name, f"{lost}, though nobody else has {self.transactional_id}")
        return Outcome.INFO if self._commit_tried else Outcome.FAIL

    @property
    def may_be_lost(self) -> bool:
        """Whether somebody else may have taken over, or the transaction may have timed out.

        Or a node answered that had not heard of its successor: a coordinator refuses, and takes for added what it had
        added before, by what it remembers, without asking its followers.
        """
        open_s = self.world.loop.time() - self._began_s
        return self.has_rivals or self._is_misled or open_s > self.options["timeout_ms"] / 1000

    def _take(self, producer_id: int, epoch: int) -> None:
        if (producer_id, epoch) != (self._producer_id, self._epoch):
            self._sequences.clear()
        self._producer_id, self._epoch = producer_id, epoch

    # Requests

    async def _add_partition(self, partition: int) -> None:
        wanted = {self.topic.name: [partition]}
        request = add_partitions_request(self.transactional_id, self._producer_id, self._epoch, wanted)
        await self._settled(request, ADD_PARTITIONS_VERSION, lambda each: max(added_in(each).values(), key=abs))
        self._added.add(partition)

    async def _produce(self, partition: int, records: bytes) -> int:
        request = produce_request(self.topic.name, partition, records, -1, self.transactional_id)
        while True:
            node, _ = await self.leader(self.topic.name, partition)
            was_behind = self.world.is_behind(node)
            try:
                answer = await self.ask(node, request, _PRODUCE[self.protocol])
            except WireError:
                error = ErrorCode.NETWORK_EXCEPTION
            else:
                self._is_misled |= was_behind or self.world.is_behind(node)
                found = answer.responses[0].partition_responses[0]
                error = self.told(found.error_code)
                if error is ErrorCode.NONE:
                    return int(found.base_offset)
                if error is ErrorCode.DUPLICATE_SEQUENCE_NUMBER:
                    return -1
            if error not in NOT_YET:
                raise Lost(error, request)
            self.forget_leaders(self.topic.name)
            await self.back_off()

    async def _settled(self, request: Message, version: int, error_in: Any, *, group: str | None = None) -> Any:
        key, kind = (self.transactional_id, TRANSACTION) if group is None else (group, GROUP)
        while True:
            node = await self.coordinator(key, kind)
            was_behind = self.world.is_behind(node)
            try:
                answer = await self.ask_coordinator(key, kind, request, version)
            except WireError:
                await self.back_off()
                continue
            self._is_misled |= was_behind or self.world.is_behind(node)
            error = self.told(error_in(answer))
            if error is ErrorCode.NONE:
                return answer
            if error not in COORDINATOR_NOT_YET and error is not ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
                raise Lost(error, request)
            self.forget_coordinator(key, kind)
            await self.back_off()


class Transactional(TransactionalClient):
    """Writes transactions and commits, aborts or abandons them."""

    async def run(self) -> None:
        """One transaction after the other."""
        await self._begin_again()
        for _ in range(self.options["transactions"]):
            transaction = self.begin()
            plan = self.chance.choices((COMMIT, ABORT, ABANDON), (6, 3, 1))[0]
            try:
                for _ in range(self.chance.randint(1, 3)):
                    await self.write(transaction, self.chance.randrange(self.topic.partitions))
                    await self.wait_ms(self.options["pace_ms"])
                if plan == ABANDON:
                    transaction.ended(Outcome.FAIL)
                    if self.chance.random() < 0.5:
                        await self._begin_again()
                    else:
                        return
                    continue
                await self.end(committed=plan == COMMIT)
                transaction.ended(Outcome.OK if plan == COMMIT else Outcome.FAIL)
            except Lost as lost:
                transaction.ended(self.fate_when(lost))
                await self._begin_again()

    async def _begin_again(self) -> None:
        while True:
            try:
                return await self.init()
            except Lost as lost:
                if not self.has_rivals:
                    self.world.problem(self.name, f"{lost}, and there is no other way to begin")
                    raise
                await self.back_off()


class Copy(TransactionalClient, Poller):
    """Copies one topic to another: each record once, however often it begins again."""

    isolated = True

    def __init__(self, world: World, actor: Actor, source: Topic, target: Topic) -> None:
        super().__init__(world, actor, target, actor.name)
        self._source = source
        self._positions: dict[int, int] = {}
        self.group = actor.shared

    async def run(self) -> None:
        """Until the world is draining and all is copied."""
        await self._begin_again()
        left = set(range(self._source.partitions))
        while left:
            draining = self.world.draining.is_set()
            for partition in sorted(left):
                if await self._copy_some(partition) and draining:
                    left.discard(partition)
            if not draining:
                await self.wait_ms(PACE_MS)

    async def _copy_some(self, partition: int) -> bool:
        transaction = self.begin()
        position = self._positions[partition]
        taken = await self.poll(transaction.begin(), self._source, partition, position, self.options["most"])
        if taken is None:
            transaction.ended(Outcome.OK)
            await self.back_off()
            return False
        if not taken.values:
            transaction.ended(Outcome.OK)
            self._positions[partition] = taken.position
            return taken.at_end
        try:
            await self.write(transaction, partition % self.topic.partitions, taken.values)
            await self._commit_offset(transaction, partition, taken.position)
            await self.end(committed=True)
        except Lost as lost:
            transaction.ended(self.fate_when(lost))
            await self._begin_again()
            return False
        transaction.ended(Outcome.OK)
        self._positions[partition] = taken.position
        return taken.at_end

    async def _commit_offset(self, transaction: RecordedTransaction, partition: int, offset: int) -> None:
        operation = transaction.begin()
        name = f"{self._source.name}-{partition}"
        try:
            if self.protocol == 1:
                request = AddOffsetsToTxnRequest(
                    transactional_id=self.transactional_id,
                    producer_id=self._producer_id,
                    producer_epoch=self._epoch,
                    group_id=self.group,
                )
                await self._settled(request, ADD_OFFSETS_VERSION, lambda each: each.error_code)
            commit = txn_offset_commit_request(
                self.transactional_id, self._producer_id, self._epoch, self.group, self._source, {partition: offset}
            )
            version = _TXN_OFFSET_COMMIT[self.protocol]
            await self._settled(commit, version, lambda each: offsets_in(each)[partition], group=self.group)
        except Lost:
            operation.committed(self.group, name, offset, Outcome.INFO)
            raise
        operation.committed(self.group, name, offset, Outcome.OK)

    async def _begin_again(self) -> None:
        await self.init()
        for partition in range(self._source.partitions):
            name = f"{self._source.name}-{partition}"
            operation = self.recorded.begin()
            found = await self.committed(operation, self.group, self._source, partition)
            self._positions[partition] = max(0, found)
            operation.assigned(name, self._positions[partition])
