"""ListConfigResources (API key 74).

Versions  v1 request resource_types; response resource_type.
Source    Kafka 4.3, ListConfigResourcesRequest.json, ListConfigResourcesResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, string


class ListConfigResourcesRequest(Message, key=74, versions="0-1", flexible="0+"):
    """ListConfigResourcesRequest, versions 0-1."""

    resource_types: Annotated[list[int], array("int8", "1+")] = []


class ConfigResource(Struct):
    """`ConfigResource` of ListConfigResourcesResponse."""

    resource_name: Annotated[str, string("0+")] = ""
    resource_type: Annotated[int, int8("1+")] = 16


class ListConfigResourcesResponse(Message, key=74, versions="0-1", flexible="0+"):
    """ListConfigResourcesResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    config_resources: Annotated[list[ConfigResource], array(ConfigResource, "0+")] = []
