"""ConsumerGroupDescribe (API key 69).

Versions  v1 response member_type.
Source    Kafka 4.3, ConsumerGroupDescribeRequest.json, ConsumerGroupDescribeResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int8, int16, int32, string, struct, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class ConsumerGroupDescribeRequest(Message, key=69, versions="0-1", flexible="0+"):
    """ConsumerGroupDescribeRequest, versions 0-1."""

    group_ids: Annotated[list[str], array("string", "0+")] = []
    include_authorized_operations: Annotated[bool, boolean("0+")] = False


class TopicPartitions(Struct):
    """`TopicPartitions` of ConsumerGroupDescribeResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    topic_name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class Assignment(Struct):
    """`Assignment` of ConsumerGroupDescribeResponse."""

    topic_partitions: Annotated[list[TopicPartitions], array(TopicPartitions, "0+")] = []


class Member(Struct):
    """`Member` of ConsumerGroupDescribeResponse."""

    member_id: Annotated[str, string("0+")] = ""
    instance_id: Annotated[str | None, string("0+", nullable="0+")] = None
    rack_id: Annotated[str | None, string("0+", nullable="0+")] = None
    member_epoch: Annotated[int, int32("0+")] = 0
    client_id: Annotated[str, string("0+")] = ""
    client_host: Annotated[str, string("0+")] = ""
    subscribed_topic_names: Annotated[list[str], array("string", "0+")] = []
    subscribed_topic_regex: Annotated[str | None, string("0+", nullable="0+")] = None
    assignment: Annotated[Assignment, struct(Assignment, "0+")] = Assignment()
    target_assignment: Annotated[Assignment, struct(Assignment, "0+")] = Assignment()
    member_type: Annotated[int, int8("1+")] = -1


class DescribedGroup(Struct):
    """`DescribedGroup` of ConsumerGroupDescribeResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    group_id: Annotated[str, string("0+")] = ""
    group_state: Annotated[str, string("0+")] = ""
    group_epoch: Annotated[int, int32("0+")] = 0
    assignment_epoch: Annotated[int, int32("0+")] = 0
    assignor_name: Annotated[str, string("0+")] = ""
    members: Annotated[list[Member], array(Member, "0+")] = []
    authorized_operations: Annotated[int, int32("0+")] = -0x80000000


class ConsumerGroupDescribeResponse(Message, key=69, versions="0-1", flexible="0+"):
    """ConsumerGroupDescribeResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    groups: Annotated[list[DescribedGroup], array(DescribedGroup, "0+")] = []
