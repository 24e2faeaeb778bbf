"""DescribeConfigs (API key 32).

Versions  v3 request include_documentation; response config_type, documentation. v4 flexible.
Source    Kafka 4.3, DescribeConfigsRequest.json, DescribeConfigsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int8, int16, int32, string


class DescribeConfigsResource(Struct):
    """`DescribeConfigsResource` of DescribeConfigsRequest."""

    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""
    configuration_keys: Annotated[list[str] | None, array("string", "0+", nullable="0+")] = []


class DescribeConfigsRequest(Message, key=32, versions="1-4", flexible="4+"):
    """DescribeConfigsRequest, versions 1-4."""

    resources: Annotated[list[DescribeConfigsResource], array(DescribeConfigsResource, "0+")] = []
    include_synonyms: Annotated[bool, boolean("1+")] = False
    include_documentation: Annotated[bool, boolean("3+")] = False


class DescribeConfigsSynonym(Struct):
    """`DescribeConfigsSynonym` of DescribeConfigsResponse."""

    name: Annotated[str, string("1+")] = ""
    value: Annotated[str | None, string("1+", nullable="0+")] = ""
    source: Annotated[int, int8("1+")] = 0


class DescribeConfigsResourceResult(Struct):
    """`DescribeConfigsResourceResult` of DescribeConfigsResponse."""

    name: Annotated[str, string("0+")] = ""
    value: Annotated[str | None, string("0+", nullable="0+")] = ""
    read_only: Annotated[bool, boolean("0+")] = False
    config_source: Annotated[int, int8("1+")] = -1
    is_sensitive: Annotated[bool, boolean("0+")] = False
    synonyms: Annotated[list[DescribeConfigsSynonym], array(DescribeConfigsSynonym, "1+")] = []
    config_type: Annotated[int, int8("3+")] = 0
    documentation: Annotated[str | None, string("3+", nullable="0+")] = ""


class DescribeConfigsResult(Struct):
    """`DescribeConfigsResult` of DescribeConfigsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""
    configs: Annotated[list[DescribeConfigsResourceResult], array(DescribeConfigsResourceResult, "0+")] = []


class DescribeConfigsResponse(Message, key=32, versions="1-4", flexible="4+"):
    """DescribeConfigsResponse, versions 1-4."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    results: Annotated[list[DescribeConfigsResult], array(DescribeConfigsResult, "0+")] = []
