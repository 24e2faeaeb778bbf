"""Heartbeat: a member says that it lives and learns whether it must rejoin.

Versions  v3 group.instance.id (KIP-345); v4 flexible.
Errors    INVALID_GROUP_ID, NOT_COORDINATOR, and those of the group; none while the groups are being loaded.
Source    KafkaApis.handleHeartbeatRequest, GroupCoordinatorService.heartbeat
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
    from kafka_conformance.reference_broker.cluster.context import Context


def heartbeat(ctx: Context, request: HeartbeatRequest) -> HeartbeatResponse | Awaitable[HeartbeatResponse]:
    """Answer Heartbeat."""
    return ctx.broker.groups.heartbeat(request, ctx.caller)
