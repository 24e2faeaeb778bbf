"""Coroutines on a loop of ours, called as if they blocked: cases and users' tests are plain functions.

The loop is the target's. In real time it only runs while somebody waits; in a simulation that is also the only time
in which its clock moves.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Blocking:
    """Runs coroutines on one loop, one at a time, whichever thread they come from."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._lock = threading.Lock()
        self._aside: ThreadPoolExecutor | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result, or what it raised.

        A caller that is itself inside a running loop (a test that is a coroutine) waits while ours runs in a thread
        aside, because a thread runs one loop at a time.
        """
        if not _inside_a_loop():
            with self._lock:
                return self.loop.run_until_complete(coroutine)
        with self._lock:
            if self._aside is None:
                self._aside = ThreadPoolExecutor(1, thread_name_prefix="kafka-conformance")
            return self._aside.submit(self.loop.run_until_complete, coroutine).result()

    def now_s(self) -> float:
        """The loop's clock: seconds from an arbitrary moment, virtual in a simulation."""
        return self.loop.time()

    def close(self) -> None:
        """Ends the thread aside; the loop is its owner's to close."""
        if self._aside is not None:
            self._aside.shutdown()


def _inside_a_loop() -> bool:
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        return True
    return False
