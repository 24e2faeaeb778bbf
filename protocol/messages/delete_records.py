"""DeleteRecords (API key 21).

Versions  v2 flexible.
Source    Kafka 4.3, DeleteRecordsRequest.json, DeleteRecordsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string


class DeleteRecordsPartition(Struct):
    """`DeleteRecordsPartition` of DeleteRecordsRequest."""

    partition_index: Annotated[int, int32("0+")] = 0
    offset: Annotated[int, int64("0+")] = 0


class DeleteRecordsTopic(Struct):
    """`DeleteRecordsTopic` of DeleteRecordsRequest."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[DeleteRecordsPartition], array(DeleteRecordsPartition, "0+")] = []


class DeleteRecordsRequest(Message, key=21, versions="0-2", flexible="2+"):
    """DeleteRecordsRequest, versions 0-2."""

    topics: Annotated[list[DeleteRecordsTopic], array(DeleteRecordsTopic, "0+")] = []
    timeout_ms: Annotated[int, int32("0+")] = 0


class DeleteRecordsPartitionResult(Struct):
    """`DeleteRecordsPartitionResult` of DeleteRecordsResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    low_watermark: Annotated[int, int64("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0


class DeleteRecordsTopicResult(Struct):
    """`DeleteRecordsTopicResult` of DeleteRecordsResponse."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[DeleteRecordsPartitionResult], array(DeleteRecordsPartitionResult, "0+")] = []


class DeleteRecordsResponse(Message, key=21, versions="0-2", flexible="2+"):
    """DeleteRecordsResponse, versions 0-2."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    topics: Annotated[list[DeleteRecordsTopicResult], array(DeleteRecordsTopicResult, "0+")] = []
