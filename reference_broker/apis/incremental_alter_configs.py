"""IncrementalAlterConfigs (KIP-339): single configurations are set, deleted, or lists grow and shrink.

Versions  v1 flexible.
Errors    of each resource, in the order of Kafka's checks: INVALID_REQUEST (a resource or key twice, a null value, an
          unknown resource type, another broker's id, a configuration that is not dynamic), INVALID_CONFIG (an unknown
          name, a refused value, APPEND or SUBTRACT on what is no list), INVALID_TOPIC_EXCEPTION,
          UNKNOWN_TOPIC_OR_PARTITION. An unknown operation gives UNKNOWN_SERVER_ERROR for all.
Source    KafkaApis.handleIncrementalAlterConfigsRequest, ConfigAdminManager, ConfigurationControlManager
"""

from __future__ import annotations

from kafka_conformance.protocol.messages.incremental_alter_configs import (
    AlterConfigsResourceResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from kafka_conformance.reference_broker.apis.deferred import Deferred
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.alter_configs import Alteration, Resource


def incremental_alter_configs(
    ctx: Context, request: IncrementalAlterConfigsRequest
) -> IncrementalAlterConfigsResponse | Deferred[IncrementalAlterConfigsResponse]:
    """Answer IncrementalAlterConfigs."""
    return ctx.broker.forward(lambda: _decided(ctx, request))


def _decided(ctx: Context, request: IncrementalAlterConfigsRequest) -> IncrementalAlterConfigsResponse:
    resources = [
        Resource(
            each.resource_type,
            each.resource_name,
            tuple(Alteration(config.name, config.config_operation, config.value) for config in each.configs),
        )
        for each in request.resources
    ]
    errors = ctx.broker.controller.incremental_alter_configs(
        ctx.broker.node_id, resources, validate_only=request.validate_only
    )
    return IncrementalAlterConfigsResponse(
        responses=[
            AlterConfigsResourceResponse(
                error_code=error.code,
                error_message=error.message,
                resource_type=resource.type,
                resource_name=resource.name,
            )
            for resource, error in zip(resources, errors, strict=True)
        ]
    )
