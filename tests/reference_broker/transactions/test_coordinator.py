"""The runtime on one partition: what waits for replication, what a new coordinator finishes, who is told what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from itertools import count
from typing import Any

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.write_txn_markers import (
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from kafka_conformance.reference_broker.environment import SystemClock
from kafka_conformance.reference_broker.groups.coordinator_state import CoordinatorState
from kafka_conformance.reference_broker.groups.log_port import LoggedRecord
from kafka_conformance.reference_broker.transactions.coordinator import TransactionCoordinator
from kafka_conformance.reference_broker.transactions.decision import (
    AddRequest,
    EndRequest,
    InitRequest,
    Producer,
    ProducerAnswer,
)
from kafka_conformance.reference_broker.transactions.markers import UNREACHABLE, MarkerSender
from kafka_conformance.reference_broker.transactions.metadata import TopicPartition
from kafka_conformance.reference_broker.transactions.parts import TransactionParts
from kafka_conformance.reference_broker.transactions.settings import TransactionSettings
from kafka_conformance.reference_broker.transactions.shard import TransactionShard
from tests.reference_broker.groups.bench import ListLog

PARTITIONS = frozenset({("t", 0), ("t", 1)})


class Leaders:
    """Brokers that write every marker, unless a test says otherwise."""

    def __init__(self) -> None:
        self.leader: dict[TopicPartition, int | None] = {}
        self.errors: list[ErrorCode | None] = []
        """What the next requests are answered; None: not at all."""
        self.asked: list[tuple[int, WriteTxnMarkersRequest]] = []
        self.gate: asyncio.Event | None = None

    def leader_of(self, partition: TopicPartition) -> int | None:
        return self.leader.get(partition, 1)

    def shares(self, partitions: list[TopicPartition]) -> Iterable[list[TopicPartition]]:
        return [partitions]

    async def write_markers(self, node_id: int, request: WriteTxnMarkersRequest) -> WriteTxnMarkersResponse | None:
        self.asked.append((node_id, request))
        if self.gate is not None:
            await self.gate.wait()
        error = self.errors.pop(0) if self.errors else ErrorCode.NONE
        if error is None:
            return None
        (marker,) = request.markers
        topics = [
            WritableTxnMarkerTopicResult(
                name=topic.name,
                partitions=[
                    WritableTxnMarkerPartitionResult(partition_index=index, error_code=error)
                    for index in topic.partition_indexes
                ],
            )
            for topic in marker.topics
        ]
        return WriteTxnMarkersResponse(markers=[WritableTxnMarkerResult(producer_id=marker.producer_id, topics=topics)])


class Bench:
    """A coordinator with the transactional id x in its hands."""

    def __init__(self, log: ListLog | None = None, leader_epoch: int = 0) -> None:
        ids = count(7)
        self.log = log or ListLog()
        self.leaders = Leaders()
        self.coordinator = TransactionCoordinator(
            TransactionShard(TransactionParts(), TransactionSettings(), lambda: next(ids)),
            self.log,
            MarkerSender(self.leaders),
            loop=asyncio.get_running_loop(),
            clock=SystemClock(),
            leader_epoch=leader_epoch,
        )
        self.log.on_high_watermark = self.coordinator.high_watermark_reached
        self.coordinator.load()

    async def loaded(self) -> Bench:
        await asyncio.sleep(0)
        assert self.coordinator.state is CoordinatorState.ACTIVE
        return self

    def init(self, timeout_ms: int = 1_000) -> Any:
        request = InitRequest("x", timeout_ms)
        return self.coordinator.execute(lambda shard: shard.init_producer_id(request, 1), ProducerAnswer)

    def add(self) -> Any:
        request = AddRequest("x", Producer(7, 0), PARTITIONS, 2)
        return self.coordinator.execute(lambda shard: shard.add_partitions(request, 2), lambda error: error)

    def end(self, epoch: int = 0) -> Any:
        request = EndRequest("x", Producer(7, epoch), True, 2)
        return self.coordinator.execute(lambda shard: shard.end(request, 3), ProducerAnswer)

    @property
    def state(self) -> str:
        return self.coordinator.shard.describe("x").transaction_state

    async def until(self, state: str) -> None:
        async with asyncio.timeout(5):
            while self.state != state:
                await asyncio.sleep(0.001)


def test_an_answer_waits_until_its_record_is_replicated() -> None:
    async def run() -> None:
        bench = await Bench().loaded()
        bench.log.hold = True
        answer = bench.init()
        assert isinstance(answer, Awaitable)
        assert bench.init() == ProducerAnswer(ErrorCode.CONCURRENT_TRANSACTIONS)

        bench.log.replicate()

        assert await answer == ProducerAnswer(ErrorCode.NONE, Producer(7, 0))

    asyncio.run(run())


def test_an_append_that_is_refused_changes_nothing() -> None:
    async def run() -> None:
        bench = await Bench().loaded()
        bench.log.error = ErrorCode.NOT_ENOUGH_REPLICAS
        assert bench.init() == ProducerAnswer(ErrorCode.COORDINATOR_NOT_AVAILABLE)

        bench.log.error = ErrorCode.NONE

        assert bench.init() == ProducerAnswer(ErrorCode.NONE, Producer(7, 0))

    asyncio.run(run())


def test_what_is_not_replicated_in_time_is_told_so_and_counts_later() -> None:
    async def run() -> None:
        bench = await Bench().loaded()
        bench.log.hold = True
        assert await bench.init(timeout_ms=5) == ProducerAnswer(ErrorCode.COORDINATOR_NOT_AVAILABLE)

        bench.log.hold = False
        bench.log.replicate()

        assert bench.init() == ProducerAnswer(ErrorCode.NONE, Producer(7, 1))

    asyncio.run(run())


def test_who_waits_when_the_coordinator_moves_is_told_so() -> None:
    async def run() -> None:
        bench = await Bench().loaded()
        bench.log.hold = True
        answer = bench.init()
        bench.coordinator.unload()

        assert await answer == ProducerAnswer(ErrorCode.NOT_COORDINATOR)
        assert bench.init() == ProducerAnswer(ErrorCode.NOT_COORDINATOR)

    asyncio.run(run())


def test_an_end_is_answered_before_its_markers_are_written() -> None:
    async def run() -> None:
        bench = await Bench().loaded()
        bench.leaders.gate = asyncio.Event()
        bench.init()
        bench.add()

        assert bench.end() == ProducerAnswer(ErrorCode.NONE, Producer(7, 1))
        assert bench.end() == ProducerAnswer(ErrorCode.CONCURRENT_TRANSACTIONS)
        assert bench.state == "PrepareCommit"

        bench.leaders.gate.set()
        await bench.until("CompleteCommit")
        assert bench.end() == ProducerAnswer(ErrorCode.NONE, Producer(7, 1))

    asyncio.run(run())


def test_a_coordinator_that_takes_over_writes_all_markers_again() -> None:
    async def run() -> None:
        first = await Bench().loaded()
        first.leaders.errors = [None] * 100
        first.init()
        first.add()
        first.end()
        await asyncio.sleep(0.01)
        first.coordinator.unload()

        second = await Bench(first.log, leader_epoch=3).loaded()
        assert second.init() == ProducerAnswer(ErrorCode.CONCURRENT_TRANSACTIONS)
        await second.until("CompleteCommit")

        ((node_id, request),) = second.leaders.asked
        (marker,) = request.markers
        assert (node_id, marker.coordinator_epoch, marker.producer_epoch) == (1, 3, 1)
        assert {(topic.name, index) for topic in marker.topics for index in topic.partition_indexes} == PARTITIONS

    asyncio.run(run())


@pytest.mark.parametrize("error", [None, ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND])
def test_a_marker_is_sent_until_it_is_written(error: ErrorCode | None) -> None:
    async def run() -> None:
        bench = await Bench().loaded()
        bench.leaders.errors = [error, error]
        bench.init()
        bench.add()
        bench.end()

        await bench.until("CompleteCommit")

        assert len(bench.leaders.asked) == 3

    asyncio.run(run())


@pytest.mark.parametrize("error", [ErrorCode.INVALID_PRODUCER_EPOCH, ErrorCode.TRANSACTION_COORDINATOR_FENCED])
def test_a_fenced_coordinator_leaves_the_transaction_alone(error: ErrorCode) -> None:
    async def run() -> None:
        bench = await Bench().loaded()
        bench.leaders.errors = [error]
        bench.init()
        bench.add()
        bench.end()
        await asyncio.sleep(0.1)

        assert bench.state == "PrepareCommit"
        assert len(bench.leaders.asked) == 1

    asyncio.run(run())


def test_each_leader_gets_the_markers_of_its_partitions_and_nobody_those_of_deleted_ones() -> None:
    async def run() -> None:
        bench = await Bench().loaded()
        bench.leaders.leader = {("t", 0): None, ("t", 1): UNREACHABLE}
        bench.init()
        bench.add()
        bench.end()
        await asyncio.sleep(0.01)
        described = bench.coordinator.shard.describe("x")
        assert [(topic.topic, topic.partitions) for topic in described.topics] == [("t", [1])]
        assert bench.leaders.asked == []

        bench.leaders.leader[("t", 1)] = 5
        await bench.until("CompleteCommit")

        ((node_id, _),) = bench.leaders.asked
        assert node_id == 5

    asyncio.run(run())


def test_the_record_of_completion_is_tried_until_it_is_in_the_log() -> None:
    async def run() -> None:
        bench = await Bench().loaded()
        bench.leaders.gate = asyncio.Event()
        bench.init()
        bench.add()
        bench.end()
        bench.log.error = ErrorCode.NOT_ENOUGH_REPLICAS
        bench.leaders.gate.set()
        await asyncio.sleep(0.02)
        assert bench.state == "PrepareCommit"

        bench.log.error = ErrorCode.NONE

        await bench.until("CompleteCommit")

    asyncio.run(run())


def test_a_log_that_cannot_be_read_makes_no_coordinator() -> None:
    async def run() -> None:
        log = ListLog()
        log.entries = [LoggedRecord(0, None, b"")]
        bench = Bench(log)
        assert bench.init() == ProducerAnswer(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)

        await asyncio.sleep(0)

        assert bench.coordinator.state is CoordinatorState.FAILED
        assert bench.init() == ProducerAnswer(ErrorCode.NOT_COORDINATOR)

    asyncio.run(run())
