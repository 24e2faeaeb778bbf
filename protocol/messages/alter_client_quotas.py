"""AlterClientQuotas (API key 49).

Versions  v1 flexible.
Source    Kafka 4.3, AlterClientQuotasRequest.json, AlterClientQuotasResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, float64, int16, int32, string


class EntityData(Struct):
    """`EntityData` of AlterClientQuotasRequest and AlterClientQuotasResponse."""

    entity_type: Annotated[str, string("0+")] = ""
    entity_name: Annotated[str | None, string("0+", nullable="0+")] = ""


class OpData(Struct):
    """`OpData` of AlterClientQuotasRequest."""

    key: Annotated[str, string("0+")] = ""
    value: Annotated[float, float64("0+")] = 0.0
    remove: Annotated[bool, boolean("0+")] = False


class RequestEntryData(Struct):
    """`EntryData` of AlterClientQuotasRequest."""

    entity: Annotated[list[EntityData], array(EntityData, "0+")] = []
    ops: Annotated[list[OpData], array(OpData, "0+")] = []


class AlterClientQuotasRequest(Message, key=49, versions="0-1", flexible="1+"):
    """AlterClientQuotasRequest, versions 0-1."""

    entries: Annotated[list[RequestEntryData], array(RequestEntryData, "0+")] = []
    validate_only: Annotated[bool, boolean("0+")] = False


class ResponseEntryData(Struct):
    """`EntryData` of AlterClientQuotasResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    entity: Annotated[list[EntityData], array(EntityData, "0+")] = []


class AlterClientQuotasResponse(Message, key=49, versions="0-1", flexible="1+"):
    """AlterClientQuotasResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    entries: Annotated[list[ResponseEntryData], array(ResponseEntryData, "0+")] = []
