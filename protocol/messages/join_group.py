"""JoinGroup (API key 11).

Versions  v1 request rebalance_timeout_ms. v2 response throttle_time_ms. v5 request group_instance_id; response
          group_instance_id. v6 flexible. v7 response protocol_type. v8 request reason. v9 response skip_assignment.
Source    Kafka 4.3, JoinGroupRequest.json, JoinGroupResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, bytestring, int16, int32, string


class JoinGroupRequestProtocol(Struct):
    """`JoinGroupRequestProtocol` of JoinGroupRequest."""

    name: Annotated[str, string("0+")] = ""
    metadata: Annotated[bytes, bytestring("0+")] = b""


class JoinGroupRequest(Message, key=11, versions="0-9", flexible="6+"):
    """JoinGroupRequest, versions 0-9."""

    group_id: Annotated[str, string("0+")] = ""
    session_timeout_ms: Annotated[int, int32("0+")] = 0
    rebalance_timeout_ms: Annotated[int, int32("1+")] = -1
    member_id: Annotated[str, string("0+")] = ""
    group_instance_id: Annotated[str | None, string("5+", nullable="5+")] = None
    protocol_type: Annotated[str, string("0+")] = ""
    protocols: Annotated[list[JoinGroupRequestProtocol], array(JoinGroupRequestProtocol, "0+")] = []
    reason: Annotated[str | None, string("8+", nullable="8+")] = None


class JoinGroupResponseMember(Struct):
    """`JoinGroupResponseMember` of JoinGroupResponse."""

    member_id: Annotated[str, string("0+")] = ""
    group_instance_id: Annotated[str | None, string("5+", nullable="5+")] = None
    metadata: Annotated[bytes, bytestring("0+")] = b""


class JoinGroupResponse(Message, key=11, versions="0-9", flexible="6+"):
    """JoinGroupResponse, versions 0-9."""

    throttle_time_ms: Annotated[int, int32("2+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    generation_id: Annotated[int, int32("0+")] = -1
    protocol_type: Annotated[str | None, string("7+", nullable="7+")] = None
    protocol_name: Annotated[str | None, string("0+", nullable="7+")] = ""
    leader: Annotated[str, string("0+")] = ""
    skip_assignment: Annotated[bool, boolean("9+")] = False
    member_id: Annotated[str, string("0+")] = ""
    members: Annotated[list[JoinGroupResponseMember], array(JoinGroupResponseMember, "0+")] = []
