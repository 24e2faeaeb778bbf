"""Whatever both ends do, and whatever happens to their link: what holds of every connection."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_conformance.reference_broker.simulation import SimulationLoop
from tests.reference_broker.simulation.support import Recorder, pair, simulation

ENDS = st.sampled_from([0, 1])
LONGER_THAN_ANY_LIMIT_S = 2_000

OPERATIONS = st.one_of(
    st.tuples(st.just("write"), ENDS, st.sampled_from([1, 10, 70_000, 200_000])),
    st.tuples(st.just("sleep"), st.floats(0, 0.003)),
    st.tuples(st.sampled_from(["pause_reading", "resume_reading", "write_eof", "close", "abort"]), ENDS),
    st.tuples(st.just("cut"), st.booleans()),
    st.tuples(st.just("heal")),
)


def write(end: Recorder, size: int, sent: bytes) -> bytes:
    """Write numbered bytes unless the end has said that it writes no more; return all that it has written."""
    if end.transport.is_closing() or end.transport._eof_sent:
        return sent
    data = bytes((len(sent) + position) % 251 for position in range(size)) if size < 100 else bytes(size)
    end.transport.write(data)
    return sent + data


async def play(loop: SimulationLoop, operations: list[Any], half_open: bool) -> list[Recorder]:
    ends = list(await pair(loop, stays_half_open=half_open))
    sent = [b"", b""]
    for name, *arguments in operations:
        match name, arguments:
            case "write", [end, size]:
                sent[end] = write(ends[end], size, sent[end])
            case "sleep", [seconds]:
                await asyncio.sleep(seconds)
            case "cut", [one_way]:
                loop.network.cut("localhost", "broker", one_way=one_way)
            case "heal", []:
                loop.network.heal()
            case _, [end]:
                getattr(ends[end].transport, name)()
    loop.network.heal()
    for end in ends:
        end.transport.resume_reading()
    await asyncio.sleep(1)
    for end in ends:
        end.transport.close()
    await asyncio.sleep(LONGER_THAN_ANY_LIMIT_S)
    assert sent[0].startswith(ends[1].received)
    assert sent[1].startswith(ends[0].received)
    return ends


@settings(max_examples=60, deadline=None)
@given(st.lists(OPERATIONS, max_size=30), st.booleans(), st.integers(0, 2**32))
def test_every_connection_ends_once_and_delivers_a_prefix_in_order(operations, half_open, seed):
    reports: list[object] = []
    with simulation(seed) as loop:
        loop.set_exception_handler(lambda _, context: reports.append(context))
        for end in loop.run_until_complete(play(loop, operations, half_open)):
            assert end.lost.done()
            assert sum(event == "lost" or isinstance(event, tuple) for event in end.events) == 1
            assert 0 <= end.events.count("pause") - end.events.count("resume") <= 1
        assert loop.network.open_connections == 0
    assert reports == []


@settings(max_examples=20, deadline=None)
@given(st.lists(OPERATIONS, max_size=30), st.booleans(), st.integers(0, 2**32))
def test_every_run_can_be_repeated(operations, half_open, seed):
    def run() -> tuple[str, float, list[Any]]:
        with simulation(seed) as loop:
            ends = loop.run_until_complete(play(loop, operations, half_open))
            return loop.network.transcript_digest(), loop.time(), [end.events for end in ends]

    assert run() == run()
