"""A target: a cluster under test, and what can be done to it. The contract of those who write one.

The kinds that are installed come from the hook `kafka_conformance_targets`; `kafka:4.3.1` is the kind `kafka` with the
argument `4.3.1`. A plugin's tests inherit `kafka_conformance.harness.target_contract.TargetContract`.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kafka_conformance.harness.errors import TargetError

Address = tuple[str, int]


class Target(ABC):
    """One cluster under test, from `start` to `stop`.

    `start` raises TargetError and leaves nothing behind when it does. `stop` may be called more than once and never
    raises. What `capabilities` names the target can do when asked; a method behind a capability that is not named is
    never called.
    """

    capabilities: frozenset[str] = frozenset()
    """Static ones; those that follow from the APIs that it answers are added by whoever drives it."""

    settle_s: ClassVar[float] = 30.0
    """How long metadata, elections and coordinators may take to settle, on the target's clock."""

    can_start_again: ClassVar[bool] = False
    """Whether `stop` and `start` bring it back, empty, after it ended by itself: a crash ends a case, not the run."""

    seed: int = 0
    """Where chance inside of it comes from, if it lets itself be told; set before `start`."""

    kafka_version: str | None = None
    """The Apache Kafka version whose requirements it is held to; None: all of them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def description(self) -> str:
        """One line for a report: what it is and where it runs."""
        return self.name

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop on which clients of it run; a simulation hands out its own."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop

    @property
    @abstractmethod
    def bootstrap(self) -> Sequence[Address]:
        """Where to connect first; valid between `start` and `stop`."""

    @abstractmethod
    def start(self) -> None:
        """Brings it up and returns once a broker accepts connections. Raises TargetError."""

    @abstractmethod
    def stop(self) -> None:
        """Takes it down with everything that `start` made."""

    def problem(self) -> str | None:
        """Why it is gone, where that can be told without asking it (its process ended); else None."""
        return None

    def kill(self, node_id: int) -> None:
        """Ends a node without giving it a chance to tidy up (capability `kill`)."""
        raise TargetError("control", f"{self.name} cannot kill a node")

    def restart(self, node_id: int) -> None:
        """Starts a node that was killed, or stops one orderly and starts it (capability `restart`)."""
        raise TargetError("control", f"{self.name} cannot restart a node")

    def pause(self, node_id: int) -> None:
        """Freezes a node: its connections stay open, and it does nothing (capability `pause`)."""
        raise TargetError("control", f"{self.name} cannot pause a node")

    def resume(self, node_id: int) -> None:
        """Lets a frozen node go on (capability `pause`)."""
        raise TargetError("control", f"{self.name} cannot resume a node")

    def isolate(self, node_id: int) -> None:
        """Cuts a node off from the other nodes and from the controller, not from clients (capability `isolate`)."""
        raise TargetError("control", f"{self.name} cannot isolate a node")

    def join_again(self, node_id: int) -> None:
        """Joins a node again that was cut off (capability `isolate`)."""
        raise TargetError("control", f"{self.name} cannot join a node again")

    def evidence(self) -> str:
        """What it wrote about itself (the end of its log), for a person who asks why it failed."""
        return ""

    def close_loop(self) -> None:
        """Closes the loop that `loop` made."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


@dataclass(frozen=True, slots=True)
class TargetKind:
    """What a plugin registers: how a kind of target is written, what it is, how one is made.

    `create` takes what stands behind the colon and the whole text; it raises UsageError for what cannot be, starts
    nothing and imports no more than it needs.
    """

    kind: str
    usage: str
    summary: str
    create: Callable[[str, str], Target]
    capabilities: tuple[str, ...] = ()
    examples_factor: float = 1.0
    """How many examples of a property it is worth, relative to an embedded broker."""
