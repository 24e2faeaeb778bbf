"""From what a case raised to what it says: held, violated, not applicable, or that it could not judge.

An answer that does not come, that does not decode, or a connection that breaks is a violation of a target that is
still alive; of one that is not, it says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kafka_conformance.harness.events import Failure, Outcome
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.harness.wire.errors import WireError

_FIXTURE = re.compile(r"\s*(cluster|client|data)=")
"""Arguments that were not drawn."""


@dataclass(frozen=True)
class Ending:
    """How a case ended, before the frame around it is known."""

    outcome: Outcome
    reason: str = ""
    failure: Failure | None = None


def ending_of(error: BaseException) -> Ending:
    """What this exception says of the target, with the example that Hypothesis drew."""
    ending = _judged(error)
    example = example_of(error)
    if ending.failure is None or not example:
        return ending
    return replace(ending, failure=replace(ending.failure, message=f"{ending.failure.message}\n{example}"))


def _judged(error: BaseException) -> Ending:
    found = _cause(error)
    if isinstance(found, ConformanceViolation):
        failure = Failure(found.message, found.expected, found.actual)
        return Ending(Outcome.VIOLATED, failure=_flaky(failure, error, found))
    if isinstance(found, AssertionError):
        return Ending(Outcome.VIOLATED, failure=_flaky(Failure(_text(found)), error, found))
    if isinstance(found, WireError):
        message = _text(found)
        return Ending(Outcome.VIOLATED, failure=_flaky(Failure(message, "an answer", message), error, found))
    return Ending(Outcome.ERROR, f"{type(found).__name__}: {_text(found)}", Failure(_text(found)))


def _cause(error: BaseException) -> BaseException:
    """The exception itself, or of a group the first that speaks of the target."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    causes = [_cause(inner) for inner in error.exceptions]
    return next((cause for cause in causes if isinstance(cause, (AssertionError, WireError))), causes[0])


def _flaky(failure: Failure, error: BaseException, found: BaseException) -> Failure:
    if error is found:
        return failure
    # Hypothesis saw it once and not again: what was seen was seen.
    message = f"{failure.message} (seen once, not again when the same example was repeated)"
    return Failure(message, failure.expected, failure.actual)


def example_of(error: BaseException) -> str:
    """What Hypothesis noted about the example that failed; empty where nothing was drawn."""
    notes = [note for each in (error, _cause(error)) for note in getattr(each, "__notes__", ())]
    lines = "\n".join(dict.fromkeys(notes)).splitlines()
    return "\n".join(line for line in lines if not _FIXTURE.match(line))


def _text(error: BaseException) -> str:
    return str(error) or type(error).__name__
