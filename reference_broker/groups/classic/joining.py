"""JoinGroup of a classic group.

Source: GroupMetadataManager.classicGroupJoinToClassicGroup and what it calls; KIP-394 (an id before membership),
        KIP-345 (static members)
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.join_group import JoinGroupRequest, JoinGroupResponse
from kafka_conformance.reference_broker.groups.classic.member import Member, protocols_of
from kafka_conformance.reference_broker.groups.classic.rebalance import (
    join_refusal,
    join_response,
    rebalance_or_complete,
)
from kafka_conformance.reference_broker.groups.classic.states import REJOIN, Rejoin, State
from kafka_conformance.reference_broker.groups.classic.static_members import replace_static_member, store_static_member
from kafka_conformance.reference_broker.groups.classic.turn import Turn
from kafka_conformance.reference_broker.groups.decision import Caller, Parked
from kafka_conformance.reference_broker.groups.settings import NEW_MEMBER_JOIN_TIMEOUT_MS

Reply = JoinGroupResponse | Parked


def join(turn: Turn, request: JoinGroupRequest, caller: Caller, unique: str) -> Reply:
    """Let a member join; `unique` tells the id of a new member from all others: "client id-unique"."""
    group = turn.group
    if not group.admits(request.member_id, turn.settings.group_max_size):
        group.remove(request.member_id)
        return join_refusal("", ErrorCode.GROUP_MAX_SIZE_REACHED)
    if group.state is State.DEAD:
        return join_refusal(request.member_id, ErrorCode.COORDINATOR_NOT_AVAILABLE)
    if not group.supports_protocols(request.protocol_type, {protocol.name for protocol in request.protocols}):
        return join_refusal(request.member_id, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    if request.member_id:
        return _join_known(turn, request, caller)
    if request.group_instance_id is None:
        return _join_new_dynamic(turn, request, caller, group.new_member_id(caller.client_id, unique))
    new_id = group.new_member_id(request.group_instance_id, unique)
    if request.group_instance_id in group.static_ids:
        return _rejoin_static(turn, request, caller, new_id)
    return _add(turn, request, caller, new_id)


def _join_new_dynamic(turn: Turn, request: JoinGroupRequest, caller: Caller, new_id: str) -> Reply:
    if not turn.group.requires_member_id(caller.api_version):
        return _add(turn, request, caller, new_id)
    turn.group.pending_joins.add(new_id)
    turn.start_session(new_id, request.session_timeout_ms)
    return join_refusal(new_id, ErrorCode.MEMBER_ID_REQUIRED)


def _join_known(turn: Turn, request: JoinGroupRequest, caller: Caller) -> Reply:
    group, member_id = turn.group, request.member_id
    if group.is_pending(member_id):
        if request.group_instance_id is not None:
            # Kafka throws an IllegalStateException: no id is given out to a static member.
            return join_refusal("", ErrorCode.UNKNOWN_SERVER_ERROR)
        return _add(turn, request, caller, member_id)
    error = group.member_error(member_id, request.group_instance_id)
    if error:
        return join_refusal(member_id, error)
    return _rejoin(turn, request, group.members[member_id])


def _rejoin(turn: Turn, request: JoinGroupRequest, member: Member) -> Reply:
    group = turn.group
    if REJOIN[group.state] is Rejoin.UNKNOWN:
        return join_refusal(member.member_id, ErrorCode.UNKNOWN_MEMBER_ID)
    if not group.needs_rebalance(member, protocols_of(request.protocols)):
        return join_response(group, member)
    parked = _update(turn, request, member)
    rebalance_or_complete(turn)
    return parked


def _rejoin_static(turn: Turn, request: JoinGroupRequest, caller: Caller, new_id: str) -> Reply:
    group, instance_id = turn.group, request.group_instance_id or ""
    leader, old_id = group.leader, group.static_ids[instance_id]
    member = replace_static_member(turn, instance_id, new_id)
    old = (old_id, member.protocols, member.rebalance_timeout_ms, member.session_timeout_ms)
    parked = _update(turn, request, member)
    if group.state is State.STABLE and not group.static_rejoin_needs_rebalance():
        store_static_member(turn, member, old, leader or "", caller.api_version)
    else:
        # Also while completing: the leader may be assigning to the old id just now.
        rebalance_or_complete(turn)
    return parked


def _update(turn: Turn, request: JoinGroupRequest, member: Member) -> Parked:
    protocols = protocols_of(request.protocols)
    turn.group.update(member, protocols, request.rebalance_timeout_ms, request.session_timeout_ms)
    return turn.park_join(member)


def _add(turn: Turn, request: JoinGroupRequest, caller: Caller, member_id: str) -> Parked:
    group = turn.group
    member = Member(
        member_id=member_id,
        instance_id=request.group_instance_id,
        client_id=caller.client_id,
        client_host=caller.client_host,
        rebalance_timeout_ms=request.rebalance_timeout_ms,
        session_timeout_ms=request.session_timeout_ms,
        protocols=protocols_of(request.protocols),
        is_new=True,
    )
    if group.state is State.PREPARING_REBALANCE and group.is_initial_rebalance():
        group.new_member_added = True
    group.add(member, request.protocol_type)
    parked = turn.park_join(member)
    # It has no id to heartbeat with, and while its request is parked nobody sees it disconnect.
    turn.start_session(member_id, NEW_MEMBER_JOIN_TIMEOUT_MS)
    rebalance_or_complete(turn)
    return parked
