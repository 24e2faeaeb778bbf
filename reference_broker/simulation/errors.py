"""How a simulation ends when it cannot go on.

    SimulationError
        SimulationDeadlock      nothing is ready and nothing is scheduled
        SimulationTimeLimit     more virtual time has passed than was allowed

Both carry what is pending, since the question that follows is always who waits for what.
"""

import asyncio
from collections.abc import Sequence


class SimulationError(Exception):
    """The simulation cannot go on. `pending` has one line for each task that waits and each link that holds data."""

    def __init__(self, problem: str, pending: Sequence[str]) -> None:
        self.pending = tuple(pending)
        super().__init__("\n    ".join([f"{problem}; pending:", *(pending or ["nothing"])]))


class SimulationDeadlock(SimulationError):
    """Nothing is ready and nothing is scheduled: in reality this would wait for ever."""


class SimulationTimeLimit(SimulationError):
    """The virtual clock passed the limit that the loop was given, with something still going on."""


def waiting_tasks(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Return one line for each task of `loop` that is not done: its name and the line where it waits."""
    return sorted(_where(task) for task in asyncio.all_tasks(loop))


def _where(task: "asyncio.Task[object]") -> str:
    coroutine = task.get_coro()
    name = getattr(coroutine, "__qualname__", repr(coroutine))
    line = f"task {task.get_name()!r} in {name}"
    while (inner := getattr(coroutine, "cr_await", None)) is not None and hasattr(inner, "cr_frame"):
        coroutine = inner
    frame = getattr(coroutine, "cr_frame", None)
    if frame is None:
        return line
    return f"{line}, waiting at {frame.f_code.co_filename}:{frame.f_lineno} ({frame.f_code.co_qualname})"
