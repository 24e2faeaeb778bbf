"""CreateTopics: any broker takes it, the controller decides.

Versions  v5 configurations, partitions and replication factor in the answer; v7 topic ids.
Errors    of each topic, in the order of Kafka's checks: INVALID_REQUEST (named twice, or __cluster_metadata),
          TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_CONFIG, INVALID_REQUEST (an assignment and counts),
          INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR, INVALID_PARTITIONS; POLICY_VIOLATION for all topics
          of a request for more than 10,000 partitions.
Source    KafkaApis.handleCreateTopicsRequest, ControllerApis.createTopics
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.create_topics import CreateTopicsRequest, CreateTopicsResponse
    from kafka_conformance.reference_broker.apis.deferred import Deferred
    from kafka_conformance.reference_broker.cluster.context import Context


def create_topics(ctx: Context, request: CreateTopicsRequest) -> CreateTopicsResponse | Deferred[CreateTopicsResponse]:
    """Answer CreateTopics."""
    return ctx.broker.forward(lambda: ctx.broker.controller.create_topics(request))
