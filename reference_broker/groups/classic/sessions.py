"""Heartbeat and LeaveGroup of a classic group, and the end of a session.

Source: GroupMetadataManager (classicGroupHeartbeatToClassicGroup, classicGroupLeaveToClassicGroup,
        expireClassicGroupMemberHeartbeat)
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_conformance.protocol.messages.leave_group import (
    LeaveGroupRequest,
    LeaveGroupResponse,
    MemberIdentity,
    MemberResponse,
)
from kafka_conformance.reference_broker.groups.classic.rebalance import (
    complete_join,
    complete_join_if_all_joined,
    join_refusal,
    rebalance_or_complete,
)
from kafka_conformance.reference_broker.groups.classic.states import State
from kafka_conformance.reference_broker.groups.classic.turn import SessionTimedOut, Turn
from kafka_conformance.reference_broker.groups.decision import TimerKind


def heartbeat(turn: Turn, request: HeartbeatRequest) -> HeartbeatResponse:
    """Refresh the member's session and tell it whether it has to rejoin."""
    group = turn.group
    if group.state is State.DEAD:
        return HeartbeatResponse(error_code=group.heartbeat_answer())
    error = group.member_error(request.member_id, request.group_instance_id)
    if error:
        return HeartbeatResponse(error_code=error)
    if not group.is_current_generation(request.generation_id):
        return HeartbeatResponse(error_code=ErrorCode.ILLEGAL_GENERATION)
    if group.counts_heartbeats():
        turn.refresh_session(group.members[request.member_id])
    return HeartbeatResponse(error_code=group.heartbeat_answer())


def leave(turn: Turn, request: LeaveGroupRequest) -> LeaveGroupResponse:
    """Remove members, each with an answer of its own; a static one may be named by its instance id alone."""
    group = turn.group
    if group.state is State.DEAD:
        return LeaveGroupResponse(error_code=ErrorCode.COORDINATOR_NOT_AVAILABLE)
    answers = [_member_response(identity, _leave_one(turn, identity)) for identity in request.members]
    if any(answer.error_code == ErrorCode.NONE for answer in answers):
        if group.rebalances_after_loss():
            rebalance_or_complete(turn)
        else:
            complete_join_if_all_joined(turn)
    return LeaveGroupResponse(members=answers)


def _leave_one(turn: Turn, identity: MemberIdentity) -> ErrorCode:
    group, member_id = turn.group, identity.member_id
    if not member_id:
        static_id = group.static_member_id(identity.group_instance_id)
        if static_id is None:
            return ErrorCode.UNKNOWN_MEMBER_ID
        member_id = static_id
    else:
        error = group.leave_error(member_id, identity.group_instance_id)
        if error:
            return error
    _remove(turn, member_id)
    turn.cancel_timer(TimerKind.SESSION, member_id)
    return ErrorCode.NONE


def _remove(turn: Turn, member_id: str) -> None:
    member = turn.group.members.get(member_id)
    if member is not None:
        # Its first JoinGroup may still be parked: the client may then try again.
        turn.release_join(member, join_refusal("", ErrorCode.UNKNOWN_MEMBER_ID))
    turn.group.remove(member_id)


def _member_response(identity: MemberIdentity, error: ErrorCode) -> MemberResponse:
    return MemberResponse(member_id=identity.member_id, group_instance_id=identity.group_instance_id, error_code=error)


def session_timed_out(turn: Turn, event: SessionTimedOut) -> None:
    """Remove a member that was silent for too long, unless it waits for the others."""
    group, member_id = turn.group, event.member_id
    member = group.members.get(member_id)
    pending = member_id in group.pending_joins
    if not pending and (member is None or group.outlives_session(member)):
        return
    _remove(turn, member_id)
    if group.state is State.PREPARING_REBALANCE:
        if group.all_joined():
            # Even within the initial rebalance delay, other than when a member leaves.
            complete_join(turn)
    elif not pending and group.rebalances_after_loss():
        rebalance_or_complete(turn)
