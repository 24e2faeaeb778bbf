"""Who belongs to a classic group, and who is awaited: the bookkeeping below the group's decisions.

None of this survives a failover by itself; see `ClassicGroup.durable`.
Source: ClassicGroup (add, remove, replaceStaticMember, updateMember)
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from kafka_conformance.reference_broker.groups.classic.member import Member, Protocols


class Membership:
    """Members by id in the order in which they came, static ids, and those that are pending."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.static_ids: dict[str, str] = {}
        """The member id of each group.instance.id."""
        self.pending_joins: set[str] = set()
        """Ids that were given out by MEMBER_ID_REQUIRED and have not come back."""
        self.pending_syncs: set[str] = set()
        """Members that have joined the current generation and have not asked for their assignment."""
        self.protocol_type: str | None = None
        self.leader: str | None = None
        self._supporters: Counter[str] = Counter()

    def add(self, member: Member, protocol_type: str) -> None:
        """Add a member; the first one gives the group its protocol type and is its leader."""
        if not self.members:
            self.protocol_type = protocol_type
        if member.instance_id is not None:
            self.static_ids[member.instance_id] = member.member_id
        if self.leader is None:
            self.leader = member.member_id
        self.members[member.member_id] = member
        self._supporters.update(member.protocol_names)
        self.pending_joins.discard(member.member_id)

    def remove(self, member_id: str) -> None:
        """Remove a member, or a pending one; if it was the leader another member is."""
        member = self.members.pop(member_id, None)
        if member is not None:
            self._supporters.subtract(member.protocol_names)
            if member.instance_id is not None:
                self.static_ids.pop(member.instance_id, None)
        if self.leader == member_id:
            self.leader = next(iter(self.members), None)
        self.pending_joins.discard(member_id)
        self.pending_syncs.discard(member_id)

    def rename_static(self, instance_id: str, new_id: str) -> Member:
        """Give the static member a new id and keep everything else; return it. Nothing is parked under the new id."""
        old_id = self.static_ids[instance_id]
        old = self.members.pop(old_id)
        # Another object: what was decided about the old member must not reach the new one.
        member = replace(old, member_id=new_id, awaiting_join=False, awaiting_sync=False, is_new=False)
        self.members[new_id] = member
        self.static_ids[instance_id] = new_id
        if self.leader == old_id:
            self.leader = new_id
        return member

    def update(self, member: Member, protocols: Protocols, rebalance_timeout_ms: int, session_timeout_ms: int) -> None:
        """Take over what a JoinGroup says of a member."""
        self._supporters.subtract(member.protocol_names)
        member.protocols = protocols
        self._supporters.update(member.protocol_names)
        member.rebalance_timeout_ms = rebalance_timeout_ms
        member.session_timeout_ms = session_timeout_ms

    def supported_by_all(self, protocol: str) -> bool:
        """Whether every member supports `protocol`; true of a group without members."""
        return self._supporters[protocol] == len(self.members)

    def awaiting_join(self) -> int:
        """How many members have a parked JoinGroup."""
        return sum(member.awaiting_join for member in self.members.values())

    def rebalance_timeout_ms(self) -> int:
        """The longest of the members' rebalance timeouts, in milliseconds."""
        return max((member.rebalance_timeout_ms for member in self.members.values()), default=0)
