"""DescribeLogDirs (API key 35).

Versions  v2 flexible. v3 response error_code. v4 response total_bytes, usable_bytes. v5 response is_cordoned.
Source    Kafka 4.3, DescribeLogDirsRequest.json, DescribeLogDirsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, int64, string


class DescribableLogDirTopic(Struct):
    """`DescribableLogDirTopic` of DescribeLogDirsRequest."""

    topic: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class DescribeLogDirsRequest(Message, key=35, versions="1-5", flexible="2+"):
    """DescribeLogDirsRequest, versions 1-5."""

    topics: Annotated[list[DescribableLogDirTopic] | None, array(DescribableLogDirTopic, "0+", nullable="0+")] = []


class DescribeLogDirsPartition(Struct):
    """`DescribeLogDirsPartition` of DescribeLogDirsResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    partition_size: Annotated[int, int64("0+")] = 0
    offset_lag: Annotated[int, int64("0+")] = 0
    is_future_key: Annotated[bool, boolean("0+")] = False


class DescribeLogDirsTopic(Struct):
    """`DescribeLogDirsTopic` of DescribeLogDirsResponse."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[DescribeLogDirsPartition], array(DescribeLogDirsPartition, "0+")] = []


class DescribeLogDirsResult(Struct):
    """`DescribeLogDirsResult` of DescribeLogDirsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    log_dir: Annotated[str, string("0+")] = ""
    topics: Annotated[list[DescribeLogDirsTopic], array(DescribeLogDirsTopic, "0+")] = []
    total_bytes: Annotated[int, int64("4+")] = -1
    usable_bytes: Annotated[int, int64("4+")] = -1
    is_cordoned: Annotated[bool, boolean("5+")] = False


class DescribeLogDirsResponse(Message, key=35, versions="1-5", flexible="2+"):
    """DescribeLogDirsResponse, versions 1-5."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("3+")] = 0
    results: Annotated[list[DescribeLogDirsResult], array(DescribeLogDirsResult, "0+")] = []
