"""A partition with followers: what is committed, and who is told when."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import FetchPartition
from kafka_conformance.protocol.messages.produce import PartitionProduceResponse
from kafka_conformance.reference_broker.controller.image import PartitionImage
from kafka_conformance.reference_broker.environment import SystemClock
from kafka_conformance.reference_broker.log import AppendInfo, Log, LogConfig, Refusal, TopicPartition
from kafka_conformance.reference_broker.replication.delayed_produce import AwaitedAppend, DelayedProduce
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.replication.reads import FetchIsolation, FetchParams
from kafka_conformance.reference_broker.storage import MemoryStorage
from tests.reference_broker.wire import batch

CONSUMER = FetchParams(-1, FetchIsolation.HIGH_WATERMARK, 0, 1, 1 << 20)
FOLLOWER = FetchParams(2, FetchIsolation.LOG_END, 0, 1, 1 << 20)


def led_by(leader: int, *, epoch: int = 0, change: int = 0, isr: tuple[int, ...] = (1, 2)) -> PartitionImage:
    return PartitionImage(0, leader, epoch, change, (1, 2), isr)


@pytest.fixture
def partition() -> Partition:
    log = Log(MemoryStorage(), TopicPartition("t", 0), LogConfig(), 0)
    made = Partition("t", b"i" * 16, 0, log, 1, SystemClock())
    made.update(led_by(1))
    return made


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def append(partition: Partition, *values: bytes, acks: int = -1) -> AppendInfo | Refusal:
    return partition.append_as_leader(memoryview(bytearray(batch(*values))), acks=acks)


def follow(partition: Partition, offset: int) -> ErrorCode:
    return partition.fetch(FOLLOWER, FetchPartition(fetch_offset=offset), 1 << 20, min_one_batch=True).error


def test_the_high_watermark_is_the_end_that_all_in_sync_replicas_have_reached(partition: Partition) -> None:
    follow(partition, 0)
    append(partition, b"a", b"b")
    assert partition.log.high_watermark == 0

    follow(partition, 2)
    assert partition.log.high_watermark == 2


def test_a_consumer_reads_up_to_the_high_watermark_and_a_follower_to_the_end(partition: Partition) -> None:
    follow(partition, 0)
    append(partition, b"a")

    read = partition.fetch(CONSUMER, FetchPartition(), 1 << 20, min_one_batch=True)
    assert (read.error, read.size, read.high_watermark) == (ErrorCode.NONE, 0, 0)
    assert partition.fetch(FOLLOWER, FetchPartition(), 1 << 20, min_one_batch=True).size > 0


def test_a_replica_that_left_the_isr_is_not_waited_for(partition: Partition) -> None:
    follow(partition, 0)
    append(partition, b"a")

    partition.update(led_by(1, change=1, isr=(1,)))

    assert partition.log.high_watermark == 1


def test_below_the_minimum_of_in_sync_replicas_nothing_is_committed(partition: Partition) -> None:
    partition.min_insync_replicas = 2
    partition.update(led_by(1, change=1, isr=(1,)))

    refused = append(partition, b"a")
    assert isinstance(refused, Refusal)
    assert (refused.error, refused.log_start_offset) == (ErrorCode.NOT_ENOUGH_REPLICAS, 0)
    assert isinstance(append(partition, b"a", acks=1), AppendInfo)
    assert partition.log.high_watermark == 0


def test_an_older_image_changes_nothing(partition: Partition) -> None:
    partition.update(led_by(1, epoch=3, change=5))
    partition.update(led_by(2, epoch=2, change=4))

    assert (partition.leader, partition.leader_epoch) == (1, 3)


def test_who_does_not_lead_refuses(partition: Partition) -> None:
    partition.update(led_by(2, epoch=1, change=1))

    refused = append(partition, b"a")
    assert isinstance(refused, Refusal)
    assert refused.error is ErrorCode.NOT_LEADER_OR_FOLLOWER
    read = partition.fetch(CONSUMER, FetchPartition(), 1 << 20, min_one_batch=True)
    assert read.error is ErrorCode.NOT_LEADER_OR_FOLLOWER
    reads_followers = CONSUMER._replace(may_prefer_replica=True)
    assert partition.fetch(reads_followers, FetchPartition(), 1 << 20, min_one_batch=True).error is ErrorCode.NONE


def test_a_reader_that_knows_an_older_epoch_is_fenced(partition: Partition) -> None:
    partition.update(led_by(1, epoch=2, change=1))

    assert partition.check_epoch(1) is ErrorCode.FENCED_LEADER_EPOCH
    assert partition.check_epoch(3) is ErrorCode.UNKNOWN_LEADER_EPOCH
    assert partition.check_epoch(2) is ErrorCode.NONE
    assert partition.check_epoch(-1) is ErrorCode.NONE


def test_a_reader_whose_log_parts_from_this_one_is_told_where(partition: Partition) -> None:
    append(partition, b"a", b"b")
    partition.update(led_by(1, epoch=2, change=1))
    append(partition, b"c")

    wanted = FetchPartition(fetch_offset=3, last_fetched_epoch=0)
    read = partition.fetch(CONSUMER, wanted, 1 << 20, min_one_batch=True)

    assert read.diverging == (0, 2)
    assert read.ends_waiting


def test_a_new_leader_does_not_answer_for_the_end_before_it_knows_what_is_committed(partition: Partition) -> None:
    follow(partition, 0)
    append(partition, b"a")
    partition.update(led_by(2, epoch=1, change=1))
    partition.followers.clear()
    partition.min_insync_replicas = 2
    partition.update(PartitionImage(0, 1, 2, 2, (1, 2), (1,)))

    found = partition.offset_for_timestamp(-1, FetchIsolation.HIGH_WATERMARK, -1, only_leader=True)

    assert found is ErrorCode.OFFSET_NOT_AVAILABLE


def waiting(
    partition: Partition, loop: asyncio.AbstractEventLoop, timeout_ms: int
) -> tuple[DelayedProduce, AwaitedAppend]:
    outcome = append(partition, b"a")
    assert isinstance(outcome, AppendInfo)
    awaited = AwaitedAppend(partition, outcome.last_offset + 1, PartitionProduceResponse())
    assert not awaited.is_decided()
    return DelayedProduce(loop, [awaited], timeout_ms), awaited


def test_a_produce_waits_for_the_followers(partition: Partition, loop: asyncio.AbstractEventLoop) -> None:
    follow(partition, 0)
    delayed, awaited = waiting(partition, loop, 10_000)
    assert not delayed.done()

    follow(partition, 1)

    loop.run_until_complete(delayed)
    assert awaited.answer.error_code == ErrorCode.NONE


def test_a_produce_that_is_not_replicated_in_time_times_out(
    partition: Partition, loop: asyncio.AbstractEventLoop
) -> None:
    follow(partition, 0)
    delayed, awaited = waiting(partition, loop, 10)

    loop.run_until_complete(delayed)

    assert awaited.answer.error_code == ErrorCode.REQUEST_TIMED_OUT
    partition.notify()


def test_a_produce_whose_leader_resigns_is_told_at_once(partition: Partition, loop: asyncio.AbstractEventLoop) -> None:
    follow(partition, 0)
    delayed, awaited = waiting(partition, loop, 10_000)

    partition.update(led_by(2, epoch=1, change=1))

    loop.run_until_complete(delayed)
    assert awaited.answer.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
