"""Timers whose order at one instant is chosen, and the selector that lets time jump."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol


class ChosenTimer(asyncio.TimerHandle):
    """A timer that has a rank among those of the same instant. asyncio leaves that order to its heap."""

    __slots__ = ("_rank",)

    _when: float
    _rank: float
    _scheduled: bool

    def __init__(self, rank: float, when: float, callback: Callable[..., object], *rest: Any) -> None:
        super().__init__(when, callback, *rest)
        self._rank = rank

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, ChosenTimer):
            return NotImplemented
        return (self._when, self._rank) < (other._when, other._rank)


class _Jumps(Protocol):
    def jump(self) -> None: ...

    def stuck(self) -> Exception: ...


class JumpingSelector:
    """Stands where asyncio's loop waits for sockets. There are none: instead of waiting, time jumps."""

    def __init__(self, loop: _Jumps) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[object]:
        """Return no event, at once, after a jump to the next timer.

        A timeout of zero means that something is ready, None that nothing is ready and nothing is scheduled.
        """
        if timeout is None:
            raise self._loop.stuck()
        if timeout > 0:
            self._loop.jump()
        return []
