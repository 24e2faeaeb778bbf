"""DescribeCluster (KIP-700): the brokers, and one to send controller requests to.

Versions  v1 endpoint types (KIP-919); v2 fenced brokers (KIP-1073).
Errors    UNSUPPORTED_ENDPOINT_TYPE, MISMATCHED_ENDPOINT_TYPE; both INVALID_REQUEST below v1.
Source    KafkaApis.handleDescribeCluster, AuthHelper.computeDescribeClusterResponse
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)
from kafka_conformance.reference_broker.cluster.authorized_operations import ALL_CLUSTER_OPERATIONS
from kafka_conformance.reference_broker.cluster.context import Context

_BROKER_ENDPOINT, _CONTROLLER_ENDPOINT = 1, 2


def describe_cluster(ctx: Context, request: DescribeClusterRequest) -> DescribeClusterResponse:
    """Answer DescribeCluster."""
    if request.endpoint_type == _CONTROLLER_ENDPOINT:
        message = "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
        return _refused(ctx, ErrorCode.MISMATCHED_ENDPOINT_TYPE, message)
    if request.endpoint_type != _BROKER_ENDPOINT:
        message = f"Unsupported endpoint type {request.endpoint_type}"
        return _refused(ctx, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE, message)
    response = DescribeClusterResponse(
        error_message=None,
        cluster_id=ctx.broker.image.cluster_id,
        controller_id=ctx.broker.metadata.controller_id(),
        brokers=[
            DescribeClusterBroker(
                broker_id=broker.node_id,
                host=broker.host,
                port=broker.port,
                rack=broker.rack,
                is_fenced=broker.fenced,
            )
            for broker in ctx.broker.image.brokers.values()
            if request.include_fenced_brokers or not broker.fenced
        ],
    )
    if request.include_cluster_authorized_operations:
        response.cluster_authorized_operations = ALL_CLUSTER_OPERATIONS
    return response


def _refused(ctx: Context, error: ErrorCode, message: str) -> DescribeClusterResponse:
    code = error if ctx.api_version > 0 else ErrorCode.INVALID_REQUEST
    return DescribeClusterResponse(error_code=code, error_message=message)
