"""Bringing members into one generation, and giving them their assignments.

No step depends on time: a rebalance is seen by a heartbeat before the others rejoin, so all end in one generation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.harness.subject.connection import results
from kafka_conformance.harness.subject.group import Group
from kafka_conformance.harness.subject.member import PROTOCOL_TYPE, Member
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.join_group import JoinGroupResponse
from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest

Offer = Mapping[str, bytes] | None
"""The protocols of a member with their metadata; None: `range` with its topics."""


def admit(group: Group, members: Sequence[Member], newcomer: Member) -> list[JoinGroupResponse]:
    """Lets one more member join those that are there already; all answers, the newcomer's last."""
    joining = newcomer.start_join()
    await_rebalance(group, members)
    return [*rejoin(members), joining.result()]


def await_rebalance(group: Group, members: Sequence[Member]) -> None:
    """Waits until each of them is told by its heartbeat that it has to rejoin."""
    for member in members:
        group.cluster.settled(
            lambda member=member: member.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS,  # type: ignore[misc]
            step="a heartbeat tells of the rebalance",
            what=f"{member.member_id} learns of the rebalance",
        )


def rejoin(members: Sequence[Member], offer: Offer = None) -> list[JoinGroupResponse]:
    """All of them join at the same time; their answers in this order."""
    return [joining.result() for joining in [member.start_join(offer) for member in members]]


def gather(group: Group, count: int = 1, *, topics: tuple[str, ...] = ()) -> list[Member]:
    """Members of one generation that await their assignments (CompletingRebalance); the first one leads."""
    members: list[Member] = []
    for _ in range(count):
        newcomer = group.member(topics=topics)
        admit(group, members, newcomer)
        members.append(newcomer)
    return members


def settle(members: Sequence[Member], assignments: Mapping[str, bytes] | None = None) -> list[bytes]:
    """All of them sync and the group is Stable; what each was assigned. By default each gets its own id."""
    given = {member.member_id: member.member_id.encode() for member in members} if assignments is None else assignments
    syncs = [member.start_sync(given if member.is_leader else None) for member in members]
    return [answer.assignment for answer in results(syncs)]


def sync_request(member: Member, protocol_name: str = "range") -> SyncGroupRequest:
    """What the member's SyncGroup says, without assignments, for a case to change."""
    return SyncGroupRequest(
        group_id=member.group_id,
        generation_id=member.generation_id,
        member_id=member.member_id,
        protocol_type=PROTOCOL_TYPE,
        protocol_name=protocol_name,
        group_instance_id=member.instance_id,
    )


def stable(group: Group, count: int = 1, *, topics: tuple[str, ...] = ()) -> list[Member]:
    """Members of a group that is Stable; the first one leads."""
    members = gather(group, count, topics=topics)
    settle(members)
    return members


def error_of(answer: object) -> ErrorCode:
    """The error code of a whole answer, by its name."""
    return error_code(answer.error_code)  # type: ignore[attr-defined]
