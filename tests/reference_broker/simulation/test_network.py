import asyncio
import errno
import socket

import pytest

from kafka_conformance.reference_broker.simulation import SimulationLoop, on_host
from tests.reference_broker.simulation.support import BufferedEcho, Recorder, pair, simulation


async def chatter(loop: SimulationLoop) -> None:
    """Three clients talk with an echo server, and their time-outs race."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def talk(number: int) -> None:
        reader, writer = await asyncio.open_connection("broker", 9092)
        for size in range(1, 40):
            writer.write(bytes([number]) * size)
            assert await reader.readexactly(size) == bytes([number]) * size
        await asyncio.sleep(1)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(echo, "broker", 9092):
        await asyncio.gather(*(talk(number) for number in range(3)))
        await asyncio.sleep(1)  # the server sees the ends


def outcome(seed: int) -> tuple[str, float]:
    with simulation(seed) as loop:
        loop.run_until_complete(chatter(loop))
        return loop.network.transcript_digest(), loop.clock.elapsed()


def test_the_same_seed_gives_the_same_transcript_and_the_same_end():
    assert outcome(1) == outcome(1)


def test_another_seed_gives_another_transcript_and_another_end():
    (digest, end), (other_digest, other_end) = outcome(1), outcome(2)
    assert digest != other_digest
    assert end != other_end


def test_the_transcript_shows_each_delivery_with_its_direction():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop)
        client.transport.write(b"abc")
        client.transport.close()
        await server.lost

    with simulation(fragmentation=0) as loop:
        loop.run_until_complete(main(loop))
        steps = [(d.direction, d.kind, d.size) for d in loop.network.transcript.newest]
    assert steps[:4] == [(">", "open", 0), ("<", "accepted", 0), (">", "data", 3), (">", "eof", 0)]


def test_deliveries_keep_their_order_within_a_direction():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop)
        for number in range(256):
            client.transport.write(bytes([number]))
        client.transport.close()
        await server.lost
        assert server.events == ["made", bytes(range(256)), "eof", "lost"]

    with simulation(5, fragmentation=1) as loop:
        loop.run_until_complete(main(loop))


@pytest.mark.parametrize("fragmentation", [0.0, 1.0])
def test_a_buffered_protocol_receives_into_its_own_buffer(fragmentation):
    async def main(loop: SimulationLoop) -> None:
        await loop.create_server(BufferedEcho, "broker", 9092)
        transport, client = await loop.create_connection(Recorder, "broker", 9092)
        assert isinstance(client, Recorder)
        sent = bytes(range(256)) * 20
        transport.write(bytearray(sent))
        await asyncio.sleep(10)
        assert client.received == sent
        transport.close()

    with simulation(fragmentation=fragmentation) as loop:
        loop.run_until_complete(main(loop))


def test_what_was_written_is_not_changed_by_a_reused_buffer():
    async def main(loop: SimulationLoop) -> bytes:
        client, server = await pair(loop)
        buffer = bytearray(b"first")
        client.transport.writelines([memoryview(buffer), b"+"])
        buffer[:] = b"other"
        await asyncio.sleep(1)
        return server.received

    with simulation() as loop:
        assert loop.run_until_complete(main(loop)) == b"first+"


def test_a_writer_is_paused_until_a_slow_reader_reads():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop)
        server.transport.pause_reading()
        written = 0
        while "pause" not in client.events:
            client.transport.write(b"x" * 10_000)
            written += 10_000
        assert client.transport.get_write_buffer_size() > client.transport.get_write_buffer_limits()[1]

        await asyncio.sleep(60)
        assert client.events == ["made", "pause"]
        assert server.received == b""

        server.transport.resume_reading()
        await asyncio.sleep(1)
        assert client.events == ["made", "pause", "resume"]
        assert len(server.received) == written

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_close_flushes_what_was_written_before_the_connection_is_lost():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop)
        server.transport.pause_reading()
        client.transport.write(b"x" * 1_000_000)
        client.transport.close()
        assert client.transport.is_closing()
        await asyncio.sleep(60)
        assert not client.lost.done()

        server.transport.resume_reading()
        assert await client.lost is None
        assert await server.lost is None
        assert len(server.received) == 1_000_000
        assert server.events[-2:] == ["eof", "lost"]

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_an_end_of_file_leaves_the_other_direction_open():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop, stays_half_open=True)
        client.transport.write(b"question")
        client.transport.write_eof()
        with pytest.raises(RuntimeError, match="write_eof"):
            client.transport.write(b"more")
        await asyncio.sleep(1)
        assert server.events == ["made", b"question", "eof"]
        server.transport.write(b"answer")
        server.transport.close()
        await asyncio.sleep(1)
        assert client.events == ["made", b"answer", "eof"]

    with simulation(fragmentation=0) as loop:
        loop.run_until_complete(main(loop))


def test_abort_arrives_as_a_reset_behind_the_data():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop)
        client.transport.write(b"last words")
        client.transport.abort()
        assert isinstance(await server.lost, ConnectionResetError)
        assert server.events == ["made", b"last words", ("lost", ConnectionResetError)]
        assert client.events == ["made", "lost"]

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_abort_loses_what_the_network_has_not_taken():
    async def main(loop: SimulationLoop) -> int:
        client, server = await pair(loop)
        client.transport.write(b"x" * 1_000_000)
        client.transport.abort()
        await server.lost
        return len(server.received)

    with simulation() as loop:
        assert loop.run_until_complete(main(loop)) < 200_000


def test_data_for_a_closed_connection_is_answered_by_a_reset():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop, stays_half_open=True)
        server.transport.close()
        await asyncio.sleep(1)
        client.transport.write(b"are you there?")
        assert isinstance(await client.lost, ConnectionResetError)

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_an_error_of_a_protocol_is_reported_and_ends_its_connection():
    reports: list[dict[str, object]] = []

    async def main(loop: SimulationLoop) -> None:
        loop.set_exception_handler(lambda _, context: reports.append(context))
        client, server = await pair(loop)
        server.data_received = None  # type: ignore[method-assign, assignment]
        client.transport.write(b"x")
        assert isinstance(await server.lost, TypeError)
        assert isinstance(await client.lost, ConnectionResetError)

    with simulation() as loop:
        loop.run_until_complete(main(loop))
    assert isinstance(reports[0]["exception"], TypeError)


def test_a_connection_is_refused_where_nothing_listens():
    async def main(loop: SimulationLoop) -> None:
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(Recorder, "broker", 9092)
        server = await loop.create_server(Recorder, "broker", 9092)
        await loop.create_connection(Recorder, "broker", 9092)
        server.close()
        await server.wait_closed()
        assert server.sockets == ()
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(Recorder, "broker", 9092)

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_a_port_is_bound_once_and_free_again_after_close():
    async def main(loop: SimulationLoop) -> None:
        server = await loop.create_server(Recorder, "broker", 9092)
        await loop.create_server(Recorder, "other", 9092)
        with pytest.raises(OSError) as caught:
            await loop.create_server(Recorder, "broker", 9092)
        assert caught.value.errno == errno.EADDRINUSE
        server.close()
        assert (await loop.create_server(Recorder, "broker", 9092)).is_serving()

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_a_server_that_does_not_serve_yet_refuses():
    async def main(loop: SimulationLoop) -> None:
        server = await loop.create_server(Recorder, "broker", 9092, start_serving=False)
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(Recorder, "broker", 9092)
        await server.start_serving()
        await loop.create_connection(Recorder, "broker", 9092)

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_both_ends_know_each_other_s_address():
    async def main(loop: SimulationLoop) -> None:
        client, server = await pair(loop)
        assert client.transport.get_extra_info("peername") == server.transport.get_extra_info("sockname")
        assert client.transport.get_extra_info("sockname") == server.transport.get_extra_info("peername")
        assert client.transport.get_extra_info("socket") is None
        [(family, kind, _, _, address)] = await loop.getaddrinfo("broker", 9092)
        assert (family, kind) == (socket.AF_INET, socket.SOCK_STREAM)
        assert address == (client.transport.get_extra_info("peername")[0], 9092)
        assert await loop.getnameinfo(address) == ("broker", "9092")

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_loopback_is_the_host_that_asks():
    async def main(loop: SimulationLoop) -> None:
        with on_host("broker-1"):
            await loop.create_server(Recorder, "127.0.0.1", 9092)
            await loop.create_connection(Recorder, "localhost", 9092)
        await loop.create_connection(Recorder, "broker-1", 9092)
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(Recorder, "localhost", 9092)

    with simulation() as loop:
        loop.run_until_complete(main(loop))


def test_giving_up_while_connecting_leaves_nothing_open():
    async def main(loop: SimulationLoop) -> None:
        accepted: list[Recorder] = []

        def accept() -> Recorder:
            accepted.append(Recorder())
            return accepted[-1]

        await loop.create_server(accept, "broker", 9092)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(loop.create_connection(Recorder, "broker", 9092), 0.0011)
        assert isinstance(await accepted[0].lost, ConnectionResetError)

    with simulation(latency=(0.001, 0.001)) as loop:
        loop.run_until_complete(main(loop))
