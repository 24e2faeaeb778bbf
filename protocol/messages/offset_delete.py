"""OffsetDelete (API key 47).

Source    Kafka 4.3, OffsetDeleteRequest.json, OffsetDeleteResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string


class OffsetDeleteRequestPartition(Struct):
    """`OffsetDeleteRequestPartition` of OffsetDeleteRequest."""

    partition_index: Annotated[int, int32("0+")] = 0


class OffsetDeleteRequestTopic(Struct):
    """`OffsetDeleteRequestTopic` of OffsetDeleteRequest."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[OffsetDeleteRequestPartition], array(OffsetDeleteRequestPartition, "0+")] = []


class OffsetDeleteRequest(Message, key=47, versions="0"):
    """OffsetDeleteRequest, versions 0."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[list[OffsetDeleteRequestTopic], array(OffsetDeleteRequestTopic, "0+")] = []


class OffsetDeleteResponsePartition(Struct):
    """`OffsetDeleteResponsePartition` of OffsetDeleteResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0


class OffsetDeleteResponseTopic(Struct):
    """`OffsetDeleteResponseTopic` of OffsetDeleteResponse."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[OffsetDeleteResponsePartition], array(OffsetDeleteResponsePartition, "0+")] = []


class OffsetDeleteResponse(Message, key=47, versions="0"):
    """OffsetDeleteResponse, versions 0."""

    error_code: Annotated[int, int16("0+")] = 0
    throttle_time_ms: Annotated[int, int32("0+")] = 0
    topics: Annotated[list[OffsetDeleteResponseTopic], array(OffsetDeleteResponseTopic, "0+")] = []
