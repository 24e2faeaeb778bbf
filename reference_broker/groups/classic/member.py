"""A member of a classic group.

Source: ClassicGroupMember
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kafka_conformance.protocol.messages.join_group import JoinGroupRequestProtocol

Protocols = tuple[tuple[str, bytes], ...]
"""The protocols of a member, the one it prefers first: (name, metadata)."""


def protocols_of(listed: list[JoinGroupRequestProtocol]) -> Protocols:
    """The protocols of a request."""
    return tuple((protocol.name, protocol.metadata) for protocol in listed)


@dataclass(slots=True)
class Member:
    """A member as the coordinator sees it now; what of it survives a failover is in its MemberMetadata record."""

    member_id: str
    instance_id: str | None
    client_id: str
    client_host: str
    rebalance_timeout_ms: int
    session_timeout_ms: int
    protocols: Protocols
    assignment: bytes = b""
    awaiting_join: bool = False
    awaiting_sync: bool = False
    is_new: bool = False
    """It has not yet been answered a JoinGroup, so it cannot heartbeat."""

    @property
    def is_static(self) -> bool:
        """Whether it has a group.instance.id (KIP-345)."""
        return self.instance_id is not None

    @property
    def protocol_names(self) -> set[str]:
        """The names of its protocols."""
        return {name for name, _ in self.protocols}

    def metadata(self, protocol: str) -> bytes:
        """What it sent for `protocol`. Raises KeyError if it does not support it."""
        for name, metadata in self.protocols:
            if name == protocol:
                return metadata
        raise KeyError(f"member {self.member_id} does not support {protocol!r}")

    def vote(self, candidates: Collection[str]) -> str:
        """The candidate that it prefers. Raises KeyError if it supports none."""
        for name, _ in self.protocols:
            if name in candidates:
                return name
        raise KeyError(f"member {self.member_id} supports none of {sorted(candidates)}")
