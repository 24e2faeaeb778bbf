"""What can go wrong outside a verdict; a violation is a result and none of these.

HarnessError
  UsageError      somebody asked for what cannot be: an option, a key, a file
  TargetError     the target could not be started, reached or controlled
  ReportError     the report could not be written any further
  InternalError   we are wrong
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum
from typing import ClassVar

from typing_extensions import override


class ExitStatus(IntEnum):
    """How the command ends. A violation outranks what could not be judged: its evidence stands."""

    HELD = 0
    VIOLATED = 1
    USAGE = 2
    UNJUDGED = 3


class HarnessError(Exception):
    """The root of the tree; `exit_status` is how a command that meets it ends."""

    exit_status: ClassVar[ExitStatus] = ExitStatus.UNJUDGED


class UsageError(HarnessError):
    """A value that cannot be: which key, which value, what is allowed, where it was set."""

    exit_status = ExitStatus.USAGE

    def __init__(
        self, message: str, *, key: str | None = None, value: object = None, allowed: str | None = None, where: str = ""
    ) -> None:
        super().__init__(message, key, value, allowed, where)
        self.message = message
        self.key = key
        self.value = value
        self.allowed = allowed
        self.where = where

    def at(self, where: str) -> UsageError:
        """The same error with the place where the value was set, for callers that alone know it."""
        return UsageError(self.message, key=self.key, value=self.value, allowed=self.allowed, where=where)

    @override
    def __str__(self) -> str:
        parts = [f"{self.where}: " if self.where else "", f"{self.key}: " if self.key else "", self.message]
        if self.value is not None:
            parts.append(f", not {self.value!r}")
        if self.allowed:
            parts.append(f" (allowed: {self.allowed})")
        return "".join(parts)


class TargetError(HarnessError):
    """The target failed us: `step` is what we tried (start, reach, control, stop), the message what happened."""

    def __init__(self, step: str, message: str) -> None:
        super().__init__(step, message)
        self.step = step
        self.message = message

    @override
    def __str__(self) -> str:
        return f"cannot {self.step} the target: {self.message}"


class ReportError(HarnessError):
    """The report could not be written any further (a full disk): what is judged from here on is not kept."""


class InternalError(HarnessError):
    """A defect of this tool: please report it."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`" Did you mean 'x'?"` for a misspelt word, or an empty string when nothing is near."""
    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
