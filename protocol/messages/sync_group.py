"""SyncGroup (API key 14).

Versions  v1 response throttle_time_ms. v3 request group_instance_id. v4 flexible. v5 request protocol_type,
          protocol_name; response protocol_type, protocol_name.
Source    Kafka 4.3, SyncGroupRequest.json, SyncGroupResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, bytestring, int16, int32, string


class SyncGroupRequestAssignment(Struct):
    """`SyncGroupRequestAssignment` of SyncGroupRequest."""

    member_id: Annotated[str, string("0+")] = ""
    assignment: Annotated[bytes, bytestring("0+")] = b""


class SyncGroupRequest(Message, key=14, versions="0-5", flexible="4+"):
    """SyncGroupRequest, versions 0-5."""

    group_id: Annotated[str, string("0+")] = ""
    generation_id: Annotated[int, int32("0+")] = 0
    member_id: Annotated[str, string("0+")] = ""
    group_instance_id: Annotated[str | None, string("3+", nullable="3+")] = None
    protocol_type: Annotated[str | None, string("5+", nullable="5+")] = None
    protocol_name: Annotated[str | None, string("5+", nullable="5+")] = None
    assignments: Annotated[list[SyncGroupRequestAssignment], array(SyncGroupRequestAssignment, "0+")] = []


class SyncGroupResponse(Message, key=14, versions="0-5", flexible="4+"):
    """SyncGroupResponse, versions 0-5."""

    throttle_time_ms: Annotated[int, int32("1+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    protocol_type: Annotated[str | None, string("5+", nullable="5+")] = None
    protocol_name: Annotated[str | None, string("5+", nullable="5+")] = None
    assignment: Annotated[bytes, bytestring("0+")] = b""
