"""Clusters: what is kept over a stop or a kill, parts that are replaced, and what is recorded."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from pathlib import Path

import pytest

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest
from kafka_conformance.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup
from kafka_conformance.reference_broker.cluster.cluster import Cluster, MemoryDirectories
from kafka_conformance.reference_broker.cluster.publication import MetadataPublication
from kafka_conformance.reference_broker.config.departures import reference_config
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.environment import Environment, SystemClock
from kafka_conformance.reference_broker.network.dispatcher import Dispatcher
from kafka_conformance.reference_broker.parts import Parts
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.storage import Storage, StorageError
from kafka_conformance.reference_broker.storage.disk import DiskStorage
from tests.reference_broker.wire import RunningCluster, batch, fetch_request, produce, produce_request


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_what_was_written_is_there_after_a_restart(way: str) -> None:
    with RunningCluster() as running:
        topic = running.topic()
        with running.wire() as wire:
            produce(wire, topic, batch(b"a", b"b"))
            if way == "kill":
                running.thread.call(running.cluster.kill(1))
                assert wire.is_closed()
        running.thread.call(running.cluster.restart(1))
        with running.wire() as wire:
            data = wire.ask(fetch_request(topic), 11).responses[0].partitions[0]
            assert (data.high_watermark, data.log_start_offset) == (2, 0)
            assert produce(wire, topic, batch(b"c")).base_offset == 2


def test_a_broker_comes_back_on_its_port() -> None:
    with RunningCluster() as running:
        before = running.bootstrap
        running.thread.call(running.cluster.kill(1))
        assert running.bootstrap == ""
        running.thread.call(running.cluster.restart(1))
        assert running.bootstrap == before


def test_groups_and_producer_ids_survive_a_restart() -> None:
    from tests.reference_broker.apis.test_groups import commit, find_coordinator

    def new_id(running: RunningCluster) -> int:
        with running.wire() as wire:
            answer = wire.ask(InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=0), 4)
            assert (answer.error_code, answer.producer_epoch) == (ErrorCode.NONE, 0)
            producer_id: int = answer.producer_id
            return producer_id

    with RunningCluster() as running:
        topic = running.topic()
        with running.wire() as wire:
            find_coordinator(wire, "g")
            assert wire.ask(commit(topic, "g", 0), 7).topics[0].partitions[0].error_code == 0
        first = {new_id(running) for _ in range(3)}
        running.thread.call(running.cluster.restart(1))

        assert len(first | {new_id(running)}) == 4
        with running.wire() as wire:
            request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id="g", topics=None)])
            fetched = wire.ask(request, 8)
            deadline = time.monotonic() + 5
            while fetched.groups[0].error_code == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
                assert time.monotonic() < deadline
                fetched = wire.ask(request, 8)
        assert fetched.groups[0].topics[0].partitions[0].committed_offset == 7


def test_a_cluster_on_disk_goes_on_where_it_stopped(tmp_path: Path) -> None:
    def storage(node_id: int) -> Storage:
        return DiskStorage(str(tmp_path / f"node-{node_id}"))

    async def run(topic_exists: bool) -> int:
        env = Environment(asyncio.get_running_loop(), SystemClock(), random.Random(1))
        cluster = Cluster(reference_config({}, in_memory=False), env, storage=storage)
        await cluster.start()
        if not topic_exists:
            cluster.controller.auto_create_topic("kept")
        partition = cluster.brokers[1].find_partition("kept", 0)
        assert isinstance(partition, Partition)
        partition.append_as_leader(memoryview(bytearray(batch(b"v"))))
        end = partition.log.log_end_offset
        await cluster.stop()
        return end

    assert asyncio.run(run(False)) == 1
    assert asyncio.run(run(True)) == 2


def test_a_broker_takes_no_log_directory_of_another_cluster() -> None:
    directories = MemoryDirectories()

    async def run(cluster_id: str) -> None:
        env = Environment(asyncio.get_running_loop(), SystemClock(), random.Random(1))
        cluster = Cluster(reference_config({}), env, storage=directories, cluster_id=cluster_id)
        await cluster.start()
        await cluster.stop()

    asyncio.run(run("one"))
    asyncio.run(run("one"))
    with pytest.raises(StorageError, match="belongs to node 1 of cluster one"):
        asyncio.run(run("another"))


def test_each_node_of_a_cluster_serves_and_knows_the_others() -> None:
    with RunningCluster(brokers=3) as running:
        for node_id in (1, 2, 3):
            with running.wire(node_id) as wire:
                answer = wire.ask(MetadataRequest(topics=[]), 9)
                assert sorted(each.node_id for each in answer.brokers) == [1, 2, 3]
                assert answer.controller_id in (1, 2, 3)


def test_a_broker_that_does_not_lead_says_who_does() -> None:
    with RunningCluster(brokers=3) as running:
        topic = running.topic()
        state = running.cluster.controller.image.topics[topic].partitions[0]
        other = next(node for node in (1, 2, 3) if node != state.leader)
        with running.wire(other) as wire:
            answer = wire.ask(fetch_request(topic, max_wait_ms=5000, min_bytes=1), 10)
            assert answer.responses[0].partitions[0].error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
            told = wire.ask(produce_request(topic, batch(b"v")), 10)
            partition = told.responses[0].partition_responses[0]
            assert partition.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
            assert partition.current_leader.leader_id == state.leader
            assert [each.port for each in told.node_endpoints] == [running.cluster.brokers[state.leader].port]


class OutOfOrder(Dispatcher):
    """Serves the next request before the last one is answered."""

    def accepts_next(self, in_progress: int) -> bool:
        return True


class ForgetsToWake(Partition):
    """Nobody is told of an append."""

    def notify(self) -> None:
        pass


def test_a_part_is_replaced_in_one_cluster_only(running: RunningCluster) -> None:
    with RunningCluster(parts=Parts().with_part(OutOfOrder)) as mutated:
        orders = []
        for cluster in (mutated, running):
            topic = cluster.topic()
            with cluster.wire() as wire:
                wire.send(fetch_request(topic, max_wait_ms=150, min_bytes=1), 11)
                wire.send(MetadataRequest(topics=[]), 11)
                orders.append([int.from_bytes(wire.receive_frame()[:4]) for _ in range(2)])

    assert orders == [[2, 1], [1, 2]]


def test_a_class_that_extends_no_part_is_refused() -> None:
    assert Parts().with_part(ForgetsToWake).replica_parts().partition is ForgetsToWake
    with pytest.raises(TypeError, match="extends no part"):
        Parts().with_part(RunningCluster)


def test_metadata_can_reach_a_broker_late() -> None:
    class Late(MetadataPublication):
        def lag_ms(self, broker: object, image: MetadataImage) -> int:
            return 100 if image.topics else 0

    with RunningCluster(parts=Parts().with_part(Late)) as running:
        topic = running.topic()
        with running.wire() as wire:
            assert produce(wire, topic, batch(b"v")).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_a_handler_that_fails_is_answered_with_an_unknown_server_error(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Partition):
        def check_epoch(self, current_leader_epoch: int) -> ErrorCode:
            raise ZeroDivisionError

    caplog.set_level(logging.CRITICAL, "kafka_conformance.reference_broker.network.dispatcher")
    with RunningCluster(parts=Parts().with_part(Broken)) as running, running.wire() as wire:
        topic = running.topic()
        answer = wire.ask(fetch_request(topic), 11)
        assert answer.error_code == ErrorCode.UNKNOWN_SERVER_ERROR
        assert wire.ask(MetadataRequest(topics=[]), 1).controller_id == 1


def test_requests_are_recorded_decoded_while_somebody_wants_to_see_them() -> None:
    with RunningCluster() as running, running.wire() as wire:
        topic = running.topic()
        trace = running.cluster.trace
        assert len(trace) == 0

        running.thread.call(trace.start)
        produce(wire, topic, batch(b"v"))
        running.thread.call(trace.stop)
        produce(wire, topic, batch(b"v"))

        (entry,) = trace
        assert (entry.header.api_key, entry.header.client_id, entry.node_id) == (ApiKey.PRODUCE, "wire", 1)
        assert entry.request.topic_data[0].name == topic  # type: ignore[attr-defined]
        assert entry.response.responses[0].name == topic  # type: ignore[union-attr]
        assert entry.answered_ms is not None
        assert entry.answered_ms >= entry.arrived_ms


def test_a_trace_is_bounded() -> None:
    with RunningCluster() as running, running.wire() as wire:
        running.thread.call(lambda: running.cluster.trace.start(max_entries=3))
        for _ in range(5):
            wire.ask(MetadataRequest(topics=[]), 1)
        assert len(running.cluster.trace) == 3
        running.thread.call(lambda: running.cluster.trace.start(max_bytes=10))
        wire.ask(MetadataRequest(topics=[]), 1)
        assert len(running.cluster.trace) == 0
