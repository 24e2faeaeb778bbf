"""ReadShareGroupStateSummary (API key 87).

Versions  v1 response delivery_complete_count.
Source    Kafka 4.3, ReadShareGroupStateSummaryRequest.json, ReadShareGroupStateSummaryResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class PartitionData(Struct):
    """`PartitionData` of ReadShareGroupStateSummaryRequest."""

    partition: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = 0


class ReadStateSummaryData(Struct):
    """`ReadStateSummaryData` of ReadShareGroupStateSummaryRequest."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionData], array(PartitionData, "0+")] = []


class ReadShareGroupStateSummaryRequest(Message, key=87, versions="0-1", flexible="0+"):
    """ReadShareGroupStateSummaryRequest, versions 0-1."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[list[ReadStateSummaryData], array(ReadStateSummaryData, "0+")] = []


class PartitionResult(Struct):
    """`PartitionResult` of ReadShareGroupStateSummaryResponse."""

    partition: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    state_epoch: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = 0
    start_offset: Annotated[int, int64("0+")] = 0
    delivery_complete_count: Annotated[int, int32("1+")] = -1


class ReadStateSummaryResult(Struct):
    """`ReadStateSummaryResult` of ReadShareGroupStateSummaryResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionResult], array(PartitionResult, "0+")] = []


class ReadShareGroupStateSummaryResponse(Message, key=87, versions="0-1", flexible="0+"):
    """ReadShareGroupStateSummaryResponse, versions 0-1."""

    results: Annotated[list[ReadStateSummaryResult], array(ReadStateSummaryResult, "0+")] = []
