"""ListGroups (API key 16).

Versions  v1 response throttle_time_ms. v3 flexible. v4 request states_filter; response group_state. v5 request
          types_filter; response group_type.
Source    Kafka 4.3, ListGroupsRequest.json, ListGroupsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string


class ListGroupsRequest(Message, key=16, versions="0-5", flexible="3+"):
    """ListGroupsRequest, versions 0-5."""

    states_filter: Annotated[list[str], array("string", "4+")] = []
    types_filter: Annotated[list[str], array("string", "5+")] = []


class ListedGroup(Struct):
    """`ListedGroup` of ListGroupsResponse."""

    group_id: Annotated[str, string("0+")] = ""
    protocol_type: Annotated[str, string("0+")] = ""
    group_state: Annotated[str, string("4+")] = ""
    group_type: Annotated[str, string("5+")] = ""


class ListGroupsResponse(Message, key=16, versions="0-5", flexible="3+"):
    """ListGroupsResponse, versions 0-5."""

    throttle_time_ms: Annotated[int, int32("1+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    groups: Annotated[list[ListedGroup], array(ListedGroup, "0+")] = []
