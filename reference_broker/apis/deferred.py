"""An answer that is not there yet: what is waited for, and how the answer is made of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

R = TypeVar("R")


class Deferred(Generic[R]):
    """Awaitable; the dispatcher waits for `future` itself, which saves a task for each waiting request."""

    __slots__ = ("future", "shape")

    def __init__(self, future: asyncio.Future[Any], shape: Callable[[Any], R]) -> None:
        self.future = future
        self.shape = shape
        """Makes the answer of the future's result."""

    def __await__(self) -> Generator[Any, None, R]:
        return self.shape((yield from self.future))
