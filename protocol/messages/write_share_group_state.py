"""WriteShareGroupState (API key 85).

Versions  v1 request delivery_complete_count.
Source    Kafka 4.3, WriteShareGroupStateRequest.json, WriteShareGroupStateResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class StateBatch(Struct):
    """`StateBatch` of WriteShareGroupStateRequest."""

    first_offset: Annotated[int, int64("0+")] = 0
    last_offset: Annotated[int, int64("0+")] = 0
    delivery_state: Annotated[int, int8("0+")] = 0
    delivery_count: Annotated[int, int16("0+")] = 0


class PartitionData(Struct):
    """`PartitionData` of WriteShareGroupStateRequest."""

    partition: Annotated[int, int32("0+")] = 0
    state_epoch: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = 0
    start_offset: Annotated[int, int64("0+")] = 0
    delivery_complete_count: Annotated[int, int32("1+")] = -1
    state_batches: Annotated[list[StateBatch], array(StateBatch, "0+")] = []


class WriteStateData(Struct):
    """`WriteStateData` of WriteShareGroupStateRequest."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionData], array(PartitionData, "0+")] = []


class WriteShareGroupStateRequest(Message, key=85, versions="0-1", flexible="0+"):
    """WriteShareGroupStateRequest, versions 0-1."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[list[WriteStateData], array(WriteStateData, "0+")] = []


class PartitionResult(Struct):
    """`PartitionResult` of WriteShareGroupStateResponse."""

    partition: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None


class WriteStateResult(Struct):
    """`WriteStateResult` of WriteShareGroupStateResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionResult], array(PartitionResult, "0+")] = []


class WriteShareGroupStateResponse(Message, key=85, versions="0-1", flexible="0+"):
    """WriteShareGroupStateResponse, versions 0-1."""

    results: Annotated[list[WriteStateResult], array(WriteStateResult, "0+")] = []
