"""A client library that knows nothing of the simulation runs on it: aiokafka's connection, against a stub."""

import asyncio
import struct
from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from kafka_conformance.reference_broker.simulation import SimulationLoop
from tests.reference_broker.simulation.support import simulation

API_VERSIONS, METADATA = 18, 3


async def answers_api_versions_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while size := await reader.read(4):
        request = await reader.readexactly(*struct.unpack(">i", size))
        api_key, _, correlation_id = struct.unpack_from(">hhi", request)
        if api_key == API_VERSIONS:
            answer = struct.pack(">ihi", correlation_id, 0, 2)
            answer += struct.pack(">hhh", API_VERSIONS, 0, 0) + struct.pack(">hhh", METADATA, 0, 1)
            writer.write(struct.pack(">i", len(answer)) + answer)
    writer.close()


async def connected(loop: SimulationLoop, **options: Any) -> AIOKafkaConnection:
    await asyncio.start_server(answers_api_versions_only, "broker", 9092)
    return await create_conn("broker", 9092, **options)


def test_aiokafka_connects_and_its_request_times_out_in_virtual_time():
    async def main(loop: SimulationLoop) -> None:
        connection = await connected(loop, request_timeout_ms=40_000)
        assert connection.connected()
        started = loop.time()
        with pytest.raises((KafkaError, TimeoutError)):
            await connection.send(MetadataRequest([]))
        assert loop.time() - started == pytest.approx(40, abs=0.1)
        connection.close()
        await asyncio.sleep(1)

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_aiokafka_closes_an_idle_connection_by_virtual_time():
    async def main(loop: SimulationLoop) -> None:
        closed = loop.create_future()
        connection = await connected(loop, max_idle_ms=540_000, on_close=lambda *_: closed.set_result(loop.time()))
        started = loop.time()
        assert await closed - started == pytest.approx(540, abs=1)
        assert not connection.connected()
        await asyncio.sleep(1)

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_aiokafka_is_told_that_nothing_listens():
    async def main() -> None:
        with pytest.raises(OSError):
            await create_conn("broker", 9092)

    with simulation() as loop:
        loop.run_until_complete(main())
