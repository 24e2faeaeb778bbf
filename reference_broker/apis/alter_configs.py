"""AlterConfigs: the older API, which replaces all configurations of a resource.

Versions  v2 flexible.
Errors    of each resource, in the order of Kafka's checks: INVALID_REQUEST (a resource or key twice, a null value, an
          unknown resource type, another broker's id, a configuration that is not dynamic), INVALID_CONFIG,
          INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION.
Source    KafkaApis.handleAlterConfigsRequest, ConfigAdminManager, ConfigurationControlManager
"""

from __future__ import annotations

from kafka_conformance.protocol.messages.alter_configs import (
    AlterConfigsRequest,
    AlterConfigsResourceResponse,
    AlterConfigsResponse,
)
from kafka_conformance.reference_broker.apis.deferred import Deferred
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.alter_configs import Alteration, Operation, Resource


def alter_configs(ctx: Context, request: AlterConfigsRequest) -> AlterConfigsResponse | Deferred[AlterConfigsResponse]:
    """Answer AlterConfigs."""
    return ctx.broker.forward(lambda: _decided(ctx, request))


def _decided(ctx: Context, request: AlterConfigsRequest) -> AlterConfigsResponse:
    resources = [
        Resource(
            each.resource_type,
            each.resource_name,
            tuple(Alteration(config.name, Operation.SET, config.value) for config in each.configs),
        )
        for each in request.resources
    ]
    errors = ctx.broker.controller.alter_configs(ctx.broker.node_id, resources, validate_only=request.validate_only)
    return AlterConfigsResponse(
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
