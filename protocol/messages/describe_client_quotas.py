"""DescribeClientQuotas (API key 48).

Versions  v1 flexible.
Source    Kafka 4.3, DescribeClientQuotasRequest.json, DescribeClientQuotasResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, float64, int8, int16, int32, string


class ComponentData(Struct):
    """`ComponentData` of DescribeClientQuotasRequest."""

    entity_type: Annotated[str, string("0+")] = ""
    match_type: Annotated[int, int8("0+")] = 0
    match: Annotated[str | None, string("0+", nullable="0+")] = ""


class DescribeClientQuotasRequest(Message, key=48, versions="0-1", flexible="1+"):
    """DescribeClientQuotasRequest, versions 0-1."""

    components: Annotated[list[ComponentData], array(ComponentData, "0+")] = []
    strict: Annotated[bool, boolean("0+")] = False


class EntityData(Struct):
    """`EntityData` of DescribeClientQuotasResponse."""

    entity_type: Annotated[str, string("0+")] = ""
    entity_name: Annotated[str | None, string("0+", nullable="0+")] = ""


class ValueData(Struct):
    """`ValueData` of DescribeClientQuotasResponse."""

    key: Annotated[str, string("0+")] = ""
    value: Annotated[float, float64("0+")] = 0.0


class EntryData(Struct):
    """`EntryData` of DescribeClientQuotasResponse."""

    entity: Annotated[list[EntityData], array(EntityData, "0+")] = []
    values: Annotated[list[ValueData], array(ValueData, "0+")] = []


class DescribeClientQuotasResponse(Message, key=48, versions="0-1", flexible="1+"):
    """DescribeClientQuotasResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    entries: Annotated[list[EntryData] | None, array(EntryData, "0+", nullable="0+")] = []
