"""OffsetFetch (API key 9).

Versions  v2 response error_code. v3 response throttle_time_ms. v5 response committed_leader_epoch. v6 flexible. v7
          request require_stable. v8 request no group_id, no name, no partition_indexes, no topics, groups; response
          no name, no partition_index, no committed_offset, no committed_leader_epoch, no metadata, no error_code.
          v9 request member_id, member_epoch. v10 request no name, topic_id; response no name, topic_id.
Source    Kafka 4.3, OffsetFetchRequest.json, OffsetFetchResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class OffsetFetchRequestTopic(Struct):
    """`OffsetFetchRequestTopic` of OffsetFetchRequest."""

    name: Annotated[str, string("0-7")] = ""
    partition_indexes: Annotated[list[int], array("int32", "0-7")] = []


class OffsetFetchRequestTopics(Struct):
    """`OffsetFetchRequestTopics` of OffsetFetchRequest."""

    name: Annotated[str, string("8-9")] = ""
    topic_id: Annotated[Uuid, uuid("10+")] = ZERO_UUID
    partition_indexes: Annotated[list[int], array("int32", "8+")] = []


class OffsetFetchRequestGroup(Struct):
    """`OffsetFetchRequestGroup` of OffsetFetchRequest."""

    group_id: Annotated[str, string("8+")] = ""
    member_id: Annotated[str | None, string("9+", nullable="9+")] = None
    member_epoch: Annotated[int, int32("9+")] = -1
    topics: Annotated[list[OffsetFetchRequestTopics] | None, array(OffsetFetchRequestTopics, "8+", nullable="8+")] = []


class OffsetFetchRequest(Message, key=9, versions="1-10", flexible="6+"):
    """OffsetFetchRequest, versions 1-10."""

    group_id: Annotated[str, string("0-7")] = ""
    topics: Annotated[list[OffsetFetchRequestTopic] | None, array(OffsetFetchRequestTopic, "0-7", nullable="2-7")] = []
    groups: Annotated[list[OffsetFetchRequestGroup], array(OffsetFetchRequestGroup, "8+")] = []
    require_stable: Annotated[bool, boolean("7+")] = False


class OffsetFetchResponsePartition(Struct):
    """`OffsetFetchResponsePartition` of OffsetFetchResponse."""

    partition_index: Annotated[int, int32("0-7")] = 0
    committed_offset: Annotated[int, int64("0-7")] = 0
    committed_leader_epoch: Annotated[int, int32("5-7")] = -1
    metadata: Annotated[str | None, string("0-7", nullable="0-7")] = ""
    error_code: Annotated[int, int16("0-7")] = 0


class OffsetFetchResponseTopic(Struct):
    """`OffsetFetchResponseTopic` of OffsetFetchResponse."""

    name: Annotated[str, string("0-7")] = ""
    partitions: Annotated[list[OffsetFetchResponsePartition], array(OffsetFetchResponsePartition, "0-7")] = []


class OffsetFetchResponsePartitions(Struct):
    """`OffsetFetchResponsePartitions` of OffsetFetchResponse."""

    partition_index: Annotated[int, int32("8+")] = 0
    committed_offset: Annotated[int, int64("8+")] = 0
    committed_leader_epoch: Annotated[int, int32("8+")] = -1
    metadata: Annotated[str | None, string("8+", nullable="8+")] = ""
    error_code: Annotated[int, int16("8+")] = 0


class OffsetFetchResponseTopics(Struct):
    """`OffsetFetchResponseTopics` of OffsetFetchResponse."""

    name: Annotated[str, string("8-9")] = ""
    topic_id: Annotated[Uuid, uuid("10+")] = ZERO_UUID
    partitions: Annotated[list[OffsetFetchResponsePartitions], array(OffsetFetchResponsePartitions, "8+")] = []


class OffsetFetchResponseGroup(Struct):
    """`OffsetFetchResponseGroup` of OffsetFetchResponse."""

    group_id: Annotated[str, string("8+")] = ""
    topics: Annotated[list[OffsetFetchResponseTopics], array(OffsetFetchResponseTopics, "8+")] = []
    error_code: Annotated[int, int16("8+")] = 0


class OffsetFetchResponse(Message, key=9, versions="1-10", flexible="6+"):
    """OffsetFetchResponse, versions 1-10."""

    throttle_time_ms: Annotated[int, int32("3+")] = 0
    topics: Annotated[list[OffsetFetchResponseTopic], array(OffsetFetchResponseTopic, "0-7")] = []
    error_code: Annotated[int, int16("2-7")] = 0
    groups: Annotated[list[OffsetFetchResponseGroup], array(OffsetFetchResponseGroup, "8+")] = []
