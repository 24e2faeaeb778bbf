"""DeleteTopics (API key 20).

Versions  v4 flexible. v5 response error_message. v6 request topics, no topic_names; response topic_id.
Source    Kafka 4.3, DeleteTopicsRequest.json, DeleteTopicsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class DeleteTopicState(Struct):
    """`DeleteTopicState` of DeleteTopicsRequest."""

    name: Annotated[str | None, string("6+", nullable="6+")] = None
    topic_id: Annotated[Uuid, uuid("6+")] = ZERO_UUID


class DeleteTopicsRequest(Message, key=20, versions="1-6", flexible="4+"):
    """DeleteTopicsRequest, versions 1-6."""

    topics: Annotated[list[DeleteTopicState], array(DeleteTopicState, "6+")] = []
    topic_names: Annotated[list[str], array("string", "0-5")] = []
    timeout_ms: Annotated[int, int32("0+")] = 0


class DeletableTopicResult(Struct):
    """`DeletableTopicResult` of DeleteTopicsResponse."""

    name: Annotated[str | None, string("0+", nullable="6+")] = ""
    topic_id: Annotated[Uuid, uuid("6+")] = ZERO_UUID
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("5+", nullable="5+")] = None


class DeleteTopicsResponse(Message, key=20, versions="1-6", flexible="4+"):
    """DeleteTopicsResponse, versions 1-6."""

    throttle_time_ms: Annotated[int, int32("1+")] = 0
    responses: Annotated[list[DeletableTopicResult], array(DeletableTopicResult, "0+")] = []
