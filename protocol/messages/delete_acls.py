"""DeleteAcls (API key 31).

Versions  v2 flexible.
Source    Kafka 4.3, DeleteAclsRequest.json, DeleteAclsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, string


class DeleteAclsFilter(Struct):
    """`DeleteAclsFilter` of DeleteAclsRequest."""

    resource_type_filter: Annotated[int, int8("0+")] = 0
    resource_name_filter: Annotated[str | None, string("0+", nullable="0+")] = ""
    pattern_type_filter: Annotated[int, int8("1+")] = 3
    principal_filter: Annotated[str | None, string("0+", nullable="0+")] = ""
    host_filter: Annotated[str | None, string("0+", nullable="0+")] = ""
    operation: Annotated[int, int8("0+")] = 0
    permission_type: Annotated[int, int8("0+")] = 0


class DeleteAclsRequest(Message, key=31, versions="1-3", flexible="2+"):
    """DeleteAclsRequest, versions 1-3."""

    filters: Annotated[list[DeleteAclsFilter], array(DeleteAclsFilter, "0+")] = []


class DeleteAclsMatchingAcl(Struct):
    """`DeleteAclsMatchingAcl` of DeleteAclsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""
    pattern_type: Annotated[int, int8("1+")] = 3
    principal: Annotated[str, string("0+")] = ""
    host: Annotated[str, string("0+")] = ""
    operation: Annotated[int, int8("0+")] = 0
    permission_type: Annotated[int, int8("0+")] = 0


class DeleteAclsFilterResult(Struct):
    """`DeleteAclsFilterResult` of DeleteAclsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    matching_acls: Annotated[list[DeleteAclsMatchingAcl], array(DeleteAclsMatchingAcl, "0+")] = []


class DeleteAclsResponse(Message, key=31, versions="1-3", flexible="2+"):
    """DeleteAclsResponse, versions 1-3."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    filter_results: Annotated[list[DeleteAclsFilterResult], array(DeleteAclsFilterResult, "0+")] = []
