"""The one stream of result events; every report is a fold over it, and its NDJSON form is the canonical report.

In the order of the stream: Header, RequirementDeclared for each requirement, CaseStarted and CaseFinished, TargetLost
if that happens, RequirementResult for each requirement, Footer. The last two kinds say what `verdicts.fold` computes
from the others: they are there for readers in other languages. A stream without its footer is incomplete.

Times of day are ISO 8601 in UTC, durations seconds, times in a history milliseconds since the case began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kafka_conformance.harness.requirements import Level, Requirement, Source

SCHEMA_VERSION = 1


class Outcome(StrEnum):
    """How a case ended. ERROR: it could not judge, because we or the target failed outside what it checks."""

    HELD = "held"
    VIOLATED = "violated"
    NOT_APPLICABLE = "not_applicable"
    SKIPPED = "skipped"
    ERROR = "error"


class Verdict(StrEnum):
    """What a run says of a requirement: the worst of its cases."""

    HELD = "held"
    VIOLATED = "violated"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    NOT_RUN = "not_run"


class LaneKind(StrEnum):
    """Whose line of a history an entry is on."""

    CLIENT = "client"
    CONNECTION = "connection"
    PARTITION = "partition"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a history: at t_ms since the case began, on that lane, what happened, and to what."""

    t_ms: float
    lane: str
    event: str
    detail: str = ""
    kind: LaneKind = LaneKind.CLIENT


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a case did not hold: what was expected, what was seen, how it came to that, and the way back to it."""

    message: str
    expected: str = ""
    actual: str = ""
    history: tuple[Moment, ...] = ()
    replay: str = ""
    replay_file: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The cluster under test, as it named itself."""

    name: str
    description: str = ""
    version: str | None = None
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """What was asked: the first event of a run."""

    tool_version: str
    run_id: str
    seed: int
    profile: str
    target: Target
    client: str
    started_at: str
    command: str = ""
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class RequirementDeclared:
    """A requirement that this run knows; `not_applicable` is why this target cannot be asked."""

    id: str
    level: Level
    text: str
    sources: tuple[Source, ...] = ()
    selected: bool = True
    not_applicable: str | None = None
    known_deviation: str | None = None

    @classmethod
    def of(
        cls,
        requirement: Requirement,
        *,
        selected: bool = True,
        not_applicable: str | None = None,
        known_deviation: str | None = None,
    ) -> RequirementDeclared:
        """The declaration of a catalogue entry."""
        return cls(
            requirement.id,
            requirement.level,
            requirement.text,
            requirement.sources,
            selected,
            not_applicable,
            known_deviation,
        )


@dataclass(frozen=True, slots=True)
class CaseStarted:
    """A case began; if it never finishes, it could not judge its requirements."""

    case: str
    requirements: tuple[str, ...]
    axes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseFinished:
    """A case ended. `case` is pytest's node id, `reason` why it was skipped or does not apply."""

    case: str
    requirements: tuple[str, ...]
    outcome: Outcome
    axes: Mapping[str, str] = field(default_factory=dict)
    duration_s: float = 0.0
    reason: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class TargetLost:
    """The target went away and did not come back: what was judged after this is worth nothing."""

    message: str


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """The verdict on one requirement, and how many of its cases had which outcome."""

    id: str
    level: Level
    verdict: Verdict
    cases: Mapping[str, int] = field(default_factory=dict)
    known_deviation: str | None = None


@dataclass(frozen=True, slots=True)
class Footer:
    """The end: how many selected requirements had which verdict, and how the command exits."""

    counts: Mapping[str, int]
    exit_status: int
    ended_at: str
    complete: bool = True


Event = Header | RequirementDeclared | CaseStarted | CaseFinished | TargetLost | RequirementResult | Footer

KINDS: Mapping[str, type[Event]] = {
    "header": Header,
    "requirement_declared": RequirementDeclared,
    "case_started": CaseStarted,
    "case_finished": CaseFinished,
    "target_lost": TargetLost,
    "requirement_result": RequirementResult,
    "footer": Footer,
}
