import asyncio

import pytest

from kafka_conformance.reference_broker.simulation import SimulationLoop, on_host
from tests.reference_broker.simulation.support import Recorder, pair, simulation


def test_a_cut_link_holds_data_until_it_is_healed():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop)
        loop.network.cut("localhost", "broker")
        client.transport.write(b"to broker")
        server.transport.write(b"to client")
        await asyncio.sleep(60)
        assert client.received == server.received == b""
        assert len(loop.network.held()) == 2

        loop.network.heal("broker", "localhost")
        await asyncio.sleep(1)
        assert (client.received, server.received) == (b"to client", b"to broker")
        assert loop.network.held() == []

    with simulation(fragmentation=0) as loop:
        loop.run_until_complete(main(loop))


def test_a_cut_strikes_what_is_on_its_way():
    async def main(loop: SimulationLoop) -> bytes:
        client, server = await pair(loop)
        client.transport.write(b"x")
        loop.network.cut("localhost", "broker")
        await asyncio.sleep(60)
        return server.received

    with simulation() as loop:
        assert loop.run_until_complete(main(loop)) == b""


def test_a_link_can_be_cut_one_way():
    async def main(loop: SimulationLoop) -> tuple[bytes, bytes]:
        client, server = await pair(loop)
        loop.network.cut("localhost", "broker", one_way=True)
        client.transport.write(b"to broker")
        server.transport.write(b"to client")
        await asyncio.sleep(60)
        return client.received, server.received

    with simulation() as loop:
        assert loop.run_until_complete(main(loop)) == (b"to client", b"")


def test_a_connection_over_a_cut_link_fails_after_a_quarter_of_an_hour():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop)
        loop.network.isolate("broker")
        client.transport.write(b"x")
        started = loop.time()
        assert isinstance(await client.lost, TimeoutError)
        assert loop.time() - started == pytest.approx(924.6, abs=1)
        assert not server.lost.done()

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_connecting_over_a_cut_link_fails_after_two_minutes():
    async def main(loop: SimulationLoop) -> None:
        accepted: list[None] = []
        await loop.create_server(lambda: accepted.append(None) or Recorder(), "broker", 9092)
        loop.network.cut("localhost", "broker")
        started = loop.time()
        with pytest.raises(TimeoutError):
            await loop.create_connection(Recorder, "broker", 9092)
        assert loop.time() - started == pytest.approx(127)
        loop.network.heal()
        await asyncio.sleep(10)
        assert accepted == []

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_connecting_waits_for_a_link_to_heal():
    async def main(loop: SimulationLoop) -> None:
        await loop.create_server(Recorder, "broker", 9092)
        loop.network.cut("localhost", "broker")
        loop.call_later(50, loop.network.heal)
        started = loop.time()
        await loop.create_connection(Recorder, "broker", 9092)
        assert loop.time() - started == pytest.approx(50, abs=1)

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_an_isolated_host_is_cut_off_from_all_but_itself():
    async def main(loop: SimulationLoop) -> None:
        with on_host("broker-1"):
            await loop.create_server(Recorder, None, 9092)
        await loop.create_server(Recorder, "broker-2", 9092)
        loop.network.isolate("broker-1")
        with on_host("broker-1"):
            await loop.create_connection(Recorder, "broker-1", 9092)
            with pytest.raises(TimeoutError):
                await loop.create_connection(Recorder, "broker-2", 9092)
        with pytest.raises(TimeoutError):
            await loop.create_connection(Recorder, "broker-1", 9092)
        await loop.create_connection(Recorder, "broker-2", 9092)
        loop.network.heal("broker-1")
        await loop.create_connection(Recorder, "broker-1", 9092)

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_a_slow_link_delays_each_direction():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop)
        loop.network.slow("localhost", "broker", 250)
        client.transport.write(b"x")
        await asyncio.sleep(0.249)
        assert server.received == b""
        await asyncio.sleep(0.01)
        assert server.received == b"x"
        loop.network.slow("localhost", "broker", 0)
        client.transport.write(b"y")
        await asyncio.sleep(0.01)
        assert server.received == b"xy"

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_a_protocol_runs_on_the_host_of_its_own_end():
    async def main(loop: SimulationLoop) -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(1)
            with pytest.raises(ConnectionRefusedError):  # its own port 1, where nothing listens
                await loop.create_connection(Recorder, "localhost", 1)
            writer.write(b"refused")
            writer.close()

        await loop.create_server(Recorder, "localhost", 1)
        with on_host("broker"):
            await asyncio.start_server(handle, None, 9092)
        reader, writer = await asyncio.open_connection("broker", 9092)
        writer.write(b"?")
        assert await reader.read() == b"refused"
        await loop.create_connection(Recorder, "localhost", 1)
        writer.close()

    with simulation() as loop:
        loop.run_until_complete(main(loop))
