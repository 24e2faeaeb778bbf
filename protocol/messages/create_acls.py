"""CreateAcls (API key 30).

Versions  v2 flexible.
Source    Kafka 4.3, CreateAclsRequest.json, CreateAclsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, string


class AclCreation(Struct):
    """`AclCreation` of CreateAclsRequest."""

    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""
    resource_pattern_type: Annotated[int, int8("1+")] = 3
    principal: Annotated[str, string("0+")] = ""
    host: Annotated[str, string("0+")] = ""
    operation: Annotated[int, int8("0+")] = 0
    permission_type: Annotated[int, int8("0+")] = 0


class CreateAclsRequest(Message, key=30, versions="1-3", flexible="2+"):
    """CreateAclsRequest, versions 1-3."""

    creations: Annotated[list[AclCreation], array(AclCreation, "0+")] = []


class AclCreationResult(Struct):
    """`AclCreationResult` of CreateAclsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""


class CreateAclsResponse(Message, key=30, versions="1-3", flexible="2+"):
    """CreateAclsResponse, versions 1-3."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    results: Annotated[list[AclCreationResult], array(AclCreationResult, "0+")] = []
