"""LeaveGroup (API key 13).

Versions  v1 response throttle_time_ms. v3 request no member_id, members; response members. v4 flexible. v5 request
          reason.
Source    Kafka 4.3, LeaveGroupRequest.json, LeaveGroupResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string


class MemberIdentity(Struct):
    """`MemberIdentity` of LeaveGroupRequest."""

    member_id: Annotated[str, string("3+")] = ""
    group_instance_id: Annotated[str | None, string("3+", nullable="3+")] = None
    reason: Annotated[str | None, string("5+", nullable="5+")] = None


class LeaveGroupRequest(Message, key=13, versions="0-5", flexible="4+"):
    """LeaveGroupRequest, versions 0-5."""

    group_id: Annotated[str, string("0+")] = ""
    member_id: Annotated[str, string("0-2")] = ""
    members: Annotated[list[MemberIdentity], array(MemberIdentity, "3+")] = []


class MemberResponse(Struct):
    """`MemberResponse` of LeaveGroupResponse."""

    member_id: Annotated[str, string("3+")] = ""
    group_instance_id: Annotated[str | None, string("3+", nullable="3+")] = ""
    error_code: Annotated[int, int16("3+")] = 0


class LeaveGroupResponse(Message, key=13, versions="0-5", flexible="4+"):
    """LeaveGroupResponse, versions 0-5."""

    throttle_time_ms: Annotated[int, int32("1+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    members: Annotated[list[MemberResponse], array(MemberResponse, "3+")] = []
