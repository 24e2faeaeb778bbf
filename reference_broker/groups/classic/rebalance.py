"""A rebalance of a classic group, from its start to the next generation.

Source: GroupMetadataManager (prepareRebalance, maybeCompleteJoinPhase, completeClassicGroupJoin,
        tryCompleteInitialRebalanceElseSchedule, propagateAssignment)
"""

from __future__ import annotations

from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.join_group import JoinGroupResponse, JoinGroupResponseMember
from kafka_conformance.protocol.messages.sync_group import SyncGroupResponse
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.member import Member
from kafka_conformance.reference_broker.groups.classic.states import Event, State
from kafka_conformance.reference_broker.groups.classic.turn import Turn
from kafka_conformance.reference_broker.groups.decision import TimerKind


class JoinTimedOut(NamedTuple):
    """The rebalance timeout is over: go on without those who did not rejoin."""

    group_id: str


class InitialDelayOver(NamedTuple):
    """The initial rebalance delay is over; it may be extended by up to `remaining_ms`."""

    group_id: str
    delay_ms: int
    remaining_ms: int


class SyncTimedOut(NamedTuple):
    """Members of `generation` have not asked for their assignment within the rebalance timeout."""

    group_id: str
    generation: int


def rebalance_or_complete(turn: Turn) -> None:
    """Start a rebalance, or finish the one under way if everybody has joined."""
    if turn.group.can_rebalance():
        prepare_rebalance(turn)
    else:
        complete_join_if_all_joined(turn)


def prepare_rebalance(turn: Turn) -> None:
    """Start a rebalance: parked syncs are told to rejoin, and all members are awaited."""
    group, settings = turn.group, turn.settings
    if group.interrupts_syncs():
        reset_assignments(turn, ErrorCode.REBALANCE_IN_PROGRESS)
    group.pending_syncs.clear()
    turn.cancel_timer(TimerKind.SYNC)
    initial = group.state is State.EMPTY
    group.transition(Event.REBALANCE_STARTED, turn.now_ms)
    if initial:
        delay = settings.group_initial_rebalance_delay_ms
        remaining = max(group.rebalance_timeout_ms() - delay, 0)
        turn.set_timer(TimerKind.JOIN, delay, InitialDelayOver(group.group_id, delay, remaining))
    elif group.all_joined():
        complete_join(turn)
    else:
        _await_joins(turn)


def complete_join_if_all_joined(turn: Turn) -> None:
    """Finish the joining once the last awaited member has come; the initial delay is not cut short by that."""
    group = turn.group
    if group.state is State.PREPARING_REBALANCE and not group.is_initial_rebalance() and group.all_joined():
        complete_join(turn)


def join_timed_out(turn: Turn) -> None:
    """The rebalance timeout is over."""
    if turn.group.state is State.PREPARING_REBALANCE:
        complete_join(turn)


def initial_delay_over(turn: Turn, event: InitialDelayOver) -> None:
    """Wait on while members keep coming, within the first member's rebalance timeout; else finish the joining."""
    group = turn.group
    if not group.extends_initial_delay(event.remaining_ms):
        join_timed_out(turn)
        return
    group.new_member_added = False
    delay = min(turn.settings.group_initial_rebalance_delay_ms, event.remaining_ms)
    remaining = max(event.remaining_ms - event.delay_ms, 0)
    turn.set_timer(TimerKind.JOIN, delay, InitialDelayOver(group.group_id, delay, remaining))


def complete_join(turn: Turn) -> None:
    """Drop the dynamic members that did not rejoin, and start the next generation with the others."""
    group = turn.group
    turn.cancel_timer(TimerKind.JOIN)
    for member in group.not_rejoined():
        group.remove(member.member_id)
        turn.cancel_timer(TimerKind.SESSION, member.member_id)
    if not group.elect_leader() and group.members:
        # Only static members are left and none has rejoined: their sessions decide.
        _await_joins(turn)
        return
    group.start_generation(turn.now_ms)
    if group.state is State.EMPTY:
        turn.records.append(group.record({}))
    else:
        _answer_joins(turn)


def _await_joins(turn: Turn) -> None:
    turn.set_timer(TimerKind.JOIN, turn.group.rebalance_timeout_ms(), JoinTimedOut(turn.group.group_id))


def _answer_joins(turn: Turn) -> None:
    group = turn.group
    for member in group.members.values():
        turn.release_join(member, join_response(group, member))
        turn.refresh_session(member)
        member.is_new = False
        group.pending_syncs.add(member.member_id)
    timeout = group.rebalance_timeout_ms()
    turn.set_timer(TimerKind.SYNC, timeout, SyncTimedOut(group.group_id, group.generation))


def unload(turn: Turn) -> None:
    """The coordinator moves: everybody who waits is sent to look for it."""
    group = turn.group
    for member in group.members.values():
        turn.release_join(member, join_refusal(member.member_id, ErrorCode.NOT_COORDINATOR))
        turn.release_sync(member, SyncGroupResponse(error_code=ErrorCode.NOT_COORDINATOR))
    group.transition(Event.UNLOADED, turn.now_ms)


def join_response(group: ClassicGroup, member: Member) -> JoinGroupResponse:
    """What a member is told of the current generation; only the leader learns who else is in it."""
    return JoinGroupResponse(
        generation_id=group.generation,
        protocol_type=group.protocol_type,
        protocol_name=group.protocol_name,
        leader=group.leader or "",
        member_id=member.member_id,
        members=listed_members(group) if group.learns_members(member.member_id) else [],
    )


def listed_members(group: ClassicGroup) -> list[JoinGroupResponseMember]:
    """All members with their metadata for the selected protocol."""
    return [
        JoinGroupResponseMember(
            member_id=member.member_id,
            group_instance_id=member.instance_id,
            metadata=member.metadata(group.protocol_name or ""),
        )
        for member in group.members.values()
    ]


def join_refusal(member_id: str, error: ErrorCode) -> JoinGroupResponse:
    """The answer to a JoinGroup that fails."""
    return JoinGroupResponse(member_id=member_id, error_code=error, protocol_name=None)


def reset_assignments(turn: Turn, error: ErrorCode) -> None:
    """Forget the assignments and answer parked syncs with `error`."""
    for member in turn.group.members.values():
        member.assignment = b""
    answer_syncs(turn, error)


def answer_syncs(turn: Turn, error: ErrorCode) -> None:
    """Answer parked syncs with the assignments, or with `error`; the sessions start anew."""
    group = turn.group
    for member in group.members.values():
        if member.awaiting_sync:
            turn.release_sync(
                member, sync_response(group, member) if not error else SyncGroupResponse(error_code=error)
            )
            turn.refresh_session(member)


def sync_response(group: ClassicGroup, member: Member) -> SyncGroupResponse:
    """What a member is told of its assignment."""
    return SyncGroupResponse(
        protocol_type=group.protocol_type, protocol_name=group.protocol_name, assignment=member.assignment
    )
