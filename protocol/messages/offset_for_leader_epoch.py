"""OffsetForLeaderEpoch (API key 23).

Versions  v3 request replica_id. v4 flexible.
Source    Kafka 4.3, OffsetForLeaderEpochRequest.json, OffsetForLeaderEpochResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string


class OffsetForLeaderPartition(Struct):
    """`OffsetForLeaderPartition` of OffsetForLeaderEpochRequest."""

    partition: Annotated[int, int32("0+")] = 0
    current_leader_epoch: Annotated[int, int32("2+")] = -1
    leader_epoch: Annotated[int, int32("0+")] = 0


class OffsetForLeaderTopic(Struct):
    """`OffsetForLeaderTopic` of OffsetForLeaderEpochRequest."""

    topic: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[OffsetForLeaderPartition], array(OffsetForLeaderPartition, "0+")] = []


class OffsetForLeaderEpochRequest(Message, key=23, versions="2-4", flexible="4+"):
    """OffsetForLeaderEpochRequest, versions 2-4."""

    replica_id: Annotated[int, int32("3+")] = -2
    topics: Annotated[list[OffsetForLeaderTopic], array(OffsetForLeaderTopic, "0+")] = []


class EpochEndOffset(Struct):
    """`EpochEndOffset` of OffsetForLeaderEpochResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    partition: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("1+")] = -1
    end_offset: Annotated[int, int64("0+")] = -1


class OffsetForLeaderTopicResult(Struct):
    """`OffsetForLeaderTopicResult` of OffsetForLeaderEpochResponse."""

    topic: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[EpochEndOffset], array(EpochEndOffset, "0+")] = []


class OffsetForLeaderEpochResponse(Message, key=23, versions="2-4", flexible="4+"):
    """OffsetForLeaderEpochResponse, versions 2-4."""

    throttle_time_ms: Annotated[int, int32("2+")] = 0
    topics: Annotated[list[OffsetForLeaderTopicResult], array(OffsetForLeaderTopicResult, "0+")] = []
