"""ShareGroupDescribe (API key 77).

Source    Kafka 4.3, ShareGroupDescribeRequest.json, ShareGroupDescribeResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, string, struct, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class ShareGroupDescribeRequest(Message, key=77, versions="1", flexible="0+"):
    """ShareGroupDescribeRequest, versions 1."""

    group_ids: Annotated[list[str], array("string", "0+")] = []
    include_authorized_operations: Annotated[bool, boolean("0+")] = False


class TopicPartitions(Struct):
    """`TopicPartitions` of ShareGroupDescribeResponse."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    topic_name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class Assignment(Struct):
    """`Assignment` of ShareGroupDescribeResponse."""

    topic_partitions: Annotated[list[TopicPartitions], array(TopicPartitions, "0+")] = []


class Member(Struct):
    """`Member` of ShareGroupDescribeResponse."""

    member_id: Annotated[str, string("0+")] = ""
    rack_id: Annotated[str | None, string("0+", nullable="0+")] = None
    member_epoch: Annotated[int, int32("0+")] = 0
    client_id: Annotated[str, string("0+")] = ""
    client_host: Annotated[str, string("0+")] = ""
    subscribed_topic_names: Annotated[list[str], array("string", "0+")] = []
    assignment: Annotated[Assignment, struct(Assignment, "0+")] = Assignment()


class DescribedGroup(Struct):
    """`DescribedGroup` of ShareGroupDescribeResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    group_id: Annotated[str, string("0+")] = ""
    group_state: Annotated[str, string("0+")] = ""
    group_epoch: Annotated[int, int32("0+")] = 0
    assignment_epoch: Annotated[int, int32("0+")] = 0
    assignor_name: Annotated[str, string("0+")] = ""
    members: Annotated[list[Member], array(Member, "0+")] = []
    authorized_operations: Annotated[int, int32("0+")] = -0x80000000


class ShareGroupDescribeResponse(Message, key=77, versions="1", flexible="0+"):
    """ShareGroupDescribeResponse, versions 1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    groups: Annotated[list[DescribedGroup], array(DescribedGroup, "0+")] = []
