"""Produce (API key 0).

Versions  v5 response log_start_offset. v8 response record_errors, error_message. v9 flexible. v10 response
          current_leader, node_endpoints. v13 request no name, topic_id; response no name, topic_id.
Source    Kafka 4.3, ProduceRequest.json, ProduceResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import (
    Message,
    Records,
    Struct,
    array,
    int16,
    int32,
    int64,
    record_set,
    string,
    struct,
    uuid,
)
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class PartitionProduceData(Struct):
    """`PartitionProduceData` of ProduceRequest."""

    index: Annotated[int, int32("0+")] = 0
    records: Annotated[Records, record_set("0+", nullable="0+")] = None


class TopicProduceData(Struct):
    """`TopicProduceData` of ProduceRequest."""

    name: Annotated[str, string("0-12")] = ""
    topic_id: Annotated[Uuid, uuid("13+")] = ZERO_UUID
    partition_data: Annotated[list[PartitionProduceData], array(PartitionProduceData, "0+")] = []


class ProduceRequest(Message, key=0, versions="3-13", flexible="9+"):
    """ProduceRequest, versions 3-13."""

    transactional_id: Annotated[str | None, string("3+", nullable="3+")] = None
    acks: Annotated[int, int16("0+")] = 0
    timeout_ms: Annotated[int, int32("0+")] = 0
    topic_data: Annotated[list[TopicProduceData], array(TopicProduceData, "0+")] = []


class BatchIndexAndErrorMessage(Struct):
    """`BatchIndexAndErrorMessage` of ProduceResponse."""

    batch_index: Annotated[int, int32("8+")] = 0
    batch_index_error_message: Annotated[str | None, string("8+", nullable="8+")] = None


class LeaderIdAndEpoch(Struct):
    """`LeaderIdAndEpoch` of ProduceResponse."""

    leader_id: Annotated[int, int32("10+")] = -1
    leader_epoch: Annotated[int, int32("10+")] = -1


class PartitionProduceResponse(Struct):
    """`PartitionProduceResponse` of ProduceResponse."""

    index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    base_offset: Annotated[int, int64("0+")] = 0
    log_append_time_ms: Annotated[int, int64("2+")] = -1
    log_start_offset: Annotated[int, int64("5+")] = -1
    record_errors: Annotated[list[BatchIndexAndErrorMessage], array(BatchIndexAndErrorMessage, "8+")] = []
    error_message: Annotated[str | None, string("8+", nullable="8+")] = None
    current_leader: Annotated[LeaderIdAndEpoch, struct(LeaderIdAndEpoch, "10+", tag=0, tagged="10+")] = (
        LeaderIdAndEpoch()
    )


class TopicProduceResponse(Struct):
    """`TopicProduceResponse` of ProduceResponse."""

    name: Annotated[str, string("0-12")] = ""
    topic_id: Annotated[Uuid, uuid("13+")] = ZERO_UUID
    partition_responses: Annotated[list[PartitionProduceResponse], array(PartitionProduceResponse, "0+")] = []


class NodeEndpoint(Struct):
    """`NodeEndpoint` of ProduceResponse."""

    node_id: Annotated[int, int32("10+")] = 0
    host: Annotated[str, string("10+")] = ""
    port: Annotated[int, int32("10+")] = 0
    rack: Annotated[str | None, string("10+", nullable="10+")] = None


class ProduceResponse(Message, key=0, versions="3-13", flexible="9+"):
    """ProduceResponse, versions 3-13."""

    responses: Annotated[list[TopicProduceResponse], array(TopicProduceResponse, "0+")] = []
    throttle_time_ms: Annotated[int, int32("1+")] = 0
    node_endpoints: Annotated[list[NodeEndpoint], array(NodeEndpoint, "10+", tag=0, tagged="10+")] = []
