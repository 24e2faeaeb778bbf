"""Fetch (API key 1).

Versions  v5 request log_start_offset; response log_start_offset. v7 request session_id, session_epoch,
          forgotten_topics_data; response error_code, session_id. v9 request current_leader_epoch. v11 request
          rack_id; response preferred_read_replica. v12 request cluster_id, last_fetched_epoch; response
          diverging_epoch, current_leader, snapshot_id; flexible. v13 request no topic, topic_id, no topic,
          topic_id; response no topic, topic_id. v15 request no replica_id, replica_state. v16 response
          node_endpoints. v17 request replica_directory_id. v18 request high_watermark.
Source    Kafka 4.3, FetchRequest.json, FetchResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import (
    Message,
    Records,
    Struct,
    array,
    int8,
    int16,
    int32,
    int64,
    record_set,
    string,
    struct,
    uuid,
)
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class ReplicaState(Struct):
    """`ReplicaState` of FetchRequest."""

    replica_id: Annotated[int, int32("15+")] = -1
    replica_epoch: Annotated[int, int64("15+")] = -1


class FetchPartition(Struct):
    """`FetchPartition` of FetchRequest."""

    partition: Annotated[int, int32("0+")] = 0
    current_leader_epoch: Annotated[int, int32("9+")] = -1
    fetch_offset: Annotated[int, int64("0+")] = 0
    last_fetched_epoch: Annotated[int, int32("12+")] = -1
    log_start_offset: Annotated[int, int64("5+")] = -1
    partition_max_bytes: Annotated[int, int32("0+")] = 0
    replica_directory_id: Annotated[Uuid, uuid("17+", tag=0, tagged="17+")] = ZERO_UUID
    high_watermark: Annotated[int, int64("18+", tag=1, tagged="18+")] = 0x7FFFFFFFFFFFFFFF


class FetchTopic(Struct):
    """`FetchTopic` of FetchRequest."""

    topic: Annotated[str, string("0-12")] = ""
    topic_id: Annotated[Uuid, uuid("13+")] = ZERO_UUID
    partitions: Annotated[list[FetchPartition], array(FetchPartition, "0+")] = []


class ForgottenTopic(Struct):
    """`ForgottenTopic` of FetchRequest."""

    topic: Annotated[str, string("7-12")] = ""
    topic_id: Annotated[Uuid, uuid("13+")] = ZERO_UUID
    partitions: Annotated[list[int], array("int32", "7+")] = []


class FetchRequest(Message, key=1, versions="4-18", flexible="12+"):
    """FetchRequest, versions 4-18."""

    cluster_id: Annotated[str | None, string("12+", nullable="12+", tag=0, tagged="12+")] = None
    replica_id: Annotated[int, int32("0-14")] = -1
    replica_state: Annotated[ReplicaState, struct(ReplicaState, "15+", tag=1, tagged="15+")] = ReplicaState()
    max_wait_ms: Annotated[int, int32("0+")] = 0
    min_bytes: Annotated[int, int32("0+")] = 0
    max_bytes: Annotated[int, int32("3+")] = 0x7FFFFFFF
    isolation_level: Annotated[int, int8("4+")] = 0
    session_id: Annotated[int, int32("7+")] = 0
    session_epoch: Annotated[int, int32("7+")] = -1
    topics: Annotated[list[FetchTopic], array(FetchTopic, "0+")] = []
    forgotten_topics_data: Annotated[list[ForgottenTopic], array(ForgottenTopic, "7+")] = []
    rack_id: Annotated[str, string("11+")] = ""


class EpochEndOffset(Struct):
    """`EpochEndOffset` of FetchResponse."""

    epoch: Annotated[int, int32("12+")] = -1
    end_offset: Annotated[int, int64("12+")] = -1


class LeaderIdAndEpoch(Struct):
    """`LeaderIdAndEpoch` of FetchResponse."""

    leader_id: Annotated[int, int32("12+")] = -1
    leader_epoch: Annotated[int, int32("12+")] = -1


class SnapshotId(Struct):
    """`SnapshotId` of FetchResponse."""

    end_offset: Annotated[int, int64("0+")] = -1
    epoch: Annotated[int, int32("0+")] = -1


class AbortedTransaction(Struct):
    """`AbortedTransaction` of FetchResponse."""

    producer_id: Annotated[int, int64("4+")] = 0
    first_offset: Annotated[int, int64("4+")] = 0


class PartitionData(Struct):
    """`PartitionData` of FetchResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    high_watermark: Annotated[int, int64("0+")] = 0
    last_stable_offset: Annotated[int, int64("4+")] = -1
    log_start_offset: Annotated[int, int64("5+")] = -1
    diverging_epoch: Annotated[EpochEndOffset, struct(EpochEndOffset, "12+", tag=0, tagged="12+")] = EpochEndOffset()
    current_leader: Annotated[LeaderIdAndEpoch, struct(LeaderIdAndEpoch, "12+", tag=1, tagged="12+")] = (
        LeaderIdAndEpoch()
    )
    snapshot_id: Annotated[SnapshotId, struct(SnapshotId, "12+", tag=2, tagged="12+")] = SnapshotId()
    aborted_transactions: Annotated[
        list[AbortedTransaction] | None, array(AbortedTransaction, "4+", nullable="4+")
    ] = []
    preferred_read_replica: Annotated[int, int32("11+")] = -1
    records: Annotated[Records, record_set("0+", nullable="0+")] = None


class FetchableTopicResponse(Struct):
    """`FetchableTopicResponse` of FetchResponse."""

    topic: Annotated[str, string("0-12")] = ""
    topic_id: Annotated[Uuid, uuid("13+")] = ZERO_UUID
    partitions: Annotated[list[PartitionData], array(PartitionData, "0+")] = []


class NodeEndpoint(Struct):
    """`NodeEndpoint` of FetchResponse."""

    node_id: Annotated[int, int32("16+")] = 0
    host: Annotated[str, string("16+")] = ""
    port: Annotated[int, int32("16+")] = 0
    rack: Annotated[str | None, string("16+", nullable="16+")] = None


class FetchResponse(Message, key=1, versions="4-18", flexible="12+"):
    """FetchResponse, versions 4-18."""

    throttle_time_ms: Annotated[int, int32("1+")] = 0
    error_code: Annotated[int, int16("7+")] = 0
    session_id: Annotated[int, int32("7+")] = 0
    responses: Annotated[list[FetchableTopicResponse], array(FetchableTopicResponse, "0+")] = []
    node_endpoints: Annotated[list[NodeEndpoint], array(NodeEndpoint, "16+", tag=0, tagged="16+")] = []
