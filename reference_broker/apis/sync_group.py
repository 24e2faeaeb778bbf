"""SyncGroup: a member gets its assignment, the leader brings those of all.

Versions  v3 group.instance.id (KIP-345); v5 protocol type and name.
Errors    INCONSISTENT_GROUP_PROTOCOL for v5 without type or name, INVALID_GROUP_ID, COORDINATOR_LOAD_IN_PROGRESS,
          NOT_COORDINATOR, and those of the group.
Source    KafkaApis.handleSyncGroupRequest, GroupCoordinatorService.syncGroup
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest, SyncGroupResponse
    from kafka_conformance.reference_broker.cluster.context import Context


def sync_group(ctx: Context, request: SyncGroupRequest) -> SyncGroupResponse | Awaitable[SyncGroupResponse]:
    """Answer SyncGroup."""
    return ctx.broker.groups.sync_group(request, ctx.caller)
