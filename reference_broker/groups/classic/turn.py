"""One event on one classic group: what it sees, and the effects that it gathers on the way to a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Struct
from kafka_conformance.protocol.messages.join_group import JoinGroupResponse
from kafka_conformance.protocol.messages.sync_group import SyncGroupResponse
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.member import Member
from kafka_conformance.reference_broker.groups.decision import (
    CancelTimer,
    Decision,
    Parked,
    Phase,
    Release,
    SetTimer,
    Timer,
    TimerKey,
    TimerKind,
)
from kafka_conformance.reference_broker.groups.records import GroupRecord
from kafka_conformance.reference_broker.groups.settings import GroupSettings

Then = Callable[[ErrorCode, int], Decision]


class SessionTimedOut(NamedTuple):
    """A member, or a pending one, was not heard of for its session timeout."""

    group_id: str
    member_id: str


class Turn:
    """Gathers effects; `decide` makes them a Decision."""

    def __init__(self, group: ClassicGroup, settings: GroupSettings, now_ms: int) -> None:
        self.group = group
        self.settings = settings
        self.now_ms = now_ms
        self.records: list[GroupRecord] = []
        self.then: Then | None = None
        self._timers: list[Timer] = []
        self._releases: list[Release] = []

    def decide(self, reply: Struct | Parked | None = None, *, at_once: bool = False) -> Decision:
        """Return all that was gathered, with the reply."""
        return Decision(reply, tuple(self.records), tuple(self._timers), tuple(self._releases), self.then, at_once)

    def next_turn(self, now_ms: int) -> Turn:
        """The turn of what follows once the records of this one are replicated."""
        return Turn(self.group, self.settings, now_ms)

    def set_timer(self, kind: TimerKind, delay_ms: int, event: object, member_id: str = "") -> None:
        """Set, or move, one of the group's timers."""
        self._timers.append(SetTimer(TimerKey(kind, self.group.group_id, member_id), delay_ms, event))

    def cancel_timer(self, kind: TimerKind, member_id: str = "") -> None:
        """Cancel one of the group's timers."""
        self._timers.append(CancelTimer(TimerKey(kind, self.group.group_id, member_id)))

    def start_session(self, member_id: str, timeout_ms: int) -> None:
        """Count the member's silence from now."""
        event = SessionTimedOut(self.group.group_id, member_id)
        self.set_timer(TimerKind.SESSION, timeout_ms, event, member_id)

    def refresh_session(self, member: Member) -> None:
        """Count the member's silence from now, with its own session timeout."""
        self.start_session(member.member_id, member.session_timeout_ms)

    def park_join(self, member: Member) -> Parked:
        """Let the JoinGroup of the member wait."""
        member.awaiting_join = True
        return Parked(Phase.JOIN, self.group.group_id, member.member_id)

    def park_sync(self, member: Member) -> Parked:
        """Let the SyncGroup of the member wait."""
        member.awaiting_sync = True
        return Parked(Phase.SYNC, self.group.group_id, member.member_id)

    def release_join(self, member: Member, response: JoinGroupResponse) -> None:
        """Answer the member's JoinGroup, if one is parked."""
        if member.awaiting_join:
            member.awaiting_join = False
            self._releases.append(Release(Parked(Phase.JOIN, self.group.group_id, member.member_id), response))

    def release_sync(self, member: Member, response: SyncGroupResponse) -> None:
        """Answer the member's SyncGroup, if one is parked."""
        if member.awaiting_sync:
            member.awaiting_sync = False
            self._releases.append(Release(Parked(Phase.SYNC, self.group.group_id, member.member_id), response))
