"""DeleteGroups (API key 42).

Versions  v2 flexible. v3 response error_message.
Source    Kafka 4.3, DeleteGroupsRequest.json, DeleteGroupsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string


class DeleteGroupsRequest(Message, key=42, versions="0-3", flexible="2+"):
    """DeleteGroupsRequest, versions 0-3."""

    groups_names: Annotated[list[str], array("string", "0+")] = []


class DeletableGroupResult(Struct):
    """`DeletableGroupResult` of DeleteGroupsResponse."""

    group_id: Annotated[str, string("0+")] = ""
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("3+", nullable="3+")] = None


class DeleteGroupsResponse(Message, key=42, versions="0-3", flexible="2+"):
    """DeleteGroupsResponse, versions 0-3."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    results: Annotated[list[DeletableGroupResult], array(DeletableGroupResult, "0+")] = []
