"""DescribeTopicPartitions (KIP-966): topics page by page, in the order of their names, with eligible leaders.

Errors    INVALID_REQUEST for all topics (a cursor's topic that is not asked for, or a negative partition),
          UNKNOWN_SERVER_ERROR for all where a name is empty; of each topic INVALID_TOPIC_EXCEPTION and
          UNKNOWN_TOPIC_OR_PARTITION, left out where all topics are asked for.
Source    DescribeTopicPartitionsRequestHandler, KRaftMetadataCache.describeTopicResponse
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.authorized_operations import ALL_TOPIC_OPERATIONS
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.image import (
    INTERNAL_TOPICS,
    NO_LEADER,
    MetadataImage,
    PartitionImage,
    TopicImage,
)
from kafka_conformance.reference_broker.controller.topic_names import why_invalid


class DescribeTopicPartitionsRules(ApiRules):
    """How pages are cut, and what they show."""

    def cursor(self, name: str, partition: int) -> Cursor:
        """Where the next page begins, which is the first partition that this one leaves out."""
        return Cursor(topic_name=name, partition_index=partition)

    def partition(self, image: MetadataImage, partition: PartitionImage) -> DescribeTopicPartitionsResponsePartition:
        """A partition, as this API describes it."""
        return _partition(image, partition)


def describe_topic_partitions(ctx: Context, request: DescribeTopicPartitionsRequest) -> DescribeTopicPartitionsResponse:
    """Answer DescribeTopicPartitions."""
    image, rules = ctx.broker.image, ctx.broker.rules.of(DescribeTopicPartitionsRules)
    start, first_partition = (request.cursor.topic_name, request.cursor.partition_index) if request.cursor else ("", 0)
    asked = [topic.name for topic in request.topics]
    names = sorted({name for name in asked or image.topics if name >= start})
    if request.cursor and (first_partition < 0 or (asked and start not in names)):
        return _refused(asked, ErrorCode.INVALID_REQUEST)
    if "" in asked:
        return _refused(asked, ErrorCode.UNKNOWN_SERVER_ERROR)  # Kafka has no operations for a resource without a name
    room = max(1, min(ctx.broker.config.int("max.request.partition.size.limit"), request.response_partition_limit))
    response = DescribeTopicPartitionsResponse()
    for name in names:
        if room == 0:
            response.next_cursor = rules.cursor(name, 0)
            break
        topic = image.topics.get(name)
        if topic is None:
            if asked:
                response.topics.append(_unknown(name))
            continue
        first = first_partition if name == start else 0
        shown = topic.partitions[first : first + room]
        response.topics.append(_topic(topic, [rules.partition(image, each) for each in shown]))
        if first + room < len(topic.partitions):
            response.next_cursor = rules.cursor(name, first + room)
            break
        room -= len(shown)
    return response


def _refused(names: list[str], error: ErrorCode) -> DescribeTopicPartitionsResponse:
    return DescribeTopicPartitionsResponse(
        topics=[DescribeTopicPartitionsResponseTopic(name=name, error_code=error) for name in names]
    )


def _unknown(name: str) -> DescribeTopicPartitionsResponseTopic:
    invalid = why_invalid(name) is not None
    return DescribeTopicPartitionsResponseTopic(
        name=name,
        error_code=ErrorCode.INVALID_TOPIC_EXCEPTION if invalid else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        is_internal=name in INTERNAL_TOPICS,
        topic_authorized_operations=ALL_TOPIC_OPERATIONS,
    )


def _topic(
    topic: TopicImage, partitions: list[DescribeTopicPartitionsResponsePartition]
) -> DescribeTopicPartitionsResponseTopic:
    return DescribeTopicPartitionsResponseTopic(
        name=topic.name,
        topic_id=topic.topic_id,
        is_internal=topic.is_internal,
        partitions=partitions,
        topic_authorized_operations=ALL_TOPIC_OPERATIONS,
    )


def _partition(image: MetadataImage, partition: PartitionImage) -> DescribeTopicPartitionsResponsePartition:
    return DescribeTopicPartitionsResponsePartition(
        partition_index=partition.partition,
        leader_id=partition.leader if partition.leader in image.brokers else NO_LEADER,
        leader_epoch=partition.leader_epoch,
        replica_nodes=list(partition.replicas),
        isr_nodes=list(partition.isr),
        eligible_leader_replicas=list(partition.elr),
        last_known_elr=list(partition.last_known_elr),
        offline_replicas=[
            broker for broker in partition.replicas if broker not in image.brokers or image.brokers[broker].fenced
        ],
    )
