"""What DescribeGroups and ListGroups show of a classic group.

Source: GroupMetadataManager.describeGroups, ClassicGroup.asListedGroup, ClassicGroupMember.describe
"""

from __future__ import annotations

from kafka_conformance.protocol.messages.describe_groups import DescribedGroup, DescribedGroupMember
from kafka_conformance.protocol.messages.list_groups import ListedGroup
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.states import State

GROUP_TYPE = "classic"


def describe(group: ClassicGroup) -> DescribedGroup:
    """The group with its members; their metadata and the protocol are shown while it is Stable."""
    stable = group.state is State.STABLE
    protocol = (group.protocol_name or "") if stable else ""
    members = [
        DescribedGroupMember(
            member_id=member.member_id,
            group_instance_id=member.instance_id,
            client_id=member.client_id,
            client_host=member.client_host,
            member_metadata=member.metadata(protocol) if stable else b"",
            member_assignment=member.assignment,
        )
        for member in group.members.values()
    ]
    return DescribedGroup(
        group_id=group.group_id,
        group_state=group.state.value,
        protocol_type=group.protocol_type or "",
        protocol_data=protocol,
        members=members,
    )


def listed(group: ClassicGroup) -> ListedGroup:
    """The group as a line of ListGroups."""
    return ListedGroup(
        group_id=group.group_id,
        protocol_type=group.protocol_type or "",
        group_state=group.state.value,
        group_type=GROUP_TYPE,
    )


def is_listed(group: ClassicGroup, states: list[str], types: list[str]) -> bool:
    """Whether a ListGroups with these filters shows the group; an empty filter lets all pass, case does not matter."""
    wanted = {state.lower().strip() for state in states}
    return (not states or group.state.value.lower() in wanted) and (
        not types or GROUP_TYPE in {kind.lower() for kind in types}
    )
