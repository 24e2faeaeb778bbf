"""LeaveGroup: members leave at once, without waiting for their session to end.

Versions  v3 several members, by member id or group.instance.id (KIP-345); v5 a reason.
Errors    INVALID_GROUP_ID, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR; of each member those of the group, which
          versions below 3 answer at the top.
Source    KafkaApis.handleLeaveGroupRequest, GroupCoordinatorService.leaveGroup
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse
    from kafka_conformance.reference_broker.cluster.context import Context


def leave_group(ctx: Context, request: LeaveGroupRequest) -> LeaveGroupResponse | Awaitable[LeaveGroupResponse]:
    """Answer LeaveGroup."""
    return ctx.broker.groups.leave_group(request, ctx.caller)
