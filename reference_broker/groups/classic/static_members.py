"""A static member that comes back with no id takes the place of its former self, in a stable group without a rebalance.

Source: GroupMetadataManager.updateStaticMemberThenRebalanceOrCompleteJoin, ClassicGroup.replaceStaticMember;
        KIP-345 (static members), KIP-814 (from version 9 a leader that comes back skips the assignment)
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.join_group import JoinGroupResponse
from kafka_conformance.protocol.messages.sync_group import SyncGroupResponse
from kafka_conformance.reference_broker.groups.classic.member import Member, Protocols
from kafka_conformance.reference_broker.groups.classic.rebalance import join_refusal, join_response
from kafka_conformance.reference_broker.groups.classic.states import State
from kafka_conformance.reference_broker.groups.classic.turn import Turn
from kafka_conformance.reference_broker.groups.decision import Decision, TimerKind

SKIPS_ASSIGNMENT_VERSION = 9

OldMember = tuple[str, Protocols, int, int]
"""What is put back if the new member cannot be stored: id, protocols, rebalance and session timeout in ms."""


def replace_static_member(turn: Turn, instance_id: str, new_id: str) -> Member:
    """Give the static member its new id; whoever waits under the old one is fenced."""
    old = turn.group.members[turn.group.static_ids[instance_id]]
    turn.release_join(old, join_refusal(old.member_id, ErrorCode.FENCED_INSTANCE_ID))
    turn.release_sync(old, SyncGroupResponse(error_code=ErrorCode.FENCED_INSTANCE_ID))
    turn.cancel_timer(TimerKind.SESSION, old.member_id)
    member = turn.group.rename_static(instance_id, new_id)
    turn.refresh_session(member)
    return member


def store_static_member(turn: Turn, member: Member, old: OldMember, leader: str, api_version: int) -> None:
    """Write the generation with the member's new id, then answer its join; put the old id back if that fails."""
    group = turn.group
    turn.records.append(group.record({each.member_id: each.assignment for each in group.members.values()}))

    def stored(error: ErrorCode, now_ms: int) -> Decision:
        following = turn.next_turn(now_ms)
        if error:
            _put_back(following, member, old, leader, error)
        elif api_version >= SKIPS_ASSIGNMENT_VERSION:
            _answer_with_members(following, member)
        else:
            following.release_join(member, _response(following, member, leader))
        return following.decide()

    turn.then = stored


def _answer_with_members(turn: Turn, member: Member) -> None:
    group = turn.group
    if member.member_id == group.leader and group.state not in (State.STABLE, State.COMPLETING_REBALANCE):
        return  # The next rebalance is under way already, and will answer.
    response = join_response(group, member)
    response.skip_assignment = group.skips_assignment(member.member_id)
    turn.release_join(member, response)


def _put_back(turn: Turn, member: Member, old: OldMember, leader: str, error: ErrorCode) -> None:
    response = _response(turn, member, leader)
    response.member_id, response.error_code = "", error
    turn.release_join(member, response)
    group, instance_id = turn.group, member.instance_id or ""
    if group.static_ids.get(instance_id) == member.member_id:
        old_id, protocols, rebalance_timeout_ms, session_timeout_ms = old
        group.update(member, protocols, rebalance_timeout_ms, session_timeout_ms)
        replace_static_member(turn, instance_id, old_id)


def _response(turn: Turn, member: Member, leader: str) -> JoinGroupResponse:
    """With the leader's old id: older members would take its new one for a sign that they lead."""
    return JoinGroupResponse(
        generation_id=turn.group.generation,
        protocol_type=turn.group.protocol_type,
        protocol_name=turn.group.protocol_name,
        leader=leader,
        member_id=member.member_id,
    )
