"""InitializeShareGroupState (API key 83).

Source    Kafka 4.3, InitializeShareGroupStateRequest.json, InitializeShareGroupStateResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class PartitionData(Struct):
    """`PartitionData` of InitializeShareGroupStateRequest."""

    partition: Annotated[int, int32("0+")] = 0
    state_epoch: Annotated[int, int32("0+")] = 0
    start_offset: Annotated[int, int64("0+")] = 0


class InitializeStateData(Struct):
    """`InitializeStateData` of InitializeShareGroupStateRequest."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionData], array(PartitionData, "0+")] = []


class InitializeShareGroupStateRequest(Message, key=83, versions="0", flexible="0+"):
    """InitializeShareGroupStateRequest, versions 0."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[list[InitializeStateData], array(InitializeStateData, "0+")] = []


class PartitionResult(Struct):
    """`PartitionResult` of InitializeShareGroupStateResponse."""

    partition: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None


class InitializeStateResult(Struct):
    """`InitializeStateResult` of InitializeShareGroupStateResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionResult], array(PartitionResult, "0+")] = []


class InitializeShareGroupStateResponse(Message, key=83, versions="0", flexible="0+"):
    """InitializeShareGroupStateResponse, versions 0."""

    results: Annotated[list[InitializeStateResult], array(InitializeStateResult, "0+")] = []
