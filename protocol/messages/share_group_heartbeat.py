"""ShareGroupHeartbeat (API key 76).

Source    Kafka 4.3, ShareGroupHeartbeatRequest.json, ShareGroupHeartbeatResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string, struct, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class ShareGroupHeartbeatRequest(Message, key=76, versions="1", flexible="0+"):
    """ShareGroupHeartbeatRequest, versions 1."""

    group_id: Annotated[str, string("0+")] = ""
    member_id: Annotated[str, string("0+")] = ""
    member_epoch: Annotated[int, int32("0+")] = 0
    rack_id: Annotated[str | None, string("0+", nullable="0+")] = None
    subscribed_topic_names: Annotated[list[str] | None, array("string", "0+", nullable="0+")] = None


class TopicPartitions(Struct):
    """`TopicPartitions` of ShareGroupHeartbeatResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    partitions: Annotated[list[int], array("int32", "0+")] = []


class Assignment(Struct):
    """`Assignment` of ShareGroupHeartbeatResponse."""

    topic_partitions: Annotated[list[TopicPartitions], array(TopicPartitions, "0+")] = []


class ShareGroupHeartbeatResponse(Message, key=76, versions="1", flexible="0+"):
    """ShareGroupHeartbeatResponse, versions 1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    member_id: Annotated[str | None, string("0+", nullable="0+")] = None
    member_epoch: Annotated[int, int32("0+")] = 0
    heartbeat_interval_ms: Annotated[int, int32("0+")] = 0
    assignment: Annotated[Assignment | None, struct(Assignment, "0+", nullable="0+")] = None
