"""Consumers that read from followers (KIP-392), and records that are deleted on all replicas (KIP-107)."""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopic,
)
from kafka_conformance.protocol.messages.fetch import FetchPartition
from kafka_conformance.reference_broker.apis.deferred import Deferred
from kafka_conformance.reference_broker.apis.delete_records import delete_records
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.config.departures import RACK_AWARE
from kafka_conformance.reference_broker.replication.reads import FetchIsolation, FetchParams, ReadResult
from tests.reference_broker.replication.support import TOPIC, Simulated


def read(simulated: Simulated, node: int, rack: str, offset: int = 0) -> ReadResult:
    params = FetchParams(-1, FetchIsolation.HIGH_WATERMARK, 0, 1, 1 << 20, rack, may_prefer_replica=True)
    return simulated.replica(node).fetch(params, FetchPartition(fetch_offset=offset), 1 << 20, min_one_batch=True)


def in_racks() -> Simulated:
    simulated = Simulated(settings={"replica.selector.class": RACK_AWARE}, racks=("r1", "r2", "r3"))
    simulated.create()
    simulated.send(b"a")
    return simulated


def test_a_leader_names_the_replica_in_the_rack_of_a_consumer_instead_of_reading() -> None:
    with in_racks() as simulated:
        found = read(simulated, 1, "r2")
        assert (found.error, found.size, found.preferred_replica, found.high_watermark) == (ErrorCode.NONE, 0, 2, 1)
        assert found.ends_waiting

        for rack in ("r1", "zz", ""):
            found = read(simulated, 1, rack)
            assert (found.preferred_replica, found.size > 0) == (-1, True)
        assert read(simulated, 1, "r2", offset=9).error is ErrorCode.OFFSET_OUT_OF_RANGE


def test_a_replica_is_named_until_it_leaves_the_isr() -> None:
    with in_racks() as simulated:
        simulated.run(simulated.cluster.kill(3))
        assert read(simulated, 1, "r3").preferred_replica == 3

        simulated.wait_until(lambda: simulated.state().isr == (1, 2))

        assert read(simulated, 1, "r3").preferred_replica == -1


def test_a_follower_serves_up_to_its_high_watermark_and_sends_nobody_away() -> None:
    with in_racks() as simulated:
        simulated.wait_until(lambda: simulated.visible(2) == [b"a"])
        found = read(simulated, 2, "r3")
        assert (found.preferred_replica, found.size > 0) == (-1, True)


def ask_to_delete(simulated: Simulated, offset: int, timeout_ms: int) -> tuple[int, int]:
    partition = DeleteRecordsPartition(partition_index=0, offset=offset)
    request = DeleteRecordsRequest(
        topics=[DeleteRecordsTopic(name=TOPIC, partitions=[partition])], timeout_ms=timeout_ms
    )
    ctx = Context(simulated.broker(1), 2, "c", "/h", "x", 0)

    async def ask() -> DeleteRecordsResponse:
        answer = delete_records(ctx, request)
        return await answer if isinstance(answer, Deferred) else answer

    result = simulated.run(ask()).topics[0].partitions[0]
    return result.error_code, result.low_watermark


def test_deleted_records_are_gone_from_all_live_replicas_when_that_is_answered() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"a", b"b")

        assert ask_to_delete(simulated, -1, 30_000) == (ErrorCode.NONE, 2)

        assert [simulated.replica(node).log.log_start_offset for node in (1, 2, 3)] == [2, 2, 2]


def test_a_deletion_waits_for_replicas_that_are_alive_only() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"a", b"b")
        simulated.cluster.links.cut(1, 3)
        assert ask_to_delete(simulated, 1, 1000) == (ErrorCode.REQUEST_TIMED_OUT, 0)

        simulated.run(simulated.cluster.kill(3))
        simulated.wait_until(lambda: simulated.state().isr == (1, 2))

        assert ask_to_delete(simulated, 2, 30_000) == (ErrorCode.NONE, 2)
