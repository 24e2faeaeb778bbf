"""ConsumerGroupHeartbeat (API key 68).

Versions  v1 request subscribed_topic_regex.
Source    Kafka 4.3, ConsumerGroupHeartbeatRequest.json, ConsumerGroupHeartbeatResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string, struct, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class TopicPartitions(Struct):
    """`TopicPartitions` of ConsumerGroupHeartbeatRequest and ConsumerGroupHeartbeatResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[int], array("int32", "0+")] = []


class ConsumerGroupHeartbeatRequest(Message, key=68, versions="0-1", flexible="0+"):
    """ConsumerGroupHeartbeatRequest, versions 0-1."""

    group_id: Annotated[str, string("0+")] = ""
    member_id: Annotated[str, string("0+")] = ""
    member_epoch: Annotated[int, int32("0+")] = 0
    instance_id: Annotated[str | None, string("0+", nullable="0+")] = None
    rack_id: Annotated[str | None, string("0+", nullable="0+")] = None
    rebalance_timeout_ms: Annotated[int, int32("0+")] = -1
    subscribed_topic_names: Annotated[list[str] | None, array("string", "0+", nullable="0+")] = None
    subscribed_topic_regex: Annotated[str | None, string("1+", nullable="1+")] = None
    server_assignor: Annotated[str | None, string("0+", nullable="0+")] = None
    topic_partitions: Annotated[list[TopicPartitions] | None, array(TopicPartitions, "0+", nullable="0+")] = None


class Assignment(Struct):
    """`Assignment` of ConsumerGroupHeartbeatResponse."""

    topic_partitions: Annotated[list[TopicPartitions], array(TopicPartitions, "0+")] = []


class ConsumerGroupHeartbeatResponse(Message, key=68, versions="0-1", flexible="0+"):
    """ConsumerGroupHeartbeatResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    member_id: Annotated[str | None, string("0+", nullable="0+")] = None
    member_epoch: Annotated[int, int32("0+")] = 0
    heartbeat_interval_ms: Annotated[int, int32("0+")] = 0
    assignment: Annotated[Assignment | None, struct(Assignment, "0+", nullable="0+")] = None
