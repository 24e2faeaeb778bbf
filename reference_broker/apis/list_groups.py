"""ListGroups: the groups that this broker coordinates.

Versions  v4 states filter (KIP-518); v5 types filter (KIP-848).
Errors    COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE. An unknown state or type matches no group.
Source    KafkaApis.handleListGroupsRequest, GroupCoordinatorService.listGroups
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
    from kafka_conformance.reference_broker.cluster.context import Context


def list_groups(ctx: Context, request: ListGroupsRequest) -> ListGroupsResponse:
    """Answer ListGroups."""
    return ctx.broker.groups.list_groups(request)
