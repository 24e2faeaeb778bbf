"""DescribeGroups (API key 15).

Versions  v1 response throttle_time_ms. v3 request include_authorized_operations; response authorized_operations. v4
          response group_instance_id. v5 flexible. v6 response error_message.
Source    Kafka 4.3, DescribeGroupsRequest.json, DescribeGroupsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, bytestring, int16, int32, string


class DescribeGroupsRequest(Message, key=15, versions="0-6", flexible="5+"):
    """DescribeGroupsRequest, versions 0-6."""

    groups: Annotated[list[str], array("string", "0+")] = []
    include_authorized_operations: Annotated[bool, boolean("3+")] = False


class DescribedGroupMember(Struct):
    """`DescribedGroupMember` of DescribeGroupsResponse."""

    member_id: Annotated[str, string("0+")] = ""
    group_instance_id: Annotated[str | None, string("4+", nullable="4+")] = None
    client_id: Annotated[str, string("0+")] = ""
    client_host: Annotated[str, string("0+")] = ""
    member_metadata: Annotated[bytes, bytestring("0+")] = b""
    member_assignment: Annotated[bytes, bytestring("0+")] = b""


class DescribedGroup(Struct):
    """`DescribedGroup` of DescribeGroupsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("6+", nullable="6+")] = None
    group_id: Annotated[str, string("0+")] = ""
    group_state: Annotated[str, string("0+")] = ""
    protocol_type: Annotated[str, string("0+")] = ""
    protocol_data: Annotated[str, string("0+")] = ""
    members: Annotated[list[DescribedGroupMember], array(DescribedGroupMember, "0+")] = []
    authorized_operations: Annotated[int, int32("3+")] = -0x80000000


class DescribeGroupsResponse(Message, key=15, versions="0-6", flexible="5+"):
    """DescribeGroupsResponse, versions 0-6."""

    throttle_time_ms: Annotated[int, int32("1+")] = 0
    groups: Annotated[list[DescribedGroup], array(DescribedGroup, "0+")] = []
