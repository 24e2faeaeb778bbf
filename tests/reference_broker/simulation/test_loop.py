import asyncio
import random
import signal
import threading
import time

import pytest

from kafka_conformance.reference_broker.simulation import (
    EPOCH_MS,
    SimulationDeadlock,
    SimulationLoop,
    SimulationTimeLimit,
    simulated_environment,
)
from tests.reference_broker.simulation.support import simulation


def test_an_hour_of_sleep_takes_no_real_time():
    started = time.monotonic()
    with simulation() as loop:
        loop.run_until_complete(asyncio.sleep(3600))
        assert loop.clock.elapsed() == pytest.approx(3600)
    assert time.monotonic() - started < 1


def test_timers_run_in_the_order_of_their_times():
    order: list[float] = []
    with simulation() as loop:
        for delay in (3.0, 1.0, 2.0):
            loop.call_later(delay, order.append, delay)
        loop.run_until_complete(asyncio.sleep(4))
    assert order == [1.0, 2.0, 3.0]


def test_a_cancelled_timer_does_not_run():
    order: list[str] = []
    with simulation() as loop:
        loop.call_later(1, order.append, "cancelled").cancel()
        loop.call_later(2, order.append, "run")
        loop.run_until_complete(asyncio.sleep(3))
    assert order == ["run"]


def order_of_simultaneous_timers(seed: int, *, shuffle: bool = True) -> list[int]:
    order: list[int] = []
    with simulation(seed, shuffle=shuffle) as loop:
        moment = loop.time() + 5
        for number in range(20):
            loop.call_at(moment, order.append, number)
        loop.run_until_complete(asyncio.sleep(6))
    return order


def test_the_seed_shuffles_timers_of_one_instant():
    orders = [order_of_simultaneous_timers(seed) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == list(range(20)) != orders[0]


def test_without_shuffling_timers_of_one_instant_run_as_scheduled():
    assert order_of_simultaneous_timers(1, shuffle=False) == list(range(20))


def test_call_soon_keeps_its_order():
    order: list[int] = []
    with simulation(3) as loop:
        for number in range(20):
            loop.call_soon(order.append, number)
        loop.run_until_complete(asyncio.sleep(0))
    assert order == list(range(20))


def test_a_timer_still_fires_after_a_virtual_year():
    with simulation() as loop:
        loop.run_until_complete(asyncio.sleep(366 * 86_400))
        loop.run_until_complete(asyncio.sleep(1e-9))
        assert loop.clock.elapsed() > 366 * 86_399


def test_time_outs_of_asyncio_are_virtual():
    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 45)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(300):
                await asyncio.Event().wait()

    with simulation() as loop:
        loop.run_until_complete(main())
        assert loop.clock.elapsed() == pytest.approx(345)


def test_a_deadlock_is_reported_with_those_who_wait():
    async def waits_for_nothing() -> None:
        await asyncio.Event().wait()

    with simulation() as loop:
        task = loop.create_task(waits_for_nothing(), name="fetcher")
        with pytest.raises(SimulationDeadlock, match="'fetcher'") as caught:
            loop.run_until_complete(task)
        assert "waits_for_nothing" in caught.value.pending[0]
        assert "locks.py" in caught.value.pending[0]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(task)


def test_a_time_limit_ends_what_would_go_on_for_ever():
    async def beats() -> None:
        while True:
            await asyncio.sleep(3)

    with simulation(time_limit_s=100) as loop:
        task = loop.create_task(beats())
        with pytest.raises(SimulationTimeLimit, match="beats"):
            loop.run_until_complete(task)
        assert loop.clock.elapsed() <= 100
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(task)


def test_an_executor_runs_the_function_at_once():
    async def main() -> tuple[int, int]:
        here = threading.get_ident()
        return here, await asyncio.to_thread(threading.get_ident)

    with simulation() as loop:
        here, there = loop.run_until_complete(main())
        assert here == there
        with pytest.raises(ZeroDivisionError):
            loop.run_until_complete(loop.run_in_executor(None, divmod, 1, 0))


