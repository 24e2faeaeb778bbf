"""Heartbeat (API key 12).

Versions  v1 response throttle_time_ms. v3 request group_instance_id. v4 flexible.
Source    Kafka 4.3, HeartbeatRequest.json, HeartbeatResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, int16, int32, string


class HeartbeatRequest(Message, key=12, versions="0-4", flexible="4+"):
    """HeartbeatRequest, versions 0-4."""

    group_id: Annotated[str, string("0+")] = ""
    generation_id: Annotated[int, int32("0+")] = 0
    member_id: Annotated[str, string("0+")] = ""
    group_instance_id: Annotated[str | None, string("3+", nullable="3+")] = None


class HeartbeatResponse(Message, key=12, versions="0-4", flexible="4+"):
    """HeartbeatResponse, versions 0-4."""

    throttle_time_ms: Annotated[int, int32("1+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
