"""ListOffsets (API key 2).

Versions  v2 request isolation_level; response throttle_time_ms. v4 request current_leader_epoch; response
          leader_epoch. v6 flexible. v10 request timeout_ms.
Source    Kafka 4.3, ListOffsetsRequest.json, ListOffsetsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, int64, string


class ListOffsetsPartition(Struct):
    """`ListOffsetsPartition` of ListOffsetsRequest."""

    partition_index: Annotated[int, int32("0+")] = 0
    current_leader_epoch: Annotated[int, int32("4+")] = -1
    timestamp: Annotated[int, int64("0+")] = 0


class ListOffsetsTopic(Struct):
    """`ListOffsetsTopic` of ListOffsetsRequest."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[ListOffsetsPartition], array(ListOffsetsPartition, "0+")] = []


class ListOffsetsRequest(Message, key=2, versions="1-11", flexible="6+"):
    """ListOffsetsRequest, versions 1-11."""

    replica_id: Annotated[int, int32("0+")] = 0
    isolation_level: Annotated[int, int8("2+")] = 0
    topics: Annotated[list[ListOffsetsTopic], array(ListOffsetsTopic, "0+")] = []
    timeout_ms: Annotated[int, int32("10+")] = 0


class ListOffsetsPartitionResponse(Struct):
    """`ListOffsetsPartitionResponse` of ListOffsetsResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    timestamp: Annotated[int, int64("1+")] = -1
    offset: Annotated[int, int64("1+")] = -1
    leader_epoch: Annotated[int, int32("4+")] = -1


class ListOffsetsTopicResponse(Struct):
    """`ListOffsetsTopicResponse` of ListOffsetsResponse."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[ListOffsetsPartitionResponse], array(ListOffsetsPartitionResponse, "0+")] = []


class ListOffsetsResponse(Message, key=2, versions="1-11", flexible="6+"):
    """ListOffsetsResponse, versions 1-11."""

    throttle_time_ms: Annotated[int, int32("2+")] = 0
    topics: Annotated[list[ListOffsetsTopicResponse], array(ListOffsetsTopicResponse, "0+")] = []
