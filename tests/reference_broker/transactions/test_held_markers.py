"""Markers that are held back by a fault, restarts while they are, and time-outs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.faults.faults import Fault
from kafka_conformance.reference_broker.faults.rules import AnswerError, Delay, Disconnect, Hold, Rule, Stage
from tests.reference_broker.transactions.support import Producer, committed_offset, describe, log, read, until
from tests.reference_broker.wire import RunningCluster, Wire

SETTINGS = {
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "50",
    "transaction.remove.expired.transaction.cleanup.interval.ms": "50",
    "transactional.id.expiration.ms": "400",
}


@pytest.fixture
def cluster() -> Iterator[RunningCluster]:
    with RunningCluster(SETTINGS) as running:
        yield running


def producer(wire: Wire, transactional_id: str = "x", **options: int) -> Producer:
    made = Producer(wire, transactional_id, **options)
    made.find()
    made.init()
    return made


def add(cluster: RunningCluster, action: object, **selectors: object) -> Fault:
    rule = Rule(action, api_key=ApiKey.WRITE_TXN_MARKERS, **selectors)  # type: ignore[arg-type]
    return cluster.thread.call(lambda: cluster.cluster.faults.add(rule))


def test_a_held_marker_leaves_the_transaction_decided_and_open(cluster: RunningCluster) -> None:
    topic = cluster.topic(partitions=2)
    with cluster.wire() as wire:
        writer = producer(wire)
        fault = add(cluster, Hold(), topic=topic, partition=1)
        for partition in (0, 1):
            writer.produce(topic, b"v", partition=partition)
        old = {"producer_epoch": writer.epoch}
        assert writer.end(True).error_code == 0

        until(lambda: cluster.thread.call(lambda: fault.held), bool)
        until(lambda: read(wire, topic), lambda values: values == [b"v"])
        assert read(wire, topic, partition=1) == []
        found = writer.described()
        assert (found.transaction_state, [each.partitions for each in found.topics]) == ("PrepareCommit", [[1]])
        assert writer.end_once(True, **old).error_code == ErrorCode.CONCURRENT_TRANSACTIONS
        assert writer.init_once().error_code == ErrorCode.CONCURRENT_TRANSACTIONS
        assert writer.add_once((topic, 0)) == [ErrorCode.CONCURRENT_TRANSACTIONS]
        assert writer.produce_once(topic, b"w").error_code == ErrorCode.CONCURRENT_TRANSACTIONS
        older = writer.produce_once(topic, b"w", version=11)
        assert older.error_code == ErrorCode.NOT_ENOUGH_REPLICAS
        assert older.error_message is not None
        assert older.error_message.endswith("CONCURRENT_TRANSACTIONS")

        cluster.thread.call(fault.remove)

        until(lambda: read(wire, topic, partition=1), lambda values: values == [b"v"])
        assert writer.settled().transaction_state == "CompleteCommit"


def test_a_broker_that_restarts_writes_the_markers_that_were_held(cluster: RunningCluster) -> None:
    topic = cluster.topic()
    with cluster.wire() as wire:
        writer = producer(wire)
        fault = add(cluster, Hold())
        writer.produce(topic, b"v")
        writer.commit_offsets("g", topic, 7)
        assert writer.end(True).error_code == 0
    cluster.thread.call(cluster.cluster.restart(1))
    cluster.thread.call(fault.remove)

    with cluster.wire() as wire:
        until(lambda: describe(wire, "x").transaction_state, lambda state: state == "CompleteCommit")
        assert read(wire, topic) == [b"v"]
        assert committed_offset(wire, "g", topic, stable=True) == (0, 7)


@pytest.mark.parametrize(
    ("action", "markers"),
    [
        (AnswerError(ErrorCode.NOT_LEADER_OR_FOLLOWER), 1),
        (AnswerError(ErrorCode.NOT_LEADER_OR_FOLLOWER, Stage.AFTER), 2),
        (Disconnect(), 1),
        (Delay(20), 1),
        (Delay(20, Stage.AFTER), 1),
    ],
)
def test_other_faults_strike_markers_too_and_do_not_stop_them(
    cluster: RunningCluster, action: object, markers: int
) -> None:
    topic = cluster.topic()
    with cluster.wire() as wire:
        writer = producer(wire)
        fault = add(cluster, action, times=1)
        writer.produce(topic, b"v")
        writer.end(False)

        assert writer.settled().transaction_state == "CompleteAbort"
        assert fault.count == 1
        assert len(log(wire, topic)) == 1 + markers


def test_a_client_request_is_held_until_the_fault_is_removed(cluster: RunningCluster) -> None:
    topic = cluster.topic()
    with cluster.wire() as wire, cluster.wire() as other:
        rule = Rule(Hold(), api_key=ApiKey.FETCH, times=1)
        fault = cluster.thread.call(lambda: cluster.cluster.faults.add(rule))
        from tests.reference_broker.wire import fetch_request

        wire.send(fetch_request(topic), 11)
        assert wire.is_silent()
        assert read(other, topic) == []

        cluster.thread.call(cluster.cluster.faults.clear)

        assert wire.receive(ApiKey.FETCH, 11)[1].responses[0].partitions[0].error_code == 0
        assert cluster.thread.call(lambda: fault.held) == 0


def test_a_transaction_that_is_open_for_too_long_is_aborted_and_its_producer_fenced(cluster: RunningCluster) -> None:
    topic = cluster.topic()
    with cluster.wire() as wire:
        slow = producer(wire, timeout_ms=100)
        slow.produce(topic, b"v")

        until(slow.described, lambda found: found.transaction_state == "CompleteAbort")

        assert read(wire, topic) == []
        assert slow.produce_once(topic, b"w").error_code == ErrorCode.INVALID_PRODUCER_EPOCH
        assert slow.end_once(True).error_code == ErrorCode.INVALID_TXN_STATE
        first = slow.epoch
        assert slow.init().producer_epoch == first + 2


def test_an_id_that_nobody_uses_is_forgotten(cluster: RunningCluster) -> None:
    topic = cluster.topic()
    with cluster.wire() as wire:
        idle = producer(wire, "idle")
        busy = producer(wire, "busy")
        busy.produce(topic, b"v")

        until(idle.described, lambda found: found.error_code == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)

        assert busy.described().transaction_state == "Ongoing"
        pair = {"producer_id": idle.producer_id, "producer_epoch": idle.epoch}
        answer = idle.init(**pair)
        assert (answer.error_code, answer.producer_epoch) == (0, 0)
        assert answer.producer_id != pair["producer_id"]
