"""The file: what the case was, what it found, and every frame that it sent and got."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.events import LaneKind, Moment
from kafka_conformance.harness.wire.history import CLOSED_BY_BROKER, LOST, Exchange, History

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One frame and its answer, or one fault; times in milliseconds since the case began.

    `poll` and `attempt` number a question that was asked until something was true, and how often by then.
    """

    at_ms: float
    connection: str = ""
    node: int | None = None
    request: bytes = b""
    answer: bytes | None = None
    answered_ms: float | None = None
    poll: int = 0
    attempt: int = 0
    fault: str = ""
    awaited: bool = True
    """Whether the case waited for an answer."""
    problem: str = ""
    """Why what came was no answer; empty where nothing came, or an answer."""

    @property
    def took_s(self) -> float:
        """How long the answer was waited for; 0 where none came."""
        return 0.0 if self.answered_ms is None else max(0.0, self.answered_ms - self.at_ms) / 1000


@dataclass(frozen=True, slots=True)
class Recording:
    """A case that failed. `requirements` are (id, level, text) of what it judged."""

    case: str
    requirements: tuple[tuple[str, str, str], ...]
    target: str
    seed: int
    message: str
    expected: str
    actual: str
    steps: tuple[Step, ...]
    closed: tuple[str, ...] = ()
    """The connections that the broker had closed by the end."""
    complete: bool = True
    ended_ms: float = 0.0
    """When the case failed: what had not come by then was waited for so long."""

    def write(self, path: Path) -> None:
        """Writes it as JSON; frames are base64."""
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {"format": FORMAT, **asdict(self), "steps": [_plain(step) for step in self.steps]}
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def steps_of(history: History, nodes: Mapping[str, int]) -> tuple[Step, ...]:
    """What happened in a case, without what was done to tidy up; `nodes` are the ids by HOST:PORT."""
    steps = []
    for entry in history.entries:
        if isinstance(entry, Exchange):
            steps.append(_step(entry, nodes))
        elif entry.kind is LaneKind.FAULT:
            node = int(entry.detail.removeprefix("node "))
            steps.append(Step(entry.t_ms, fault=entry.event, node=node))
    return tuple(steps)


def closed_in(history: History) -> tuple[str, ...]:
    """The connections that were not closed by us."""
    return tuple(
        entry.lane for entry in history.entries if isinstance(entry, Moment) and entry.event in (CLOSED_BY_BROKER, LOST)
    )


def _step(exchange: Exchange, nodes: Mapping[str, int]) -> Step:
    return Step(
        exchange.sent_ms,
        exchange.connection,
        nodes.get(exchange.node),
        exchange.request,
        exchange.answer,
        exchange.answered_ms,
        exchange.poll,
        exchange.attempt,
        awaited=exchange.awaited,
        problem=exchange.problem,
    )


def read_recording(path: Path) -> Recording:
    """Reads a file that `write` wrote. Raises UsageError that says what is wrong with it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise UsageError("is no recording that this version knows", where=str(path), allowed=f"format {FORMAT}")
    try:
        steps = tuple(_read_step(step) for step in document.pop("steps"))
        requirements = tuple((str(a), str(b), str(c)) for a, b, c in document.pop("requirements"))
        return Recording(steps=steps, requirements=requirements, closed=tuple(document.pop("closed")), **document)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"is no whole recording: {type(error).__name__} {error}", where=str(path)) from error


def _plain(step: Step) -> dict[str, Any]:
    document = asdict(step)
    document["request"] = base64.b64encode(step.request).decode()
    document["answer"] = None if step.answer is None else base64.b64encode(step.answer).decode()
    return {name: value for name, value in document.items() if value not in (None, "", 0) or name == "awaited"}


def _read_step(document: Mapping[str, Any]) -> Step:
    values = dict(document)
    for name in ("request", "answer"):
        if name in values:
            try:
                values[name] = base64.b64decode(values[name], validate=True)
            except binascii.Error as error:
                raise ValueError(f"{name} is not base64") from error
    values.setdefault("at_ms", 0.0)
    return Step(**values)


def last_attempts(steps: Sequence[Step]) -> list[Step]:
    """The steps without the earlier attempts of what was asked until it was true."""
    last: dict[int, int] = {}
    for step in steps:
        last[step.poll] = max(last.get(step.poll, 0), step.attempt)
    return [step for step in steps if not step.poll or step.attempt == last[step.poll]]
