"""DeleteGroups: forget groups without members, and their offsets.

Versions  v2 flexible. v3 is of Kafka 4.4 and not served.
Errors    of each group: INVALID_GROUP_ID, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR, GROUP_ID_NOT_FOUND,
          NON_EMPTY_GROUP.
Source    KafkaApis.handleDeleteGroupsRequest, GroupCoordinatorService.deleteGroups
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.delete_groups import DeleteGroupsRequest, DeleteGroupsResponse
    from kafka_conformance.reference_broker.cluster.context import Context


def delete_groups(ctx: Context, request: DeleteGroupsRequest) -> DeleteGroupsResponse | Awaitable[DeleteGroupsResponse]:
    """Answer DeleteGroups."""
    return ctx.broker.groups.delete_groups(request.groups_names)
