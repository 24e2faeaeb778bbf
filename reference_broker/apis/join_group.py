"""JoinGroup: a member joins a group, and is told the generation once the others have joined.

Versions  v1 rebalance timeout; v4 MEMBER_ID_REQUIRED (KIP-394); v5 group.instance.id (KIP-345); v7 protocol type; v9
          skip_assignment.
Errors    INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS,
          NOT_COORDINATOR, and those of the group.
Source    KafkaApis.handleJoinGroupRequest, GroupCoordinatorService.joinGroup
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.join_group import JoinGroupRequest, JoinGroupResponse
    from kafka_conformance.reference_broker.cluster.context import Context


def join_group(ctx: Context, request: JoinGroupRequest) -> JoinGroupResponse | Awaitable[JoinGroupResponse]:
    """Answer JoinGroup."""
    return ctx.broker.groups.join_group(request, ctx.caller)
