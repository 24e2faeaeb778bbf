"""A blocking client of raw frames, and a cluster to point it at."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Mapping
from typing import Any

from kafka_conformance.protocol.frames import decode_response, encode_request
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from kafka_conformance.protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafka_conformance.protocol.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    TopicProduceData,
)
from kafka_conformance.protocol.records import NewRecord, build_batch
from kafka_conformance.reference_broker.cluster.cluster import Cluster
from kafka_conformance.reference_broker.config.departures import reference_config
from kafka_conformance.reference_broker.environment import Environment, SystemClock
from kafka_conformance.reference_broker.hosting.thread import LoopThread
from kafka_conformance.reference_broker.parts import Parts

TIMEOUT_S = 5.0


class Wire:
    """One connection."""

    def __init__(self, address: str, client_id: str | None = "wire") -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client_id = client_id
        self._correlation_id = 0

    def send(self, request: Message, version: int) -> int:
        """Send a request; return its correlation id."""
        self._correlation_id += 1
        self.send_bytes(b"".join(encode_request(request, version, self._correlation_id, self.client_id)))
        return self._correlation_id

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self, key: int, version: int) -> tuple[int, Any]:
        """Receive an answer: its correlation id and message."""
        return decode_response(key, version, self.receive_frame())

    def ask(self, request: Message, version: int) -> Any:
        """Send a request and return its answer."""
        correlation_id = self.send(request, version)
        answered, response = self.receive(request.api_key, version)
        assert answered == correlation_id
        return response

    def receive_frame(self) -> bytes:
        return self._exactly(int.from_bytes(self._exactly(4)))

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            part = self.socket.recv(size)
            if not part:
                raise ConnectionError("closed")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def is_closed(self) -> bool:
        """Wait for the peer: True where it closes, False where it sends something."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def is_silent(self, seconds: float = 0.15) -> bool:
        """Whether nothing comes and nothing is closed for a while."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) is None
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(TIMEOUT_S)

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RunningCluster:
    """A cluster in a thread."""

    def __init__(
        self, settings: Mapping[str, str] | None = None, *, parts: Parts | None = None, brokers: int = 1
    ) -> None:
        self.thread = LoopThread().start()

        async def start() -> Cluster:
            env = Environment(asyncio.get_running_loop(), SystemClock(), random.Random(7))
            cluster = Cluster(reference_config(settings or {}, brokers=brokers), env, parts, brokers=brokers)
            await cluster.start()
            return cluster

        self.cluster = self.thread.call(start())
        self._topics = 0

    @property
    def bootstrap(self) -> str:
        return self.cluster.bootstrap_servers

    def wire(self, node_id: int = 1, client_id: str | None = "wire") -> Wire:
        """Connect to a broker."""
        return Wire(f"{self.cluster.host}:{self.cluster.brokers[node_id].port}", client_id)

    def topic(self, partitions: int = 1, **settings: str) -> str:
        """Create a topic; settings have underscores in place of dots. Records of any age are kept."""
        settings = {"retention_ms": "-1", **settings}
        self._topics += 1
        name = f"topic.{self._topics}"
        configs = [CreatableTopicConfig(name=key.replace("_", "."), value=value) for key, value in settings.items()]
        topic = CreatableTopic(name=name, num_partitions=partitions, replication_factor=-1, configs=configs)
        with self.wire() as wire:
            response = wire.ask(CreateTopicsRequest(topics=[topic], timeout_ms=1000), 7)
        assert response.topics[0].error_code == 0, response
        return name

    def stop(self) -> None:
        self.thread.call(self.cluster.stop())
        self.thread.stop()

    def __enter__(self) -> RunningCluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def batch(*values: bytes, key: bytes | None = b"k", timestamp: int = 1_700_000_000_000, **options: Any) -> bytes:
    """A batch of records, a millisecond apart."""
    records = [NewRecord(key, value, timestamp=timestamp + n) for n, value in enumerate(values)]
    return bytes(build_batch(records, **options))


def produce_request(
    topic: str, records: bytes | None, *, partition: int = 0, acks: int = -1, **rest: Any
) -> ProduceRequest:
    """Produce to one partition."""
    data = PartitionProduceData(index=partition, records=records)
    topics = [TopicProduceData(name=topic, partition_data=[data])]
    return ProduceRequest(acks=acks, timeout_ms=1000, topic_data=topics, **rest)


def produce(
    wire: Wire, topic: str, records: bytes | None, *, version: int = 9, **options: Any
) -> PartitionProduceResponse:
    """Produce to one partition and return the answer for it."""
    response = wire.ask(produce_request(topic, records, **options), version)
    answer: PartitionProduceResponse = response.responses[0].partition_responses[0]
    return answer


def fetch_request(
    topic: str, offset: int = 0, *, partition: int = 0, partition_max_bytes: int = 1 << 20, **rest: Any
) -> FetchRequest:
    """Fetch one partition."""
    wanted = FetchPartition(partition=partition, fetch_offset=offset, partition_max_bytes=partition_max_bytes)
    return FetchRequest(topics=[FetchTopic(topic=topic, partitions=[wanted])], **{"max_bytes": 1 << 20, **rest})
