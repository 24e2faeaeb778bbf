"""DeleteShareGroupOffsets (API key 92).

Source    Kafka 4.3, DeleteShareGroupOffsetsRequest.json, DeleteShareGroupOffsetsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class DeleteShareGroupOffsetsRequestTopic(Struct):
    """`DeleteShareGroupOffsetsRequestTopic` of DeleteShareGroupOffsetsRequest."""

    topic_name: Annotated[str, string("0+")] = ""


class DeleteShareGroupOffsetsRequest(Message, key=92, versions="0", flexible="0+"):
    """DeleteShareGroupOffsetsRequest, versions 0."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[list[DeleteShareGroupOffsetsRequestTopic], array(DeleteShareGroupOffsetsRequestTopic, "0+")] = []


class DeleteShareGroupOffsetsResponseTopic(Struct):
    """`DeleteShareGroupOffsetsResponseTopic` of DeleteShareGroupOffsetsResponse."""

    topic_name: Annotated[str, string("0+")] = ""
    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None


class DeleteShareGroupOffsetsResponse(Message, key=92, versions="0", flexible="0+"):
    """DeleteShareGroupOffsetsResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    responses: Annotated[
        list[DeleteShareGroupOffsetsResponseTopic], array(DeleteShareGroupOffsetsResponseTopic, "0+")
    ] = []
