"""What consumers of the classic protocol tell one another through JoinGroup and SyncGroup.

The version stands in front as an int16. Source: Kafka 4.3, ConsumerProtocol{Subscription,Assignment}.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, bytestring, int32, string


class TopicPartition(Struct):
    """`TopicPartition` of ConsumerProtocolSubscription."""

    topic: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class ConsumerProtocolSubscription(Message, versions="0-3"):
    """ConsumerProtocolSubscription, versions 0-3."""

    topics: Annotated[list[str], array("string", "0+")] = []
    user_data: Annotated[bytes | None, bytestring("0+", nullable="0+")] = None
    owned_partitions: Annotated[list[TopicPartition], array(TopicPartition, "1+")] = []
    generation_id: Annotated[int, int32("2+")] = -1
    rack_id: Annotated[str | None, string("3+", nullable="3+")] = None


class ConsumerProtocolAssignment(Message, versions="0-3"):
    """ConsumerProtocolAssignment, versions 0-3."""

    assigned_partitions: Annotated[list[TopicPartition], array(TopicPartition, "0+")] = []
    user_data: Annotated[bytes | None, bytestring("0+", nullable="0+")] = None
