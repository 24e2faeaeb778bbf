"""Producers that are not transactional: idempotent ones, which deliver each batch, and others, which send it once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kafka_conformance.harness.histories.recorder import Operation, RecordedClient, outcome_of
from kafka_conformance.harness.histories.schema import Outcome
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.plugins.schedules.clients.client import ANSWER_WITHIN_S, Client
from kafka_conformance.plugins.schedules.schedule import Actor
from kafka_conformance.plugins.schedules.world import Topic, World
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest
from kafka_conformance.protocol.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    TopicProduceData,
)
from kafka_conformance.protocol.records import NewRecord, build_batch

PRODUCE_VERSION = 12
INIT_PRODUCER_ID_VERSION = 4
PRODUCE_TIMEOUT_MS = 2_000

NOT_YET = frozenset(
    {
        ErrorCode.CONCURRENT_TRANSACTIONS,
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.FENCED_LEADER_EPOCH,
        ErrorCode.KAFKA_STORAGE_ERROR,
        ErrorCode.LEADER_NOT_AVAILABLE,
        ErrorCode.NETWORK_EXCEPTION,
        ErrorCode.NOT_COORDINATOR,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.REQUEST_TIMED_OUT,
        ErrorCode.UNKNOWN_LEADER_EPOCH,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    }
)
"""What a leader says of a batch that a producer sends it again after."""


@dataclass
class Batch:
    """Values on their way to a partition, with the operation that records what becomes of them."""

    partition: int
    values: list[bytes]
    operation: Operation
    sequence: int = -1


def produce_request(
    topic: str, partition: int, records: bytes, acks: int, transactional_id: str | None = None
) -> ProduceRequest:
    """A Produce of one batch."""
    data = PartitionProduceData(index=partition, records=records)
    return ProduceRequest(
        transactional_id=transactional_id,
        acks=acks,
        timeout_ms=PRODUCE_TIMEOUT_MS,
        topic_data=[TopicProduceData(name=topic, partition_data=[data])],
    )


class Producer(Client):
    """Makes batches of values that nobody else sends."""

    def __init__(self, world: World, actor: Actor, topic: Topic) -> None:
        super().__init__(world, actor.name)
        self.topic = topic
        self.options = actor.options
        self.recorded = world.recorder.client(actor.name)
        self._made = 0

    def values(self) -> list[bytes]:
        """One to three values."""
        self._made += 1
        return [b"%s.%d.%d" % (self.name.encode(), self._made, place) for place in range(self.chance.randint(1, 3))]

    def encode(self, values: list[bytes], **fields: Any) -> bytes:
        """A batch of them, stamped with the time."""
        now_ms = self.world.now_ms()
        return bytes(build_batch([NewRecord(None, value, timestamp=now_ms) for value in values], **fields))

    def name_of(self, partition: int) -> str:
        """As the history has it."""
        return f"{self.topic.name}-{partition}"


class SendsOnce(Producer):
    """A producer without sequences that sends each batch once, whatever becomes of it."""

    def __init__(self, world: World, actor: Actor, topic: Topic, acks: int) -> None:
        super().__init__(world, actor, topic)
        self._acks = acks
        self.unreplicated: list[tuple[Batch, int, int]] = []
        """What a leader alone has acknowledged (acks=1), with the offset and the leader's epoch."""

    async def run(self) -> None:
        """All batches, one after the other."""
        for _ in range(self.options["batches"]):
            partition = self.chance.randrange(self.topic.partitions)
            values = self.values()
            operation = self.recorded.begin()
            operation.sending(values)
            await self._send(Batch(partition, values, operation))
            await self.wait_ms(self.options["pace_ms"])

    async def _send(self, batch: Batch) -> None:
        name = self.name_of(batch.partition)
        node, epoch = await self.leader(self.topic.name, batch.partition)
        request = produce_request(self.topic.name, batch.partition, self.encode(batch.values), self._acks)
        if self._acks == 0:
            batch.operation.sent(name, batch.values, Outcome.INFO)
            try:
                connection = await self.connection(node)
                connection.write(connection.encode(request, PRODUCE_VERSION))
            except WireError:
                await self.hang_up(node)
                self.forget_leaders(self.topic.name)
            return
        try:
            answer = (await self.ask(node, request, PRODUCE_VERSION)).responses[0].partition_responses[0]
        except WireError:
            self.forget_leaders(self.topic.name)
            batch.operation.sent(name, batch.values, Outcome.INFO)
            return
        error = self.told(answer.error_code)
        if error is ErrorCode.NONE and self._acks == 1:
            self.unreplicated.append((batch, answer.base_offset, epoch))
            return
        if error is not ErrorCode.NONE:
            self.forget_leaders(self.topic.name)
        batch.operation.sent(name, batch.values, outcome_of(error), answer.base_offset)


