"""TxnOffsetCommit (API key 28).

Versions  v2 request committed_leader_epoch. v3 request generation_id_or_member_epoch, member_id, group_instance_id;
          flexible. v6 request no name, topic_id; response no name, topic_id.
Source    Kafka 4.3, TxnOffsetCommitRequest.json, TxnOffsetCommitResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class TxnOffsetCommitRequestPartition(Struct):
    """`TxnOffsetCommitRequestPartition` of TxnOffsetCommitRequest."""

    partition_index: Annotated[int, int32("0+")] = 0
    committed_offset: Annotated[int, int64("0+")] = 0
    committed_leader_epoch: Annotated[int, int32("2+")] = -1
    committed_metadata: Annotated[str | None, string("0+", nullable="0+")] = ""


class TxnOffsetCommitRequestTopic(Struct):
    """`TxnOffsetCommitRequestTopic` of TxnOffsetCommitRequest."""

    name: Annotated[str, string("0-5")] = ""
    topic_id: Annotated[Uuid, uuid("6+")] = ZERO_UUID
    partitions: Annotated[list[TxnOffsetCommitRequestPartition], array(TxnOffsetCommitRequestPartition, "0+")] = []


class TxnOffsetCommitRequest(Message, key=28, versions="0-6", flexible="3+"):
    """TxnOffsetCommitRequest, versions 0-6."""

    transactional_id: Annotated[str, string("0+")] = ""
    group_id: Annotated[str, string("0+")] = ""
    producer_id: Annotated[int, int64("0+")] = 0
    producer_epoch: Annotated[int, int16("0+")] = 0
    generation_id_or_member_epoch: Annotated[int, int32("3+")] = -1
    member_id: Annotated[str, string("3+")] = ""
    group_instance_id: Annotated[str | None, string("3+", nullable="3+")] = None
    topics: Annotated[list[TxnOffsetCommitRequestTopic], array(TxnOffsetCommitRequestTopic, "0+")] = []


class TxnOffsetCommitResponsePartition(Struct):
    """`TxnOffsetCommitResponsePartition` of TxnOffsetCommitResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0


class TxnOffsetCommitResponseTopic(Struct):
    """`TxnOffsetCommitResponseTopic` of TxnOffsetCommitResponse."""

    name: Annotated[str, string("0-5")] = ""
    topic_id: Annotated[Uuid, uuid("6+")] = ZERO_UUID
    partitions: Annotated[list[TxnOffsetCommitResponsePartition], array(TxnOffsetCommitResponsePartition, "0+")] = []


class TxnOffsetCommitResponse(Message, key=28, versions="0-6", flexible="3+"):
    """TxnOffsetCommitResponse, versions 0-6."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    topics: Annotated[list[TxnOffsetCommitResponseTopic], array(TxnOffsetCommitResponseTopic, "0+")] = []
