"""SyncGroup of a classic group: the leader hands in the assignment, the others wait for it.

Source: GroupMetadataManager.classicGroupSyncToClassicGroup, validateSyncGroup, expirePendingSync
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest, SyncGroupResponse
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.member import Member
from kafka_conformance.reference_broker.groups.classic.rebalance import (
    SyncTimedOut,
    answer_syncs,
    prepare_rebalance,
    rebalance_or_complete,
    reset_assignments,
    sync_response,
)
from kafka_conformance.reference_broker.groups.classic.states import Event, State
from kafka_conformance.reference_broker.groups.classic.turn import Turn
from kafka_conformance.reference_broker.groups.decision import Decision, Parked, TimerKind

Reply = SyncGroupResponse | Parked


def sync(turn: Turn, request: SyncGroupRequest) -> Reply:
    """Give a member its assignment, or let it wait for the leader; the leader's request has the assignments."""
    group = turn.group
    error = sync_error(group, request)
    if error:
        return SyncGroupResponse(error_code=error)
    member = group.members[request.member_id]
    answer = group.sync_answer()
    if answer:
        return SyncGroupResponse(error_code=answer)
    _has_synced(turn, member)
    if group.is_assigned(member.member_id):
        return sync_response(group, member)
    parked = turn.park_sync(member)
    if member.member_id == group.leader:
        _store_assignments(turn, request)
    return parked


def sync_error(group: ClassicGroup, request: SyncGroupRequest) -> ErrorCode:
    """What is wrong with a SyncGroup, whatever the group waits for."""
    if group.state in (State.EMPTY, State.DEAD):
        return group.sync_answer()
    error = group.member_error(request.member_id, request.group_instance_id)
    if error:
        return error
    if not group.is_current_generation(request.generation_id):
        return ErrorCode.ILLEGAL_GENERATION
    if not group.agrees_on_protocol(request.protocol_type, request.protocol_name):
        return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    return ErrorCode.NONE


def _has_synced(turn: Turn, member: Member) -> None:
    pending = turn.group.pending_syncs
    pending.discard(member.member_id)
    if not pending:
        turn.cancel_timer(TimerKind.SYNC)


def _store_assignments(turn: Turn, request: SyncGroupRequest) -> None:
    """Write the generation with its assignments; the group is Stable, and the syncs are answered, once that is done."""
    group, generation = turn.group, turn.group.generation
    assignments = {assigned.member_id: assigned.assignment for assigned in request.assignments}
    turn.records.append(group.record(assignments))

    def stored(error: ErrorCode, now_ms: int) -> Decision:
        following = turn.next_turn(now_ms)
        if group.state is State.COMPLETING_REBALANCE and group.generation == generation:
            if error:
                reset_assignments(following, error)
                rebalance_or_complete(following)
            else:
                _assign(following, assignments)
        return following.decide()

    turn.then = stored


def _assign(turn: Turn, assignments: dict[str, bytes]) -> None:
    for member in turn.group.members.values():
        member.assignment = turn.group.assignment_of(member.member_id, assignments)
    turn.group.transition(Event.ASSIGNMENT_STORED, turn.now_ms)
    answer_syncs(turn, ErrorCode.NONE)


def sync_timed_out(turn: Turn, event: SyncTimedOut) -> None:
    """Drop the members that have not asked for their assignment, and rebalance."""
    group = turn.group
    silent = group.not_synced()
    if event.generation != group.generation or not silent:
        return
    for member_id in silent:
        group.remove(member_id)
        turn.cancel_timer(TimerKind.SESSION, member_id)
    prepare_rebalance(turn)
