"""DescribeShareGroupOffsets (API key 90).

Versions  v1 response lag.
Source    Kafka 4.3, DescribeShareGroupOffsetsRequest.json, DescribeShareGroupOffsetsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class DescribeShareGroupOffsetsRequestTopic(Struct):
    """`DescribeShareGroupOffsetsRequestTopic` of DescribeShareGroupOffsetsRequest."""

    topic_name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class DescribeShareGroupOffsetsRequestGroup(Struct):
    """`DescribeShareGroupOffsetsRequestGroup` of DescribeShareGroupOffsetsRequest."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[
        list[DescribeShareGroupOffsetsRequestTopic] | None,
        array(DescribeShareGroupOffsetsRequestTopic, "0+", nullable="0+"),
    ] = []


class DescribeShareGroupOffsetsRequest(Message, key=90, versions="0-1", flexible="0+"):
    """DescribeShareGroupOffsetsRequest, versions 0-1."""

    groups: Annotated[
        list[DescribeShareGroupOffsetsRequestGroup], array(DescribeShareGroupOffsetsRequestGroup, "0+")
    ] = []


class DescribeShareGroupOffsetsResponsePartition(Struct):
    """`DescribeShareGroupOffsetsResponsePartition` of DescribeShareGroupOffsetsResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    start_offset: Annotated[int, int64("0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = 0
    lag: Annotated[int, int64("1+")] = -1
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None


class DescribeShareGroupOffsetsResponseTopic(Struct):
    """`DescribeShareGroupOffsetsResponseTopic` of DescribeShareGroupOffsetsResponse."""

    topic_name: Annotated[str, string("0+")] = ""
    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[
        list[DescribeShareGroupOffsetsResponsePartition], array(DescribeShareGroupOffsetsResponsePartition, "0+")
    ] = []


class DescribeShareGroupOffsetsResponseGroup(Struct):
    """`DescribeShareGroupOffsetsResponseGroup` of DescribeShareGroupOffsetsResponse."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[
        list[DescribeShareGroupOffsetsResponseTopic], array(DescribeShareGroupOffsetsResponseTopic, "0+")
    ] = []
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None


class DescribeShareGroupOffsetsResponse(Message, key=90, versions="0-1", flexible="0+"):
    """DescribeShareGroupOffsetsResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    groups: Annotated[
        list[DescribeShareGroupOffsetsResponseGroup], array(DescribeShareGroupOffsetsResponseGroup, "0+")
    ] = []
