"""What an operation on a group decides: values that a runtime carries out, so that the groups themselves do no I/O.

An operation reads the state, and returns a `Decision`. It may change what is lost at failover at once (who is parked,
which rebalance is under way); what must survive changes only when the records of the decision are applied.
Source: Kafka's CoordinatorResult (records, response, appendFuture).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Struct
from kafka_conformance.reference_broker.groups.log_port import TransactionalProducer
from kafka_conformance.reference_broker.groups.records import GroupRecord


class Caller(NamedTuple):
    """Who sent a request, and when: what an operation knows of the connection."""

    api_version: int = 0
    client_id: str = ""
    client_host: str = ""
    """As Kafka writes an address, with a slash in front: "/127.0.0.1"."""
    now_ms: int = 0
    """The wall clock in milliseconds at which the request is handled."""


class Phase(Enum):
    """What a parked request waits for."""

    JOIN = "join"
    SYNC = "sync"


class Parked(NamedTuple):
    """The name of a request that is answered later: one for each member and phase, a retry takes its place."""

    phase: Phase
    group_id: str
    member_id: str


class Release(NamedTuple):
    """The answer to a request that was parked; it is nothing if none is parked under that name."""

    parked: Parked
    response: Struct


class TimerKind(Enum):
    """What a timer is for. A group has one JOIN and one SYNC timer; each member has one SESSION timer."""

    SESSION = "session"
    JOIN = "join"
    SYNC = "sync"
    EXPIRY = "expiry"


class TimerKey(NamedTuple):
    """The name of a timer: to set it again is to move it."""

    kind: TimerKind
    group_id: str = ""
    member_id: str = ""


class SetTimer(NamedTuple):
    """Tell the state machine of `event` after `delay_ms` milliseconds, instead of what `key` announced before."""

    key: TimerKey
    delay_ms: int
    event: object


class CancelTimer(NamedTuple):
    """Forget the timer `key`, if it is set."""

    key: TimerKey


Timer = SetTimer | CancelTimer


class Decision(NamedTuple):
    """What is to be done, in this order: timers, park, append, release, reply."""

    reply: Struct | Parked | None = None
    """The answer, or under which name the request waits for it. It is sent only once `records` are replicated."""
    records: tuple[GroupRecord, ...] = ()
    """Appended all or nothing."""
    timers: tuple[Timer, ...] = ()
    releases: tuple[Release, ...] = ()
    then: Callable[[ErrorCode, int], Decision] | None = None
    """Called once with (error, now_ms) when `records` are replicated (NONE) or are known not to be in time."""
    at_once: bool = False
    """Send `reply` without waiting for any write: Kafka completes the future of a join or sync inside the operation."""
    producer: TransactionalProducer | None = None
    """Whose transaction the records belong to."""
