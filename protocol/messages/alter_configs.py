"""AlterConfigs (API key 33).

Versions  v2 flexible.
Source    Kafka 4.3, AlterConfigsRequest.json, AlterConfigsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int8, int16, int32, string


class AlterableConfig(Struct):
    """`AlterableConfig` of AlterConfigsRequest."""

    name: Annotated[str, string("0+")] = ""
    value: Annotated[str | None, string("0+", nullable="0+")] = ""


class AlterConfigsResource(Struct):
    """`AlterConfigsResource` of AlterConfigsRequest."""

    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""
    configs: Annotated[list[AlterableConfig], array(AlterableConfig, "0+")] = []


class AlterConfigsRequest(Message, key=33, versions="0-2", flexible="2+"):
    """AlterConfigsRequest, versions 0-2."""

    resources: Annotated[list[AlterConfigsResource], array(AlterConfigsResource, "0+")] = []
    validate_only: Annotated[bool, boolean("0+")] = False


class AlterConfigsResourceResponse(Struct):
    """`AlterConfigsResourceResponse` of AlterConfigsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""


class AlterConfigsResponse(Message, key=33, versions="0-2", flexible="2+"):
    """AlterConfigsResponse, versions 0-2."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    responses: Annotated[list[AlterConfigsResourceResponse], array(AlterConfigsResourceResponse, "0+")] = []
