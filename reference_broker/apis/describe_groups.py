"""DescribeGroups: the state and the members of classic groups.

Versions  v3 authorised operations; v4 group.instance.id; v6 GROUP_ID_NOT_FOUND with a message (KIP-1043).
Errors    of each group: INVALID_GROUP_ID, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR, GROUP_ID_NOT_FOUND from v6 on
          (before, an unknown group is Dead).
Source    KafkaApis.handleDescribeGroupsRequest, GroupCoordinatorService.describeGroups
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from kafka_conformance.reference_broker.cluster.authorized_operations import ALL_GROUP_OPERATIONS
from kafka_conformance.reference_broker.cluster.context import Context


def describe_groups(ctx: Context, request: DescribeGroupsRequest) -> DescribeGroupsResponse:
    """Answer DescribeGroups."""
    groups = ctx.broker.groups.describe_groups(request.groups, ctx.caller)
    if request.include_authorized_operations:
        for group in groups:
            if group.error_code == ErrorCode.NONE:
                group.authorized_operations = ALL_GROUP_OPERATIONS
    return DescribeGroupsResponse(groups=groups)
