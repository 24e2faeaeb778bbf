"""DescribeProducers: what a replica remembers of the producers of its partitions (KIP-664).

Versions  v0. Any replica answers, not only the leader (observed on 4.3.1).
Errors    of each partition: INVALID_TOPIC_EXCEPTION and UNKNOWN_TOPIC_OR_PARTITION with a message where the topic is
          wrong, without one for a partition that does not exist; NOT_LEADER_OR_FOLLOWER without a replica here.
Source    KafkaApis.handleDescribeProducersRequest, ReplicaManager.activeProducerState
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    PartitionResponse,
    ProducerState,
    TopicRequest,
    TopicResponse,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.topic_names import why_invalid
from kafka_conformance.reference_broker.log.producer_state import ProducerStateEntry

_NO_TRANSACTION = -1


class DescribeProducersRules(ApiRules):
    """What a broker says of producers."""

    def check_partition(self, image: MetadataImage, name: str, index: int) -> tuple[ErrorCode, str | None]:
        """Why nothing can be said of a partition; of a topic in words too."""
        reason = why_invalid(name)
        if reason is not None:
            return ErrorCode.INVALID_TOPIC_EXCEPTION, reason
        if name not in image.topics:
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition."
        exists = image.partition(name, index) is not None
        return (ErrorCode.NONE if exists else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION), None

    def describe(self, producer: ProducerStateEntry) -> ProducerState:
        """One producer."""
        start = producer.current_txn_first_offset
        return ProducerState(
            producer_id=producer.producer_id,
            producer_epoch=producer.producer_epoch,
            last_sequence=producer.last_sequence,
            last_timestamp=producer.last_timestamp,
            coordinator_epoch=producer.coordinator_epoch,
            current_txn_start_offset=_NO_TRANSACTION if start is None else start,
        )


def describe_producers(ctx: Context, request: DescribeProducersRequest) -> DescribeProducersResponse:
    """Answer DescribeProducers."""
    return DescribeProducersResponse(
        topics=[
            TopicResponse(
                name=topic.name, partitions=[_partition(ctx, topic, index) for index in topic.partition_indexes]
            )
            for topic in request.topics
        ]
    )


def _partition(ctx: Context, topic: TopicRequest, index: int) -> PartitionResponse:
    rules = ctx.broker.rules.of(DescribeProducersRules)
    error, message = rules.check_partition(ctx.broker.image, topic.name, index)
    if error is not ErrorCode.NONE:
        return PartitionResponse(partition_index=index, error_code=error, error_message=message)
    partition = ctx.broker.find_partition(topic.name, index)
    if isinstance(partition, ErrorCode):
        return PartitionResponse(partition_index=index, error_code=partition)
    producers = [rules.describe(producer) for producer in partition.log.active_producers]
    return PartitionResponse(partition_index=index, active_producers=producers)
