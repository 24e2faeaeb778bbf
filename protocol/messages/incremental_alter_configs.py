"""IncrementalAlterConfigs (API key 44).

Versions  v1 flexible.
Source    Kafka 4.3, IncrementalAlterConfigsRequest.json, IncrementalAlterConfigsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int8, int16, int32, string


class AlterableConfig(Struct):
    """`AlterableConfig` of IncrementalAlterConfigsRequest."""

    name: Annotated[str, string("0+")] = ""
    config_operation: Annotated[int, int8("0+")] = 0
    value: Annotated[str | None, string("0+", nullable="0+")] = ""


class AlterConfigsResource(Struct):
    """`AlterConfigsResource` of IncrementalAlterConfigsRequest."""

    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""
    configs: Annotated[list[AlterableConfig], array(AlterableConfig, "0+")] = []


class IncrementalAlterConfigsRequest(Message, key=44, versions="0-1", flexible="1+"):
    """IncrementalAlterConfigsRequest, versions 0-1."""

    resources: Annotated[list[AlterConfigsResource], array(AlterConfigsResource, "0+")] = []
    validate_only: Annotated[bool, boolean("0+")] = False


class AlterConfigsResourceResponse(Struct):
    """`AlterConfigsResourceResponse` of IncrementalAlterConfigsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""


class IncrementalAlterConfigsResponse(Message, key=44, versions="0-1", flexible="1+"):
    """IncrementalAlterConfigsResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    responses: Annotated[list[AlterConfigsResourceResponse], array(AlterConfigsResourceResponse, "0+")] = []
