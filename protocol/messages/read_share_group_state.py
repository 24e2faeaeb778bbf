"""ReadShareGroupState (API key 84).

Source    Kafka 4.3, ReadShareGroupStateRequest.json, ReadShareGroupStateResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class PartitionData(Struct):
    """`PartitionData` of ReadShareGroupStateRequest."""

    partition: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = 0


class ReadStateData(Struct):
    """`ReadStateData` of ReadShareGroupStateRequest."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionData], array(PartitionData, "0+")] = []


class ReadShareGroupStateRequest(Message, key=84, versions="0", flexible="0+"):
    """ReadShareGroupStateRequest, versions 0."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[list[ReadStateData], array(ReadStateData, "0+")] = []


class StateBatch(Struct):
    """`StateBatch` of ReadShareGroupStateResponse."""

    first_offset: Annotated[int, int64("0+")] = 0
    last_offset: Annotated[int, int64("0+")] = 0
    delivery_state: Annotated[int, int8("0+")] = 0
    delivery_count: Annotated[int, int16("0+")] = 0


class PartitionResult(Struct):
    """`PartitionResult` of ReadShareGroupStateResponse."""

    partition: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    state_epoch: Annotated[int, int32("0+")] = 0
    start_offset: Annotated[int, int64("0+")] = 0
    state_batches: Annotated[list[StateBatch], array(StateBatch, "0+")] = []


class ReadStateResult(Struct):
    """`ReadStateResult` of ReadShareGroupStateResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionResult], array(PartitionResult, "0+")] = []


class ReadShareGroupStateResponse(Message, key=84, versions="0", flexible="0+"):
    """ReadShareGroupStateResponse, versions 0."""

    results: Annotated[list[ReadStateResult], array(ReadStateResult, "0+")] = []
