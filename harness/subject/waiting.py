"""Waiting without fixed sleeps: look, look again a little later, give up at a deadline. The clock is the target's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.harness.wire.errors import WireError

FIRST_PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.25

T = TypeVar("T")


def eventually(
    blocking: Blocking,
    look: Callable[[], T],
    *,
    within_s: float | Callable[[], float],
    what: str,
    attempt: Callable[[], None] = lambda: None,
    longest_pause_s: float = LONGEST_PAUSE_S,
) -> T:
    """The first truthy value of `look`; a ConformanceViolation that it raises means "not yet".

    Raises ConformanceViolation when `within_s` seconds have passed: the last one of `look`, or one that names `what`.
    They may become fewer meanwhile, where `within_s` is asked for them.
    `attempt` is called before each look; the pause after one doubles up to `longest_pause_s`.
    """
    began = blocking.now_s()
    pause = FIRST_PAUSE_S
    while True:
        problem: ConformanceViolation | None = None
        value: T | None = None
        attempt()
        try:
            value = look()
        except ConformanceViolation as error:
            problem = error
        if problem is None and value:
            return value
        limit = within_s() if callable(within_s) else within_s
        left = began + limit - blocking.now_s()
        if left <= 0:
            seen = f"{value!r} after {blocking.now_s() - began:.3g} s"
            raise problem or ConformanceViolation(f"{what} did not come true", expected=what, actual=seen)
        blocking.run(asyncio.sleep(min(pause, left)))
        pause = min(pause * 2, longest_pause_s)


def throughout(blocking: Blocking, look: Callable[[], object], *, for_s: float, what: str) -> None:
    """Raises ConformanceViolation as soon as `look` is not truthy, looking again and again for `for_s` seconds."""
    deadline = blocking.now_s() + for_s
    pause = FIRST_PAUSE_S
    while True:
        value = look()
        if not value:
            raise ConformanceViolation(
                f"{what} stopped being true", expected=f"{what} for {for_s:g} s", actual=f"{value!r}"
            )
        left = deadline - blocking.now_s()
        if left <= 0:
            return
        blocking.run(asyncio.sleep(min(pause, left)))
        pause = min(pause * 2, LONGEST_PAUSE_S)


def reachable(look: Callable[[], T]) -> Callable[[], T | None]:
    """The same look where a connection that fails means "not yet": while a node restarts."""

    def tolerant() -> T | None:
        try:
            return look()
        except WireError:
            return None

    return tolerant
