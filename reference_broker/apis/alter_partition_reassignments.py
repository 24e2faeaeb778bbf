"""AlterPartitionReassignments (KIP-455): other replicas for a partition; null cancels what is going on.

Versions  v1 whether the number of replicas may change (KIP-860).
Errors    of each partition: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR,
          NO_REASSIGNMENT_IN_PROGRESS.
Source    ControllerApis.handleAlterPartitionReassignments, ReplicationControlManager.alterPartitionReassignments
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.alter_partition_reassignments import (
        AlterPartitionReassignmentsRequest,
        AlterPartitionReassignmentsResponse,
    )
    from kafka_conformance.reference_broker.apis.deferred import Deferred
    from kafka_conformance.reference_broker.cluster.context import Context


def alter_partition_reassignments(
    ctx: Context, request: AlterPartitionReassignmentsRequest
) -> AlterPartitionReassignmentsResponse | Deferred[AlterPartitionReassignmentsResponse]:
    """Answer AlterPartitionReassignments."""
    return ctx.broker.forward(lambda: ctx.broker.controller.alter_partition_reassignments(request))
