"""Feeds frames to the codec, then to a broker; exits 1 at the first that does what it must not."""

import argparse
import asyncio
import resource
import sys
from random import Random
from typing import Any

from kafka_conformance.protocol.catalogue import request_type, response_type
from kafka_conformance.protocol.codec import decode_message
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.frames import decode_request_header, decode_response, encode_request
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafka_conformance.protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafka_conformance.protocol.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from kafka_conformance.protocol.records import NewRecord, build_batch
from kafka_conformance.reference_broker.cluster.cluster import Cluster
from kafka_conformance.reference_broker.config.departures import reference_config
from kafka_conformance.reference_broker.simulation import SimulationLoop, simulated_environment
from tests.fuzz.frames import FrameMaker

HEALTHY = "healthy"
MEMORY_GROWTH_KB = 400_000
SETTLE_EVERY = 5_000


class Wrong(Exception):
    """Something that no frame may cause."""


def fuzz_codec(frames: int, seed: int) -> int:
    """Decode every frame as a request and as a response; return how many were whole. Raises Wrong."""
    whole = 0
    for frame in FrameMaker(Random(seed)).frames(frames):
        try:
            header, position = decode_request_header(frame)
            decode_message(request_type(header.api_key), header.api_version, memoryview(frame), position)
            whole += 1
            decode_message(response_type(header.api_key), header.api_version, memoryview(frame), position)
        except ProtocolError:
            continue
        except BaseException as error:
            raise Wrong(f"the codec raised {error!r} for {frame.hex()}") from error
    return whole


class SilentTransport(asyncio.Transport):
    """The attacker's side: takes what is sent and knows whether it was closed."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.closed = False
        self.sent = 0

    def write(self, data: Any) -> None:
        self.sent += len(data)

    def writelines(self, parts: Any) -> None:
        self.sent += sum(map(len, parts))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Attacker:
    """Feeds frames to connections of one broker, a new connection after each that was closed or is waiting."""

    def __init__(self, broker: Any) -> None:
        self._broker = broker
        self._connection: Any = None
        self._transport = SilentTransport()
        self.connections = 0

    def feed(self, frame: bytes) -> None:
        if self._connection is None or self._transport.closed or self._connection._pending:
            self._reconnect()
        data = memoryview(len(frame).to_bytes(4, "big") + frame)
        while data:
            room = self._connection.get_buffer(len(data))
            count = min(len(room), len(data))
            room[:count] = data[:count]
            self._connection.buffer_updated(count)
            data = data[count:]

    def _reconnect(self) -> None:
        from kafka_conformance.reference_broker.network.connection import Connection

        if self._connection is not None:
            self._connection.connection_lost(None)
        self._transport = SilentTransport()
        self._connection = Connection(self._broker.listener)
        self._connection.connection_made(self._transport)
        self.connections += 1


class HealthyClient:
    """Produces and fetches over its own connection, and expects what it would expect without the others."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._number = 0

    async def ask(self, message: Message, version: int) -> Any:
        self._number += 1
        self._writer.writelines(encode_request(message, version, self._number, HEALTHY))
        size = int.from_bytes(await self._reader.readexactly(4), "big")
        correlation_id, answer = decode_response(message.api_key, version, await self._reader.readexactly(size))
        if correlation_id != self._number:
            raise Wrong(f"answer {correlation_id} to request {self._number}")
        return answer

    async def check(self, offset: int) -> None:
        batch = bytes(build_batch([NewRecord(b"k", b"v%d" % offset)]))
        data = TopicProduceData(name=HEALTHY, partition_data=[PartitionProduceData(records=batch)])
        produced = await self.ask(ProduceRequest(acks=-1, timeout_ms=1000, topic_data=[data]), 9)
        partition = produced.responses[0].partition_responses[0]
        if (partition.error_code, partition.base_offset) != (0, offset):
            raise Wrong(f"produced at {partition.base_offset}, error {partition.error_code}; expected {offset}")
        wanted = FetchPartition(fetch_offset=offset, partition_max_bytes=1 << 20)
        topic = FetchTopic(topic=HEALTHY, partitions=[wanted])
        fetched = await self.ask(FetchRequest(max_bytes=1 << 20, topics=[topic], session_epoch=-1), 12)
        records = bytes(fetched.responses[0].partitions[0].records)
        if records[61:] != batch[61:]:
            raise Wrong(f"fetched {records!r} at {offset}")


async def fuzz_broker(loop: SimulationLoop, frames: int, seed: int) -> int:
    """Feed every frame to a broker, and see that a healthy client does not notice. Raises Wrong."""
    cluster = Cluster(reference_config({}), simulated_environment(loop))
    host, _, port = (await cluster.start()).rpartition(":")
    healthy = HealthyClient(*await asyncio.open_connection(host, int(port)))
    created = await healthy.ask(CreateTopicsRequest(topics=[_topic()]), 5)
    if created.topics[0].error_code:
        raise Wrong(f"the topic was not created: {created}")
    attacker = Attacker(cluster.brokers[1])
    await healthy.check(0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    checks = 1
    for number, frame in enumerate(FrameMaker(Random(seed)).frames(frames), 1):
        attacker.feed(frame)
        if number % SETTLE_EVERY == 0:
            await asyncio.sleep(1)
            await healthy.check(checks)
            checks += 1
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            if grown > MEMORY_GROWTH_KB:
                raise Wrong(f"memory grew by {grown} kB after {number} frames")
    await cluster.stop()
    return attacker.connections


def _topic() -> CreatableTopic:
    return CreatableTopic(name=HEALTHY, num_partitions=1, replication_factor=1)


def main() -> int:
    """Run both; print one line each."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    out = sys.stdout
    try:
        whole = fuzz_codec(options.frames, options.seed)
        out.write(f"codec: {options.frames} frames, {whole} of them whole requests, no error but ProtocolError\n")
        loop = SimulationLoop(seed=options.seed)
        connections = loop.run_until_complete(fuzz_broker(loop, options.frames, options.seed))
        out.write(f"broker: {options.frames} frames on {connections} connections, a client beside them unharmed\n")
    except Wrong as wrong:
        out.write(f"WRONG: {wrong}\n")
        return 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    out.write(f"memory: at most {peak} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
