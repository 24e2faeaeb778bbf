"""Work in forked children, a few at a time: each inherits what is imported here, and nothing of it comes back changed.

Only for a process without threads.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, NoReturn, TypeVar

T = TypeVar("T")


@dataclass
class _Child(Generic[T]):
    item: T
    pid: int
    pipe: int
    received: bytearray = field(default_factory=bytearray)


def map_forked(
    items: Iterable[T], work: Callable[[T], Any], *, processes: int, within_s: float
) -> Iterator[tuple[T, Any]]:
    """(item, result) as they come; what `work` returns travels as JSON, an exception as {"error": text}.

    A child that says nothing for `within_s` seconds after it began is killed: {"error": ...}.
    """
    waiting = iter(items)
    with selectors.DefaultSelector() as selector:
        running: list[_Child[T]] = []
        try:
            _fill(waiting, work, running, selector, processes, within_s)
            while running:
                for key, _ in selector.select():
                    child: _Child[T] = key.data
                    data = os.read(child.pipe, 1 << 16)
                    if data:
                        child.received += data
                        continue
                    selector.unregister(child.pipe)
                    running.remove(child)
                    _fill(waiting, work, running, selector, processes, within_s)
                    yield child.item, _finish(child)
        finally:
            for child in running:
                _end(child)


def _fill(
    waiting: Iterator[T],
    work: Callable[[T], Any],
    running: list[_Child[T]],
    selector: selectors.BaseSelector,
    processes: int,
    within_s: float,
) -> None:
    while len(running) < processes:
        try:
            item = next(waiting)
        except StopIteration:
            return
        child = _fork(item, work, within_s)
        running.append(child)
        selector.register(child.pipe, selectors.EVENT_READ, child)


def _fork(item: T, work: Callable[[T], Any], within_s: float) -> _Child[T]:
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _as_child(item, work, writing, within_s)
    os.close(writing)
    return _Child(item, pid, reading)


def _as_child(item: T, work: Callable[[T], Any], writing: int, within_s: float) -> NoReturn:
    status = 1
    try:
        signal.setitimer(signal.ITIMER_REAL, within_s)  # SIGALRM ends it
        try:
            result = work(item)
        except BaseException as error:  # noqa: BLE001 - the edge of the process
            result = {"error": "".join(traceback.format_exception_only(error)).strip()}
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(json.dumps(result).encode())
        status = 0
    finally:
        os._exit(status)


def _finish(child: _Child[Any]) -> Any:
    os.close(child.pipe)
    _, status = os.waitpid(child.pid, 0)
    with suppress(ValueError):
        return json.loads(child.received)
    return {"error": f"its process ended with status {os.waitstatus_to_exitcode(status)}"}


def _end(child: _Child[Any]) -> None:
    with suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(child.pid, 0)
    os.close(child.pipe)
