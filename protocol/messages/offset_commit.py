"""OffsetCommit (API key 8).

Versions  v3 response throttle_time_ms. v5 request no retention_time_ms. v6 request committed_leader_epoch. v7
          request group_instance_id. v8 flexible. v10 request no name, topic_id; response no name, topic_id.
Source    Kafka 4.3, OffsetCommitRequest.json, OffsetCommitResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class OffsetCommitRequestPartition(Struct):
    """`OffsetCommitRequestPartition` of OffsetCommitRequest."""

    partition_index: Annotated[int, int32("0+")] = 0
    committed_offset: Annotated[int, int64("0+")] = 0
    committed_leader_epoch: Annotated[int, int32("6+")] = -1
    committed_metadata: Annotated[str | None, string("0+", nullable="0+")] = ""


class OffsetCommitRequestTopic(Struct):
    """`OffsetCommitRequestTopic` of OffsetCommitRequest."""

    name: Annotated[str, string("0-9")] = ""
    topic_id: Annotated[Uuid, uuid("10+")] = ZERO_UUID
    partitions: Annotated[list[OffsetCommitRequestPartition], array(OffsetCommitRequestPartition, "0+")] = []


class OffsetCommitRequest(Message, key=8, versions="2-10", flexible="8+"):
    """OffsetCommitRequest, versions 2-10."""

    group_id: Annotated[str, string("0+")] = ""
    generation_id_or_member_epoch: Annotated[int, int32("1+")] = -1
    member_id: Annotated[str, string("1+")] = ""
    group_instance_id: Annotated[str | None, string("7+", nullable="7+")] = None
    retention_time_ms: Annotated[int, int64("2-4")] = -1
    topics: Annotated[list[OffsetCommitRequestTopic], array(OffsetCommitRequestTopic, "0+")] = []


class OffsetCommitResponsePartition(Struct):
    """`OffsetCommitResponsePartition` of OffsetCommitResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0


class OffsetCommitResponseTopic(Struct):
    """`OffsetCommitResponseTopic` of OffsetCommitResponse."""

    name: Annotated[str, string("0-9")] = ""
    topic_id: Annotated[Uuid, uuid("10+")] = ZERO_UUID
    partitions: Annotated[list[OffsetCommitResponsePartition], array(OffsetCommitResponsePartition, "0+")] = []


class OffsetCommitResponse(Message, key=8, versions="2-10", flexible="8+"):
    """OffsetCommitResponse, versions 2-10."""

    throttle_time_ms: Annotated[int, int32("3+")] = 0
    topics: Annotated[list[OffsetCommitResponseTopic], array(OffsetCommitResponseTopic, "0+")] = []
