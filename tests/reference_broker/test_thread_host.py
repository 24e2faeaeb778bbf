import asyncio
import concurrent.futures
import contextlib
import subprocess
import sys
import threading

import pytest

from kafka_conformance.reference_broker.environment import Environment, SystemClock
from kafka_conformance.reference_broker.hosting.thread import LoopThread


def test_a_loop_thread_runs_coroutines_and_functions_on_its_loop():
    async def where() -> tuple[int, asyncio.AbstractEventLoop]:
        return threading.get_ident(), asyncio.get_running_loop()

    with LoopThread() as thread:
        ident, loop = thread.call(where())
        assert ident != threading.get_ident()
        assert loop is thread.loop
        assert thread.call(threading.get_ident) == ident
        assert thread.call(lambda: asyncio.get_running_loop()) is loop


def test_an_error_comes_back_to_the_caller():
    with LoopThread() as thread, pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 // 0)


def test_a_call_that_takes_too_long_is_cancelled():
    cancelled = threading.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with LoopThread() as thread:
        with pytest.raises(TimeoutError):
            thread.call(wait(), timeout=0.01)
        assert cancelled.wait(10)


def test_stopping_cancels_tasks_and_ends_loop_and_thread():
    ends: list[str] = []

    async def serve() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ends.append("ended")

    async def start() -> asyncio.Task[None]:
        return asyncio.create_task(serve())

    thread = LoopThread(name="kafka-under-test").start()
    thread.call(start())
    thread.stop()
    thread.stop()
    assert ends == ["ended"]
    assert thread.loop.is_closed()
    assert "kafka-under-test" not in [each.name for each in threading.enumerate()]


def test_a_waiting_call_is_told_that_the_loop_stops():
    thread = LoopThread().start()
    started = threading.Event()

    async def wait() -> None:
        started.set()
        await asyncio.Event().wait()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(thread.call, wait())
        assert started.wait(10)
        thread.stop()
        with pytest.raises(concurrent.futures.CancelledError):
            waiting.result(10)


def test_a_loop_thread_that_does_not_run_refuses_calls():
    thread = LoopThread()
    with pytest.raises(RuntimeError, match="does not run"):
        thread.call(int)
    thread.start()
    with pytest.raises(RuntimeError, match="started before"):
        thread.start()
    thread.stop()
    with pytest.raises(RuntimeError, match="does not run"):
        thread.call(asyncio.sleep(0))


def test_the_loop_s_own_thread_may_not_wait_for_itself():
    with LoopThread() as thread, pytest.raises(RuntimeError, match="wait for itself"):
        thread.call(lambda: thread.call(int))


def test_a_task_that_resists_is_left_behind_with_an_error():
    release = threading.Event()

    async def resist() -> None:
        while not release.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    thread = LoopThread().start()
    thread.call(lambda: asyncio.ensure_future(resist()))
    with pytest.raises(TimeoutError, match="did not end"):
        thread.stop(timeout=0.05)
    release.set()
    thread.stop()


def test_an_interpreter_ends_quietly_with_a_loop_thread_running():
    program = (
        "import asyncio\n"
        "from kafka_conformance.reference_broker.hosting.thread import LoopThread\n"
        "async def serve():\n"
        "    asyncio.get_running_loop().task = asyncio.create_task(asyncio.sleep(3600))\n"
        "LoopThread().start().call(serve())\n"
    )
    ended = subprocess.run([sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_importing_the_environment_does_not_import_asyncio():
    program = (
        "import sys\n"
        "import kafka_conformance.reference_broker.environment\n"
        "print({'asyncio', 'random', 'dataclasses', 'typing_extensions'} & set(sys.modules))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert ended.stdout.strip() == "set()"


def test_the_system_clock_moves_with_the_machine():
    clock = SystemClock()
    before = clock.now_ms(), clock.monotonic()
    threading.Event().wait(0.002)
    assert clock.now_ms() > before[0] > 1_700_000_000_000
    assert clock.monotonic() > before[1]
    assert Environment._fields == ("loop", "clock", "random")
