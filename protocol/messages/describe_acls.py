"""DescribeAcls (API key 29).

Versions  v2 flexible.
Source    Kafka 4.3, DescribeAclsRequest.json, DescribeAclsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, string


class DescribeAclsRequest(Message, key=29, versions="1-3", flexible="2+"):
    """DescribeAclsRequest, versions 1-3."""

    resource_type_filter: Annotated[int, int8("0+")] = 0
    resource_name_filter: Annotated[str | None, string("0+", nullable="0+")] = ""
    pattern_type_filter: Annotated[int, int8("1+")] = 3
    principal_filter: Annotated[str | None, string("0+", nullable="0+")] = ""
    host_filter: Annotated[str | None, string("0+", nullable="0+")] = ""
    operation: Annotated[int, int8("0+")] = 0
    permission_type: Annotated[int, int8("0+")] = 0


class AclDescription(Struct):
    """`AclDescription` of DescribeAclsResponse."""

    principal: Annotated[str, string("0+")] = ""
    host: Annotated[str, string("0+")] = ""
    operation: Annotated[int, int8("0+")] = 0
    permission_type: Annotated[int, int8("0+")] = 0


class DescribeAclsResource(Struct):
    """`DescribeAclsResource` of DescribeAclsResponse."""

    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""
    pattern_type: Annotated[int, int8("1+")] = 3
    acls: Annotated[list[AclDescription], array(AclDescription, "0+")] = []


class DescribeAclsResponse(Message, key=29, versions="1-3", flexible="2+"):
    """DescribeAclsResponse, versions 1-3."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    resources: Annotated[list[DescribeAclsResource], array(DescribeAclsResource, "0+")] = []
