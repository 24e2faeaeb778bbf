"""A group whose leader shares out the partitions of a topic: what its members own, generation by generation."""

from __future__ import annotations

from dataclasses import dataclass

from kafka_conformance.conformance.groups.gathering import admit, await_rebalance, rejoin, settle
from kafka_conformance.harness.cases import assignment
from kafka_conformance.harness.subject.group import Group
from kafka_conformance.harness.subject.member import Member
from kafka_conformance.protocol.codec import decode_message
from kafka_conformance.protocol.messages.consumer_protocol import ConsumerProtocolAssignment

_VERSION_BYTES = 2


@dataclass(frozen=True)
class Generation:
    """What the members were told."""

    generation_ids: set[int]
    """The generation, or the generations if they disagree."""
    owned: list[int]
    """The partitions that they own, sorted, one entry for each owner."""


class SharedTopic:
    """Members that come and go; after each step all are in one generation and have their assignments."""

    def __init__(self, group: Group, topic: str, partitions: int) -> None:
        self._group = group
        self._topic = topic
        self._partitions = partitions
        self._members: list[Member] = []
        self.generations: list[Generation] = []

    def step(self, name: str, which: int) -> None:
        """`join`: one more member; `leave` (but the last stays) and `rejoin`: one of them, by its place modulo."""
        if name == "join" or (name == "leave" and len(self._members) == 1):
            newcomer = self._group.member(topics=(self._topic,))
            admit(self._group, self._members, newcomer)
            self._members.append(newcomer)
        elif name == "leave":
            self._members.pop(which % len(self._members)).leave()
            await_rebalance(self._group, self._members)
            rejoin(self._members)
        else:
            self._rejoin(self._members[which % len(self._members)])
        self._share_out()

    def _rejoin(self, starter: Member) -> None:
        """One starts a rebalance by other metadata (a leader would need none)."""
        starter.topics = (*starter.topics, self._topic)
        joining = starter.start_join()
        others = [member for member in self._members if member is not starter]
        await_rebalance(self._group, others)
        rejoin(others)
        joining.result()

    def _share_out(self) -> None:
        members = self._members
        shares = [list(range(place, self._partitions, len(members))) for place in range(len(members))]
        given = {
            member.member_id: assignment({self._topic: share}) for member, share in zip(members, shares, strict=True)
        }
        owned = [partition for got in settle(members, given) for partition in owned_partitions(got, self._topic)]
        self.generations.append(Generation({member.generation_id for member in members}, sorted(owned)))


def owned_partitions(assigned: bytes, topic: str) -> list[int]:
    """The partitions of a topic in a consumer's assignment; an empty one has none."""
    if not assigned:
        return []
    message, _ = decode_message(ConsumerProtocolAssignment, 0, assigned, _VERSION_BYTES)
    return [number for entry in message.assigned_partitions if entry.topic == topic for number in entry.partitions]
