"""GetTelemetrySubscriptions (API key 71).

Source    Kafka 4.3, GetTelemetrySubscriptionsRequest.json, GetTelemetrySubscriptionsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, array, boolean, int16, int32, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class GetTelemetrySubscriptionsRequest(Message, key=71, versions="0", flexible="0+"):
    """GetTelemetrySubscriptionsRequest, versions 0."""

    client_instance_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID


class GetTelemetrySubscriptionsResponse(Message, key=71, versions="0", flexible="0+"):
    """GetTelemetrySubscriptionsResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    client_instance_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    subscription_id: Annotated[int, int32("0+")] = 0
    accepted_compression_types: Annotated[list[int], array("int8", "0+")] = []
    push_interval_ms: Annotated[int, int32("0+")] = 0
    telemetry_max_bytes: Annotated[int, int32("0+")] = 0
    delta_temporality: Annotated[bool, boolean("0+")] = False
    requested_metrics: Annotated[list[str], array("string", "0+")] = []
