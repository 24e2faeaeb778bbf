"""DescribeTopicPartitions (API key 75).

Source    Kafka 4.3, DescribeTopicPartitionsRequest.json, DescribeTopicPartitionsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, string, struct, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class TopicRequest(Struct):
    """`TopicRequest` of DescribeTopicPartitionsRequest."""

    name: Annotated[str, string("0+")] = ""


class Cursor(Struct):
    """`Cursor` of DescribeTopicPartitionsRequest and DescribeTopicPartitionsResponse."""

    topic_name: Annotated[str, string("0+")] = ""
    partition_index: Annotated[int, int32("0+")] = 0


class DescribeTopicPartitionsRequest(Message, key=75, versions="0", flexible="0+"):
    """DescribeTopicPartitionsRequest, versions 0."""

    topics: Annotated[list[TopicRequest], array(TopicRequest, "0+")] = []
    response_partition_limit: Annotated[int, int32("0+")] = 2000
    cursor: Annotated[Cursor | None, struct(Cursor, "0+", nullable="0+")] = None


class DescribeTopicPartitionsResponsePartition(Struct):
    """`DescribeTopicPartitionsResponsePartition` of DescribeTopicPartitionsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    partition_index: Annotated[int, int32("0+")] = 0
    leader_id: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = -1
    replica_nodes: Annotated[list[int], array("int32", "0+")] = []
    isr_nodes: Annotated[list[int], array("int32", "0+")] = []
    eligible_leader_replicas: Annotated[list[int] | None, array("int32", "0+", nullable="0+")] = None
    last_known_elr: Annotated[list[int] | None, array("int32", "0+", nullable="0+")] = None
    offline_replicas: Annotated[list[int], array("int32", "0+")] = []


class DescribeTopicPartitionsResponseTopic(Struct):
    """`DescribeTopicPartitionsResponseTopic` of DescribeTopicPartitionsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    name: Annotated[str | None, string("0+", nullable="0+")] = ""
    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    is_internal: Annotated[bool, boolean("0+")] = False
    partitions: Annotated[
        list[DescribeTopicPartitionsResponsePartition], array(DescribeTopicPartitionsResponsePartition, "0+")
    ] = []
    topic_authorized_operations: Annotated[int, int32("0+")] = -0x80000000


class DescribeTopicPartitionsResponse(Message, key=75, versions="0", flexible="0+"):
    """DescribeTopicPartitionsResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    topics: Annotated[
        list[DescribeTopicPartitionsResponseTopic], array(DescribeTopicPartitionsResponseTopic, "0+")
    ] = []
    next_cursor: Annotated[Cursor | None, struct(Cursor, "0+", nullable="0+")] = None