def test_only_its_own_thread_may_call_a_running_loop():
    refused: list[RuntimeError] = []

    def intrude(loop: SimulationLoop) -> None:
        try:
            loop.call_soon_threadsafe(print)
        except RuntimeError as error:
            refused.append(error)

    async def main() -> str:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulationLoop)
        intruder = threading.Thread(target=intrude, args=(loop,))
        intruder.start()
        intruder.join()
        future = loop.create_future()
        loop.call_soon_threadsafe(future.set_result, "called")
        return await future

    with simulation() as loop:
        assert loop.run_until_complete(main()) == "called"
    assert len(refused) == 1


def test_what_needs_an_operating_system_is_refused_with_a_reason():
    with simulation() as loop:
        with pytest.raises(NotImplementedError, match="signals"):
            loop.add_signal_handler(signal.SIGTERM, print)
        with pytest.raises(NotImplementedError, match="Unix sockets"):
            loop.create_unix_server(asyncio.Protocol, "/tmp/kafka")
        with pytest.raises(NotImplementedError, match="TLS"):
            loop.run_until_complete(loop.create_connection(asyncio.Protocol, "broker", 9093, ssl=True))


def test_asyncio_run_accepts_the_loop():
    async def main() -> float:
        await asyncio.sleep(60)
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=SimulationLoop, debug=True) as runner:
        started = runner.get_loop().time()
        assert runner.run(main()) == pytest.approx(started + 60)


def test_the_time_module_answers_with_virtual_time_while_the_loop_runs():
    async def main() -> None:
        wall, monotonic = time.time(), time.monotonic()
        assert wall * 1000 == pytest.approx(EPOCH_MS)
        assert monotonic == asyncio.get_running_loop().time()
        await asyncio.sleep(1000)
        assert time.time() - wall == pytest.approx(1000)
        assert time.monotonic() - monotonic == pytest.approx(1000)
        assert time.time_ns() == pytest.approx(time.time() * 1e9)

    functions = time.time, time.monotonic, time.perf_counter
    with simulation() as loop:
        loop.run_until_complete(main())
    assert (time.time, time.monotonic, time.perf_counter) == functions


def test_real_time_is_back_after_an_error():
    async def main() -> None:
        raise LookupError

    functions = time.time, time.monotonic
    with simulation() as loop, pytest.raises(LookupError):
        loop.run_until_complete(main())
    assert (time.time, time.monotonic) == functions


def test_other_threads_keep_real_time_while_a_simulation_runs():
    seen: list[float] = []

    async def main() -> float:
        await asyncio.sleep(1_000_000)
        other = threading.Thread(target=lambda: seen.append(time.monotonic()))
        other.start()
        other.join()
        return time.monotonic()

    before = time.monotonic()
    with simulation() as loop:
        virtual = loop.run_until_complete(main())
    assert before <= seen[0] <= time.monotonic()
    assert virtual != seen[0]


def test_two_simulations_in_two_threads_have_clocks_of_their_own():
    both_run = threading.Barrier(2)
    passed: dict[int, float] = {}

    def run(seconds: int) -> None:
        async def main() -> None:
            started = time.monotonic()
            both_run.wait(10)
            await asyncio.sleep(seconds)
            both_run.wait(10)
            passed[seconds] = time.monotonic() - started

        with simulation() as loop:
            loop.run_until_complete(main())

    functions = time.time, time.monotonic
    threads = [threading.Thread(target=run, args=(seconds,)) for seconds in (10, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed == {10: pytest.approx(10), 1000: pytest.approx(1000)}
    assert (time.time, time.monotonic) == functions


def test_the_random_module_draws_from_the_seed_and_is_left_as_it_was():
    async def draw() -> float:
        return random.random()

    def draws(seed: int) -> list[float]:
        with simulation(seed) as loop:
            return [loop.run_until_complete(draw()) for _ in range(3)]

    before = random.getstate()
    assert draws(1) == draws(1) != draws(2)
    assert len(set(draws(1))) == 3
    assert random.getstate() == before


def test_the_broker_s_clock_shows_at_least_the_time_that_a_timer_waited_for():
    async def main(loop: SimulationLoop) -> None:
        environment = simulated_environment(loop)
        for delay_ms in range(1, 2000, 7):
            started = environment.clock.now_ms()
            await asyncio.sleep(delay_ms / 1000)
            assert environment.clock.now_ms() - started == delay_ms

    with simulation() as loop:
        loop.run_until_complete(main(loop))
