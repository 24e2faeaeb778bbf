"""AlterShareGroupOffsets (API key 91).

Source    Kafka 4.3, AlterShareGroupOffsetsRequest.json, AlterShareGroupOffsetsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class AlterShareGroupOffsetsRequestPartition(Struct):
    """`AlterShareGroupOffsetsRequestPartition` of AlterShareGroupOffsetsRequest."""

    partition_index: Annotated[int, int32("0+")] = 0
    start_offset: Annotated[int, int64("0+")] = 0


class AlterShareGroupOffsetsRequestTopic(Struct):
    """`AlterShareGroupOffsetsRequestTopic` of AlterShareGroupOffsetsRequest."""

    topic_name: Annotated[str, string("0+")] = ""
    partitions: Annotated[
        list[AlterShareGroupOffsetsRequestPartition], array(AlterShareGroupOffsetsRequestPartition, "0+")
    ] = []


class AlterShareGroupOffsetsRequest(Message, key=91, versions="0", flexible="0+"):
    """AlterShareGroupOffsetsRequest, versions 0."""

    group_id: Annotated[str, string("0+")] = ""
    topics: Annotated[list[AlterShareGroupOffsetsRequestTopic], array(AlterShareGroupOffsetsRequestTopic, "0+")] = []


class AlterShareGroupOffsetsResponsePartition(Struct):
    """`AlterShareGroupOffsetsResponsePartition` of AlterShareGroupOffsetsResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None


class AlterShareGroupOffsetsResponseTopic(Struct):
    """`AlterShareGroupOffsetsResponseTopic` of AlterShareGroupOffsetsResponse."""

    topic_name: Annotated[str, string("0+")] = ""
    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[
        list[AlterShareGroupOffsetsResponsePartition], array(AlterShareGroupOffsetsResponsePartition, "0+")
    ] = []


class AlterShareGroupOffsetsResponse(Message, key=91, versions="0", flexible="0+"):
    """AlterShareGroupOffsetsResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    responses: Annotated[
        list[AlterShareGroupOffsetsResponseTopic], array(AlterShareGroupOffsetsResponseTopic, "0+")
    ] = []
