"""An event loop in a thread of its own, so that blocking code can have a cluster beside it."""

import asyncio
import atexit
import contextlib
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")

STOP_LIMIT_S = 10.0
EXIT_LIMIT_S = 1.0


class LoopThread:
    """Runs a loop in a daemon thread until `stop`, or until the interpreter ends.

        with LoopThread() as thread:
            cluster = thread.call(start_cluster())

    All calls may come from any thread but its own.
    """

    def __init__(
        self, name: str = "kafka-conformance", loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    ) -> None:
        self._name = name
        self._loop_factory = loop_factory or asyncio.new_event_loop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._accepting = False
        self._lock = threading.Lock()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The running loop. Raises RuntimeError unless started."""
        if self._loop is None:
            raise RuntimeError(f"the loop thread {self._name!r} is not started")
        return self._loop

    @property
    def running(self) -> bool:
        """Whether calls are accepted."""
        return self._accepting

    def start(self) -> Self:
        """Start the thread and return; calls may be made at once. Raises RuntimeError if it was started before."""
        with self._lock:
            if self._thread is not None:
                raise RuntimeError(f"the loop thread {self._name!r} was started before")
            loop = self._loop = self._loop_factory()
            self._thread = threading.Thread(target=_run, args=(loop,), name=self._name, daemon=True)
            self._thread.start()
            self._accepting = True
        atexit.register(self._stop_at_exit)
        return self

    @overload
    def call(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T: ...

    @overload
    def call(self, work: Callable[[], T], timeout: float | None = None) -> T: ...

    def call(self, work: Coroutine[Any, Any, T] | Callable[[], T], timeout: float | None = None) -> T:
        """Run a coroutine, or a function, on the loop; wait for it; return its result or raise its error.

        After `timeout` seconds it is cancelled and TimeoutError raised. Raises RuntimeError if the thread does not
        run, or is the one that calls, and concurrent.futures.CancelledError if `stop` came first.
        """
        coroutine = work if isinstance(work, Coroutine) else _as_coroutine(work)
        try:
            with self._lock:
                self._check_can_wait()
                future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except RuntimeError:
            coroutine.close()
            raise
        try:
            return future.result(timeout)
        except BaseException:  # also KeyboardInterrupt: nobody waits any more
            future.cancel()
            raise

    def stop(self, timeout: float = STOP_LIMIT_S) -> None:
        """Cancel all tasks, let them finish, close the loop and join the thread. Harmless when repeated.

        Raises TimeoutError if a task resists for `timeout` seconds: the thread is then left behind.
        """
        with self._lock:
            thread, self._accepting, was_accepting = self._thread, False, self._accepting
            if was_accepting:
                self.loop.call_soon_threadsafe(self.loop.stop)
        if thread is None or thread is threading.current_thread():
            return
        atexit.unregister(self._stop_at_exit)
        thread.join(timeout)
        if thread.is_alive():
            raise TimeoutError(f"the loop thread {self._name!r} did not end within {timeout} s")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _stop_at_exit(self) -> None:
        with contextlib.suppress(TimeoutError):  # a daemon thread ends with the interpreter, tidily or not
            self.stop(EXIT_LIMIT_S)

    def _check_can_wait(self) -> None:
        if not self._accepting:
            raise RuntimeError(f"the loop thread {self._name!r} does not run")
        if threading.current_thread() is self._thread:
            raise RuntimeError(f"the loop thread {self._name!r} would wait for itself")


async def _as_coroutine(function: Callable[[], T]) -> T:
    return function()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        # Calls that were accepted before stop() are tasks by now: the loop ran all that was ready when it stopped.
        while tasks := asyncio.all_tasks(loop):
            _cancel(loop, tasks)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _cancel(loop: asyncio.AbstractEventLoop, tasks: "set[asyncio.Task[Any]]") -> None:
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    for task in tasks:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            message = "unhandled exception while the loop thread was stopping"
            loop.call_exception_handler({"message": message, "exception": error, "task": task})
