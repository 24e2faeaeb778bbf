"""PushTelemetry (API key 72).

Source    Kafka 4.3, PushTelemetryRequest.json, PushTelemetryResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, boolean, bytestring, int8, int16, int32, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class PushTelemetryRequest(Message, key=72, versions="0", flexible="0+"):
    """PushTelemetryRequest, versions 0."""

    client_instance_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    subscription_id: Annotated[int, int32("0+")] = 0
    terminating: Annotated[bool, boolean("0+")] = False
    compression_type: Annotated[int, int8("0+")] = 0
    metrics: Annotated[bytes, bytestring("0+")] = b""


class PushTelemetryResponse(Message, key=72, versions="0", flexible="0+"):
    """PushTelemetryResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
