"""ShareAcknowledge (API key 79).

Versions  v2 request is_renew_ack; response acquisition_lock_timeout_ms.
Source    Kafka 4.3, ShareAcknowledgeRequest.json, ShareAcknowledgeResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, int64, string, struct, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class AcknowledgementBatch(Struct):
    """`AcknowledgementBatch` of ShareAcknowledgeRequest."""

    first_offset: Annotated[int, int64("0+")] = 0
    last_offset: Annotated[int, int64("0+")] = 0
    acknowledge_types: Annotated[list[int], array("int8", "0+")] = []


class AcknowledgePartition(Struct):
    """`AcknowledgePartition` of ShareAcknowledgeRequest."""

    partition_index: Annotated[int, int32("0+")] = 0
    acknowledgement_batches: Annotated[list[AcknowledgementBatch], array(AcknowledgementBatch, "0+")] = []


class AcknowledgeTopic(Struct):
    """`AcknowledgeTopic` of ShareAcknowledgeRequest."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[AcknowledgePartition], array(AcknowledgePartition, "0+")] = []


class ShareAcknowledgeRequest(Message, key=79, versions="1-2", flexible="0+"):
    """ShareAcknowledgeRequest, versions 1-2."""

    group_id: Annotated[str | None, string("0+", nullable="0+")] = None
    member_id: Annotated[str | None, string("0+", nullable="0+")] = ""
    share_session_epoch: Annotated[int, int32("0+")] = 0
    is_renew_ack: Annotated[bool, boolean("2+")] = False
    topics: Annotated[list[AcknowledgeTopic], array(AcknowledgeTopic, "0+")] = []


class LeaderIdAndEpoch(Struct):
    """`LeaderIdAndEpoch` of ShareAcknowledgeResponse."""

    leader_id: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = 0


class PartitionData(Struct):
    """`PartitionData` of ShareAcknowledgeResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    current_leader: Annotated[LeaderIdAndEpoch, struct(LeaderIdAndEpoch, "0+")] = LeaderIdAndEpoch()


class ShareAcknowledgeTopicResponse(Struct):
    """`ShareAcknowledgeTopicResponse` of ShareAcknowledgeResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[PartitionData], array(PartitionData, "0+")] = []


class NodeEndpoint(Struct):
    """`NodeEndpoint` of ShareAcknowledgeResponse."""

    node_id: Annotated[int, int32("0+")] = 0
    host: Annotated[str, string("0+")] = ""
    port: Annotated[int, int32("0+")] = 0
    rack: Annotated[str | None, string("0+", nullable="0+")] = None


class ShareAcknowledgeResponse(Message, key=79, versions="1-2", flexible="0+"):
    """ShareAcknowledgeResponse, versions 1-2."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    acquisition_lock_timeout_ms: Annotated[int, int32("2+")] = 0
    responses: Annotated[list[ShareAcknowledgeTopicResponse], array(ShareAcknowledgeTopicResponse, "0+")] = []
    node_endpoints: Annotated[list[NodeEndpoint], array(NodeEndpoint, "0+")] = []