class Idempotent(Producer):
    """Delivers every batch once, in order, up to five of a partition on their way at the same time."""

    producer_id = -1
    epoch = -1

    def __init__(self, world: World, actor: Actor, topic: Topic) -> None:
        super().__init__(world, actor, topic)
        self._sequences: dict[int, int] = {}

    async def run(self) -> None:
        """All batches, a few at a time to one partition."""
        await self.init()
        left = self.options["batches"]
        while left:
            many = min(left, self.chance.randint(1, self.options["in_flight"]))
            left -= many
            partition = self.chance.randrange(self.topic.partitions)
            await self.deliver([self._next(partition, self.recorded) for _ in range(many)])
            await self.wait_ms(self.options["pace_ms"])

    async def deliver_one_to_each(self) -> None:
        """One batch to each partition."""
        for partition in range(self.topic.partitions):
            await self.deliver([self._next(partition, self.recorded)])

    async def init(self) -> None:
        """Gets a producer id."""
        while True:
            node = self.chance.choice(list(self.world.addresses))
            try:
                answer = await self.ask(node, InitProducerIdRequest(transactional_id=None), INIT_PRODUCER_ID_VERSION)
            except WireError:
                await self.back_off()
                continue
            if self.told(answer.error_code) is ErrorCode.NONE:
                self.producer_id, self.epoch = answer.producer_id, answer.producer_epoch
                return
            await self.back_off()

    def _next(self, partition: int, client: RecordedClient) -> Batch:
        values = self.values()
        operation = client.begin()
        operation.sending(values)
        sequence = self._sequences.get(partition, 0)
        self._sequences[partition] = sequence + len(values)
        return Batch(partition, values, operation, sequence)

    async def deliver(self, batches: list[Batch]) -> None:
        """Sends batches of one partition together, and what was not acknowledged again, in order, until all are."""
        waiting = batches
        while waiting:
            errors = await self._send_together(waiting)
            first = next((place for place, error in enumerate(errors) if error is not ErrorCode.NONE), len(waiting))
            if first < len(waiting) and errors[first] not in NOT_YET:
                next_one = f"sequence {waiting[first].sequence} of {self.name_of(waiting[first].partition)}"
                self.world.problem(self.name, f"{errors[first].name} for {next_one}, which was next")
                for batch in waiting[first:]:
                    batch.operation.sent(self.name_of(batch.partition), batch.values, Outcome.INFO)
                return
            waiting = [batch for batch, error in zip(waiting, errors, strict=True) if error is not ErrorCode.NONE]
            if waiting:
                self.forget_leaders(self.topic.name)
                await self.back_off()

    async def _send_together(self, batches: list[Batch]) -> list[ErrorCode]:
        node, _ = await self.leader(self.topic.name, batches[0].partition)
        errors = []
        try:
            connection = await self.connection(node)
            pending = [
                connection.send(self._request(batch), PRODUCE_VERSION, within_s=ANSWER_WITHIN_S) for batch in batches
            ]
            for batch, answer in zip(batches, pending, strict=True):
                errors.append(self._answered(batch, (await answer).responses[0].partition_responses[0]))
        except WireError:
            await self.hang_up(node)
        return errors + [ErrorCode.NETWORK_EXCEPTION] * (len(batches) - len(errors))

    def _answered(self, batch: Batch, answer: PartitionProduceResponse) -> ErrorCode:
        error = self.told(answer.error_code)
        if error in (ErrorCode.NONE, ErrorCode.DUPLICATE_SEQUENCE_NUMBER):
            base_offset = answer.base_offset if error is ErrorCode.NONE else -1
            batch.operation.sent(self.name_of(batch.partition), batch.values, Outcome.OK, base_offset)
            return ErrorCode.NONE
        return error

    def _request(self, batch: Batch) -> ProduceRequest:
        records = self.encode(
            batch.values, producer_id=self.producer_id, producer_epoch=self.epoch, base_sequence=batch.sequence
        )
        return produce_request(self.topic.name, batch.partition, records, -1)


def settle_unreplicated(producer: SendsOnce, epochs: dict[int, int]) -> None:
    """Says what became of what a leader alone acknowledged: it is there where no other epoch followed, else who knows.

    `epochs`: the leader epoch of each partition in the end.
    """
    for batch, base_offset, epoch in producer.unreplicated:
        stayed = epochs[batch.partition] == epoch
        outcome = Outcome.OK if stayed else Outcome.INFO
        batch.operation.sent(producer.name_of(batch.partition), batch.values, outcome, base_offset if stayed else -1)
