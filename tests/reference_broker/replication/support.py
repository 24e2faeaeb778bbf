"""A cluster of several brokers in virtual time, spoken to without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from kafka_conformance.protocol.messages.fetch import FetchPartition
from kafka_conformance.protocol.messages.produce import PartitionProduceResponse
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.protocol.records import batches, read_batch_header, records_of
from kafka_conformance.reference_broker.cluster.broker import Broker
from kafka_conformance.reference_broker.cluster.cluster import Cluster
from kafka_conformance.reference_broker.config.departures import reference_config
from kafka_conformance.reference_broker.controller.image import PartitionImage
from kafka_conformance.reference_broker.parts import Parts
from kafka_conformance.reference_broker.replication.appending import Entry
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.replication.reads import FetchIsolation, FetchParams
from kafka_conformance.reference_broker.simulation import SimulationLoop, simulated_environment
from tests.reference_broker.wire import batch

T = TypeVar("T")

TOPIC = "orders"
LATENCY = (0.000_1, 0.001)


class Simulated:
    """Brokers 1 to n; one topic, whose first replica is the broker 1."""

    def __init__(
        self,
        *,
        brokers: int = 3,
        seed: int = 0,
        settings: Mapping[str, str] | None = None,
        parts: Parts | None = None,
        racks: tuple[str, ...] = (),
    ) -> None:
        self.loop = SimulationLoop(seed)
        config = reference_config({"replica.lag.time.max.ms": "2500", **(settings or {})}, brokers=brokers)
        env = simulated_environment(self.loop)
        self.cluster = Cluster(config, env, parts, brokers=brokers, link_latency=LATENCY, racks=racks)
        self.run(self.cluster.start())

    def __enter__(self) -> Simulated:
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.cluster.stop())
        self.loop.close()

    # Running

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def wait(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    def wait_until(self, condition: Callable[[], bool], within: float = 60.0) -> float:
        """Wait for a condition; return how many virtual seconds it took."""
        begun = self.loop.time()
        while not condition():
            assert self.loop.time() - begun < within, f"not within {within} s: {self.state()}"
            self.wait(0.02)
        return self.loop.time() - begun

    # The topic

    def create(self, replicas: list[int] | None = None, **configs: str) -> None:
        """Create the topic with one partition, which keeps records of any age."""
        configs = {"retention_ms": "-1", **configs}
        topic = CreatableTopic(
            name=TOPIC,
            num_partitions=-1,
            replication_factor=-1,
            assignments=[CreatableReplicaAssignment(partition_index=0, broker_ids=replicas or [1, 2, 3])],
            configs=[CreatableTopicConfig(name=key.replace("_", "."), value=value) for key, value in configs.items()],
        )
        answer = self.cluster.controller.create_topics(CreateTopicsRequest(topics=[topic], timeout_ms=1000))
        assert answer.topics[0].error_code == 0, answer

    def state(self) -> PartitionImage:
        return self.cluster.controller.image.topics[TOPIC].partitions[0]

    def broker(self, node_id: int) -> Broker:
        return self.cluster.brokers[node_id]

    def replica(self, node_id: int) -> Partition:
        return self.broker(node_id).partitions[TOPIC, 0]

    @property
    def leader(self) -> int:
        return self.state().leader

    # Clients

    async def produce(
        self, *values: bytes, node: int | None = None, acks: int = -1, timeout_ms: int = 30_000
    ) -> PartitionProduceResponse:
        """Produce one batch to a broker, by default to the leader."""
        data = memoryview(bytearray(batch(*values)))
        answer = PartitionProduceResponse()
        entry = Entry(TOPIC, ZERO_UUID, 0, read_batch_header(data), data, answer)
        waiting = self.broker(self.leader if node is None else node).appender.append([entry], acks, timeout_ms)
        if waiting is not None:
            await waiting
        return answer

    def send(self, *values: bytes, node: int | None = None, acks: int = -1, timeout_ms: int = 30_000) -> ErrorCode:
        return ErrorCode(self.run(self.produce(*values, node=node, acks=acks, timeout_ms=timeout_ms)).error_code)

    def visible(self, node_id: int) -> list[bytes]:
        """What a consumer reads at a replica."""
        params = FetchParams(-1, FetchIsolation.HIGH_WATERMARK, 0, 1, 1 << 20, may_prefer_replica=True)
        read = self.replica(node_id).fetch(params, FetchPartition(), 1 << 20, min_one_batch=True)
        assert read.error is ErrorCode.NONE
        return values_of(b"".join(read.buffers))

    def values(self, node_id: int) -> list[bytes]:
        """Everything in the log of a replica."""
        log = self.replica(node_id).log
        read = log.read(log.log_start_offset, 1 << 20, log.log_end_offset)
        assert not isinstance(read, ErrorCode)
        return values_of(b"".join(read.buffers))


def values_of(data: bytes) -> list[bytes]:
    return [record.value or b"" for header, view in batches(data) for record in records_of(header, view)]
