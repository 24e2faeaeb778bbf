"""ListPartitionReassignments (KIP-455): the reassignments that are going on.

Errors    none: a topic that is not known is left out.
Source    ControllerApis.handleListPartitionReassignments, ReplicationControlManager.listPartitionReassignments
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.list_partition_reassignments import (
        ListPartitionReassignmentsRequest,
        ListPartitionReassignmentsResponse,
    )
    from kafka_conformance.reference_broker.apis.deferred import Deferred
    from kafka_conformance.reference_broker.cluster.context import Context


def list_partition_reassignments(
    ctx: Context, request: ListPartitionReassignmentsRequest
) -> ListPartitionReassignmentsResponse | Deferred[ListPartitionReassignmentsResponse]:
    """Answer ListPartitionReassignments."""
    return ctx.broker.forward(lambda: ctx.broker.controller.list_partition_reassignments(request))
