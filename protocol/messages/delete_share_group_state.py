"""DeleteShareGroupState (API key 86).

Source    Kafka 4.3, DeleteShareGroupStateRequest.json, DeleteShareGroupStateResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class PartitionData(Struct):
    """`PartitionData` of DeleteShareGroupStateRequest."""

    partition: Annotated[int, int32("0+")] = 0


class DeleteStateData(Struct):
    """`DeleteStateData` of DeleteShareGroupStateRequest."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionData], array(PartitionData, "0+")] = []


class DeleteShareGroupStateRequest(Message, key=86, versions="0", flexible="0+"):
    """DeleteShareGroupStateRequest, versions 0."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[list[DeleteStateData], array(DeleteStateData, "0+")] = []


class PartitionResult(Struct):
    """`PartitionResult` of DeleteShareGroupStateResponse."""

    partition: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None


class DeleteStateResult(Struct):
    """`DeleteStateResult` of DeleteShareGroupStateResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionResult], array(PartitionResult, "0+")] = []


class DeleteShareGroupStateResponse(Message, key=86, versions="0", flexible="0+"):
    """DeleteShareGroupStateResponse, versions 0."""

    results: Annotated[list[DeleteStateResult], array(DeleteStateResult, "0+")] = []
