"""DescribeQuorum (API key 55).

Versions  v1 response last_fetch_timestamp, last_caught_up_timestamp. v2 response error_message, error_message,
          nodes, replica_directory_id.
Source    Kafka 4.3, DescribeQuorumRequest.json, DescribeQuorumResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string, uint16, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class RequestPartitionData(Struct):
    """`PartitionData` of DescribeQuorumRequest."""

    partition_index: Annotated[int, int32("0+")] = 0


class RequestTopicData(Struct):
    """`TopicData` of DescribeQuorumRequest."""

    topic_name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[RequestPartitionData], array(RequestPartitionData, "0+")] = []


class DescribeQuorumRequest(Message, key=55, versions="0-2", flexible="0+"):
    """DescribeQuorumRequest, versions 0-2."""

    topics: Annotated[list[RequestTopicData], array(RequestTopicData, "0+")] = []


class ReplicaState(Struct):
    """`ReplicaState` of DescribeQuorumResponse."""

    replica_id: Annotated[int, int32("0+")] = 0
    replica_directory_id: Annotated[Uuid, uuid("2+")] = ZERO_UUID
    log_end_offset: Annotated[int, int64("0+")] = 0
    last_fetch_timestamp: Annotated[int, int64("1+")] = -1
    last_caught_up_timestamp: Annotated[int, int64("1+")] = -1


class ResponsePartitionData(Struct):
    """`PartitionData` of DescribeQuorumResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("2+", nullable="2+")] = ""
    leader_id: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = 0
    high_watermark: Annotated[int, int64("0+")] = 0
    current_voters: Annotated[list[ReplicaState], array(ReplicaState, "0+")] = []
    observers: Annotated[list[ReplicaState], array(ReplicaState, "0+")] = []


class ResponseTopicData(Struct):
    """`TopicData` of DescribeQuorumResponse."""

    topic_name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[ResponsePartitionData], array(ResponsePartitionData, "0+")] = []


class Listener(Struct):
    """`Listener` of DescribeQuorumResponse."""

    name: Annotated[str, string("2+")] = ""
    host: Annotated[str, string("2+")] = ""
    port: Annotated[int, uint16("2+")] = 0


class Node(Struct):
    """`Node` of DescribeQuorumResponse."""

    node_id: Annotated[int, int32("2+")] = 0
    listeners: Annotated[list[Listener], array(Listener, "2+")] = []


class DescribeQuorumResponse(Message, key=55, versions="0-2", flexible="0+"):
    """DescribeQuorumResponse, versions 0-2."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("2+", nullable="2+")] = ""
    topics: Annotated[list[ResponseTopicData], array(ResponseTopicData, "0+")] = []
    nodes: Annotated[list[Node], array(Node, "2+")] = []
