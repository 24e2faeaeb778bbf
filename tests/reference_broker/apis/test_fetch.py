"""Fetch, ListOffsets, OffsetForLeaderEpoch and DeleteRecords, as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import uuid4

import pytest

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsTopic,
)
from kafka_conformance.protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic, PartitionData
from kafka_conformance.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from kafka_conformance.protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kafka_conformance.protocol.records import NewRecord, batches, build_batch, records_of
from tests.reference_broker.wire import RunningCluster, Wire, batch, fetch_request, produce

T0 = 1_700_000_000_000


@pytest.fixture
def log(running: RunningCluster) -> str:
    """Offsets 0 to 7 in four batches of two, the third older than the second."""
    topic = running.topic()
    with running.wire() as wire:
        for first in (0, 1000, 500, 2000):
            assert produce(wire, topic, two(T0 + first)).error_code == ErrorCode.NONE
    return topic


def two(timestamp: int) -> bytes:
    return bytes(
        build_batch([NewRecord(b"k", b"a", timestamp=timestamp), NewRecord(b"k", b"b", timestamp=timestamp + 100)])
    )


def fetched(wire: Wire, topic: str, offset: int = 0, version: int = 11, **options: Any) -> PartitionData:
    answer: PartitionData = wire.ask(fetch_request(topic, offset, **options), version).responses[0].partitions[0]
    return answer


def offsets_of(data: PartitionData) -> list[int]:
    assert data.records is not None
    return [record.offset for header, view in batches(bytes(data.records)) for record in records_of(header, view)]


def test_a_fetch_in_the_middle_of_a_batch_returns_the_whole_batch(wire: Wire, log: str) -> None:
    data = fetched(wire, log, 3)

    assert offsets_of(data) == [2, 3, 4, 5, 6, 7]
    assert (data.high_watermark, data.last_stable_offset, data.log_start_offset) == (8, 8, 0)


def test_a_fetch_at_the_high_watermark_is_empty_not_null_after_the_wait(wire: Wire, log: str) -> None:
    started = time.monotonic()
    data = fetched(wire, log, 8, max_wait_ms=100, min_bytes=1)

    assert time.monotonic() - started >= 0.1
    assert (data.error_code, data.records, data.high_watermark) == (0, b"", 8)


def test_a_fetch_that_wants_nothing_does_not_wait(wire: Wire, log: str) -> None:
    started = time.monotonic()
    fetched(wire, log, 8, max_wait_ms=5000, min_bytes=0)

    assert time.monotonic() - started < 2


@pytest.mark.parametrize("offset", [9, -1])
def test_an_offset_outside_the_log_is_out_of_range(wire: Wire, log: str, offset: int) -> None:
    data = fetched(wire, log, offset, max_wait_ms=5000, min_bytes=1, isolation_level=1)

    assert data.error_code == ErrorCode.OFFSET_OUT_OF_RANGE
    assert (data.high_watermark, data.last_stable_offset, data.log_start_offset) == (-1, -1, -1)
    assert data.aborted_transactions is None


def test_what_does_not_exist_has_an_empty_list_of_aborted_transactions(wire: Wire, log: str) -> None:
    unknown = fetched(wire, "nowhere", version=12)
    assert (unknown.error_code, unknown.aborted_transactions) == (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, [])
    assert fetched(wire, log, partition=3, version=12).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    for topic_id in (bytes(16), uuid4().bytes):
        topics = [FetchTopic(topic_id=topic_id, partitions=[FetchPartition(partition_max_bytes=9)])]
        answer = wire.ask(FetchRequest(topics=topics), 13).responses[0]
        assert answer.topic_id == topic_id
        assert answer.partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID
        assert answer.partitions[0].aborted_transactions == []


def test_aborted_transactions_are_null_for_those_who_read_everything(wire: Wire, log: str) -> None:
    assert fetched(wire, log, isolation_level=0).aborted_transactions is None
    assert fetched(wire, log, isolation_level=1).aborted_transactions == []


@pytest.mark.parametrize(("partition_max_bytes", "max_bytes"), [(1, 1 << 20), (1 << 20, 1), (0, 0)])
def test_the_first_batch_comes_whole_however_few_bytes_are_asked_for(
    wire: Wire, log: str, partition_max_bytes: int, max_bytes: int
) -> None:
    data = fetched(wire, log, 0, partition_max_bytes=partition_max_bytes, max_bytes=max_bytes)

    assert offsets_of(data) == [0, 1]


def test_the_first_partition_in_the_order_of_the_request_gives_its_batch(running: RunningCluster, wire: Wire) -> None:
    topic = running.topic(partitions=2)
    for partition in (0, 1):
        produce(wire, topic, batch(b"v"), partition=partition)
    wanted = [FetchPartition(partition=index, partition_max_bytes=1 << 20) for index in (1, 0)]

    answer = wire.ask(FetchRequest(max_bytes=1, topics=[FetchTopic(topic=topic, partitions=wanted)]), 11)

    assert [(each.partition_index, bool(each.records)) for each in answer.responses[0].partitions] == [
        (1, True),
        (0, False),
    ]


def test_a_fetch_that_wants_more_than_there_is_gets_what_there_is_after_the_wait(wire: Wire, log: str) -> None:
    started = time.monotonic()
    data = fetched(wire, log, 6, max_wait_ms=150, min_bytes=10**6)

    assert time.monotonic() - started >= 0.15
    assert offsets_of(data) == [6, 7]


def test_a_produce_wakes_a_waiting_fetch_at_once(running: RunningCluster, wire: Wire, log: str) -> None:
    def append() -> None:
        with running.wire() as other:
            produce(other, log, batch(b"v"))

    timer = threading.Timer(0.05, append)
    timer.start()
    started = time.monotonic()
    data = fetched(wire, log, 8, max_wait_ms=30_000, min_bytes=1)
    timer.join()

    assert time.monotonic() - started < 5
    assert offsets_of(data) == [8]


def waiting_for_both(topic: str, offset: int, **options: Any) -> FetchRequest:
    wanted = [FetchPartition(partition=each, fetch_offset=offset, partition_max_bytes=1 << 20) for each in (0, 1)]
    return FetchRequest(topics=[FetchTopic(topic=topic, partitions=wanted)], max_wait_ms=30_000, **options)


def test_a_fetch_that_waited_tells_where_each_log_begins_now(running: RunningCluster, wire: Wire) -> None:
    topic = running.topic(partitions=2)
    for partition in (0, 1):
        produce(wire, topic, batch(b"a", b"b"), partition=partition)
    with running.wire() as reader:
        reader.send(waiting_for_both(topic, 2, min_bytes=1, max_bytes=1 << 20), 11)
        assert reader.is_silent()

        deleted = DeleteRecordsPartition(partition_index=1, offset=1)
        wire.ask(
            DeleteRecordsRequest(topics=[DeleteRecordsTopic(name=topic, partitions=[deleted])], timeout_ms=1000), 2
        )
        assert reader.is_silent()
        produce(wire, topic, batch(b"c"), partition=0)
        _, answer = reader.receive(ApiKey.FETCH, 11)

    first, second = answer.responses[0].partitions
    assert (offsets_of(first), first.log_start_offset, first.high_watermark) == ([2], 0, 3)
    assert (offsets_of(second), second.log_start_offset, second.high_watermark) == ([], 1, 2)


def test_a_fetch_that_waited_for_more_from_several_logs_gets_no_more_than_it_asked_for(
    running: RunningCluster, wire: Wire
) -> None:
    topic = running.topic(partitions=2)
    one = batch(b"v" * 500)
    with running.wire() as reader:
        reader.send(waiting_for_both(topic, 0, min_bytes=len(one) + 1, max_bytes=len(one) + 1), 11)
        assert reader.is_silent()
        produce(wire, topic, one, partition=1)
        assert reader.is_silent()
        produce(wire, topic, one, partition=0)
        _, answer = reader.receive(ApiKey.FETCH, 11)

    first, second = answer.responses[0].partitions
    assert (offsets_of(first), first.high_watermark) == ([0], 1)
    assert (offsets_of(second), second.high_watermark) == ([], 1)


def test_leader_epochs_are_compared(wire: Wire, log: str) -> None:
    wanted = FetchPartition(fetch_offset=0, partition_max_bytes=1 << 20, current_leader_epoch=9)
    request = FetchRequest(topics=[FetchTopic(topic=log, partitions=[wanted])])
    assert wire.ask(request, 11).responses[0].partitions[0].error_code == ErrorCode.UNKNOWN_LEADER_EPOCH

    wanted.current_leader_epoch, wanted.last_fetched_epoch, wanted.fetch_offset = -1, 3, 4
    assert wire.ask(request, 12).responses[0].partitions[0].error_code == ErrorCode.OFFSET_OUT_OF_RANGE


def test_nobody_fetches_as_a_replica_that_is_not_assigned(wire: Wire, log: str) -> None:
    assert fetched(wire, log, replica_id=1).error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert fetched(wire, log, replica_id=5).error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert offsets_of(fetched(wire, log, replica_id=-2)) == list(range(8))


# ListOffsets


def offset_of(wire: Wire, topic: str, timestamp: int, version: int = 11, **options: Any) -> tuple[int, int, int, int]:
    wanted = ListOffsetsPartition(timestamp=timestamp, **options)
    request = ListOffsetsRequest(replica_id=-1, topics=[ListOffsetsTopic(name=topic, partitions=[wanted])])
    answer = wire.ask(request, version).topics[0].partitions[0]
    return answer.error_code, answer.offset, answer.timestamp, answer.leader_epoch


def test_the_ends_of_the_log(wire: Wire, log: str) -> None:
    assert offset_of(wire, log, -1) == (0, 8, -1, 0)
    assert offset_of(wire, log, -1, version=1) == (0, 8, -1, -1)
    assert offset_of(wire, log, -2)[:3] == (0, 0, -1)
    assert offset_of(wire, log, -3, version=7)[:3] == (0, 7, T0 + 2100)
    assert offset_of(wire, log, -4, version=8)[:2] == (0, 0)
    assert offset_of(wire, log, -5, version=9) == (0, -1, -1, -1)
    assert offset_of(wire, log, -6, version=11) == (0, -1, -1, -1)


@pytest.mark.parametrize(("timestamp", "version"), [(-3, 6), (-4, 7), (-5, 8), (-6, 10), (-7, 11), (-99, 11)])
def test_a_special_timestamp_is_unsupported_below_its_version(
    wire: Wire, log: str, timestamp: int, version: int
) -> None:
    assert offset_of(wire, log, timestamp, version)[:3] == (ErrorCode.UNSUPPORTED_VERSION, -1, -1)


@pytest.mark.parametrize(("after_ms", "offset"), [(1, 1), (101, 2), (550, 2), (600, 2), (1050, 3), (2101, -1), (-5, 0)])
def test_the_first_offset_whose_own_timestamp_is_late_enough(wire: Wire, log: str, after_ms: int, offset: int) -> None:
    assert offset_of(wire, log, T0 + after_ms)[:2] == (0, offset)


def test_an_empty_topic_begins_and_ends_at_0(running: RunningCluster, wire: Wire) -> None:
    topic = running.topic()

    assert offset_of(wire, topic, -1) == (0, 0, -1, 0)
    assert offset_of(wire, topic, -2) == (0, 0, -1, 0)
    assert offset_of(wire, topic, -3)[:2] == (0, -1)
    assert offset_of(wire, topic, T0)[:2] == (0, -1)


def test_errors_of_list_offsets(wire: Wire, log: str) -> None:
    assert offset_of(wire, "nowhere", -1)[0] == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert offset_of(wire, log, -1, current_leader_epoch=5)[0] == ErrorCode.UNKNOWN_LEADER_EPOCH
    wanted = [ListOffsetsPartition(timestamp=-1)] * 2
    request = ListOffsetsRequest(replica_id=-1, topics=[ListOffsetsTopic(name=log, partitions=wanted)])
    answers = wire.ask(request, 7).topics[0].partitions
    assert [each.error_code for each in answers] == [ErrorCode.INVALID_REQUEST]


# OffsetForLeaderEpoch


@pytest.mark.parametrize(
    ("current", "epoch", "expected"),
    [(-1, 0, (0, 0, 8)), (-1, 5, (0, -1, -1)), (-1, -1, (0, -1, -1)), (5, 0, (75, -1, -1)), (0, 0, (0, 0, 8))],
)
def test_where_a_leader_epoch_ends(
    wire: Wire, log: str, current: int, epoch: int, expected: tuple[int, int, int]
) -> None:
    wanted = OffsetForLeaderPartition(current_leader_epoch=current, leader_epoch=epoch)
    topics = [OffsetForLeaderTopic(topic=log, partitions=[wanted])]

    answer = wire.ask(OffsetForLeaderEpochRequest(topics=topics), 4).topics[0].partitions[0]

    assert (answer.error_code, answer.leader_epoch, answer.end_offset) == expected


# DeleteRecords


def deleted(wire: Wire, topic: str, offset: int) -> tuple[int, int]:
    partitions = [DeleteRecordsPartition(offset=offset)]
    request = DeleteRecordsRequest(topics=[DeleteRecordsTopic(name=topic, partitions=partitions)], timeout_ms=1000)
    answer = wire.ask(request, 2).topics[0].partitions[0]
    return answer.error_code, answer.low_watermark


def test_records_are_deleted_up_to_an_offset(wire: Wire, log: str) -> None:
    assert deleted(wire, log, 9) == (ErrorCode.OFFSET_OUT_OF_RANGE, -1)
    assert deleted(wire, log, -2) == (ErrorCode.OFFSET_OUT_OF_RANGE, -1)
    assert deleted(wire, log, 3) == (0, 3)
    assert offsets_of(fetched(wire, log, 3))[0] == 2
    assert fetched(wire, log, 2).error_code == ErrorCode.OFFSET_OUT_OF_RANGE
    assert deleted(wire, log, 2) == (0, 3)
    assert deleted(wire, log, -1) == (0, 8)
    assert offset_of(wire, log, -3)[:2] == (0, 7)


def test_where_records_may_not_be_deleted(running: RunningCluster, wire: Wire) -> None:
    assert deleted(wire, "nowhere", 0) == (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1)
    assert deleted(wire, running.topic(cleanup_policy="compact"), 0) == (ErrorCode.POLICY_VIOLATION, -1)
    assert deleted(wire, running.topic(cleanup_policy="compact,delete"), 0) == (0, 0)


def test_records_of_internal_topics_are_not_deleted(wire: Wire) -> None:
    from tests.reference_broker.apis.test_groups import find_coordinator

    find_coordinator(wire, "g")

    assert deleted(wire, "__consumer_offsets", 0) == (ErrorCode.INVALID_TOPIC_EXCEPTION, -1)
