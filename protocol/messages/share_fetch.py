"""ShareFetch (API key 78).

Versions  v2 request share_acquire_mode, is_renew_ack.
Source    Kafka 4.3, ShareFetchRequest.json, ShareFetchResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import (
    Message,
    Records,
    Struct,
    array,
    boolean,
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


class AcknowledgementBatch(Struct):
    """`AcknowledgementBatch` of ShareFetchRequest."""

    first_offset: Annotated[int, int64("0+")] = 0
    last_offset: Annotated[int, int64("0+")] = 0
    acknowledge_types: Annotated[list[int], array("int8", "0+")] = []


class FetchPartition(Struct):
    """`FetchPartition` of ShareFetchRequest."""

    partition_index: Annotated[int, int32("0+")] = 0
    partition_max_bytes: Annotated[int, int32("0")] = 0
    acknowledgement_batches: Annotated[list[AcknowledgementBatch], array(AcknowledgementBatch, "0+")] = []


class FetchTopic(Struct):
    """`FetchTopic` of ShareFetchRequest."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[FetchPartition], array(FetchPartition, "0+")] = []


class ForgottenTopic(Struct):
    """`ForgottenTopic` of ShareFetchRequest."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[int], array("int32", "0+")] = []


class ShareFetchRequest(Message, key=78, versions="1-2", flexible="0+"):
    """ShareFetchRequest, versions 1-2."""

    group_id: Annotated[str | None, string("0+", nullable="0+")] = None
    member_id: Annotated[str | None, string("0+", nullable="0+")] = ""
    share_session_epoch: Annotated[int, int32("0+")] = 0
    max_wait_ms: Annotated[int, int32("0+")] = 0
    min_bytes: Annotated[int, int32("0+")] = 0
    max_bytes: Annotated[int, int32("0+")] = 0x7FFFFFFF
    max_records: Annotated[int, int32("1+")] = 0
    batch_size: Annotated[int, int32("1+")] = 0
    share_acquire_mode: Annotated[int, int8("2+")] = 0
    is_renew_ack: Annotated[bool, boolean("2+")] = False
    topics: Annotated[list[FetchTopic], array(FetchTopic, "0+")] = []
    forgotten_topics_data: Annotated[list[ForgottenTopic], array(ForgottenTopic, "0+")] = []


class LeaderIdAndEpoch(Struct):
    """`LeaderIdAndEpoch` of ShareFetchResponse."""

    leader_id: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = 0


class AcquiredRecords(Struct):
    """`AcquiredRecords` of ShareFetchResponse."""

    first_offset: Annotated[int, int64("0+")] = 0
    last_offset: Annotated[int, int64("0+")] = 0
    delivery_count: Annotated[int, int16("0+")] = 0


class PartitionData(Struct):
    """`PartitionData` of ShareFetchResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    acknowledge_error_code: Annotated[int, int16("0+")] = 0
    acknowledge_error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    current_leader: Annotated[LeaderIdAndEpoch, struct(LeaderIdAndEpoch, "0+")] = LeaderIdAndEpoch()
    records: Annotated[Records, record_set("0+", nullable="0")] = None
    acquired_records: Annotated[list[AcquiredRecords], array(AcquiredRecords, "0+")] = []


class ShareFetchableTopicResponse(Struct):
    """`ShareFetchableTopicResponse` of ShareFetchResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionData], array(PartitionData, "0+")] = []


class NodeEndpoint(Struct):
    """`NodeEndpoint` of ShareFetchResponse."""

    node_id: Annotated[int, int32("0+")] = 0
    host: Annotated[str, string("0+")] = ""
    port: Annotated[int, int32("0+")] = 0
    rack: Annotated[str | None, string("0+", nullable="0+")] = None


class ShareFetchResponse(Message, key=78, versions="1-2", flexible="0+"):
    """ShareFetchResponse, versions 1-2."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    acquisition_lock_timeout_ms: Annotated[int, int32("1+")] = 0
    responses: Annotated[list[ShareFetchableTopicResponse], array(ShareFetchableTopicResponse, "0+")] = []
    node_endpoints: Annotated[list[NodeEndpoint], array(NodeEndpoint, "0+")] = []
