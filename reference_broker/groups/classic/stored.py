"""A member of a classic group in a GroupMetadata record, and back.

Source: GroupCoordinatorRecordHelpers.newGroupMetadataRecord, GroupMetadataManager.replay
"""

from __future__ import annotations

from collections.abc import Mapping

from kafka_conformance.reference_broker.groups.classic.member import Member
from kafka_conformance.reference_broker.groups.records import MemberMetadata


def stored_member(member: Member, protocol: str | None, assignments: Mapping[str, bytes]) -> MemberMetadata:
    """The member as it is written, with its metadata for the selected protocol only."""
    return MemberMetadata(
        member_id=member.member_id,
        group_instance_id=member.instance_id,
        client_id=member.client_id,
        client_host=member.client_host,
        rebalance_timeout=member.rebalance_timeout_ms,
        session_timeout=member.session_timeout_ms,
        subscription=member.metadata(protocol or ""),
        assignment=assignments.get(member.member_id, b""),
    )


def loaded_member(stored: MemberMetadata, protocol: str) -> Member:
    """The member as a coordinator finds it in the log; records of version 0 have no rebalance timeout."""
    timeout = stored.session_timeout if stored.rebalance_timeout == -1 else stored.rebalance_timeout
    return Member(
        member_id=stored.member_id,
        instance_id=stored.group_instance_id,
        client_id=stored.client_id,
        client_host=stored.client_host,
        rebalance_timeout_ms=timeout,
        session_timeout_ms=stored.session_timeout,
        protocols=((protocol, bytes(stored.subscription)),),
        assignment=bytes(stored.assignment),
    )
