"""CreatePartitions: a topic gets more partitions.

Versions  v2 flexible.
Errors    of each topic, in the order of Kafka's checks: INVALID_REQUEST (named twice), UNKNOWN_TOPIC_OR_PARTITION,
          INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR.
Source    KafkaApis.handleCreatePartitionsRequest, ControllerApis.createPartitions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsResponse
    from kafka_conformance.reference_broker.apis.deferred import Deferred
    from kafka_conformance.reference_broker.cluster.context import Context


def create_partitions(
    ctx: Context, request: CreatePartitionsRequest
) -> CreatePartitionsResponse | Deferred[CreatePartitionsResponse]:
    """Answer CreatePartitions."""
    return ctx.broker.forward(lambda: ctx.broker.controller.create_partitions(request))
