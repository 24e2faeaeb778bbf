"""OffsetDelete: forget some of a group's offsets.

Errors    INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR; of each
          partition UNKNOWN_TOPIC_OR_PARTITION, GROUP_SUBSCRIBED_TO_TOPIC.
Source    KafkaApis.handleOffsetDeleteRequest, OffsetDeleteResponse.Builder (KIP-496)
"""

from __future__ import annotations

from collections.abc import Awaitable

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestTopic,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.image import MetadataImage


class OffsetDeleteRules(ApiRules):
    """What a broker decides about an OffsetDelete request before the group sees it."""

    def exists(self, image: MetadataImage, topic: str, partition: int) -> bool:
        """Whether there is such a partition."""
        return image.partition(topic, partition) is not None


def offset_delete(ctx: Context, request: OffsetDeleteRequest) -> OffsetDeleteResponse | Awaitable[OffsetDeleteResponse]:
    """Answer OffsetDelete."""
    from kafka_conformance.reference_broker.groups.shapes import shaped  # with the first group

    refused = [missing for topic in request.topics if (missing := _missing(ctx, topic)).partitions]
    request.topics = [topic for topic in request.topics if topic.partitions]
    return shaped(ctx.broker.groups.delete_offsets(request), lambda response: _merged(refused, response))


def _missing(ctx: Context, topic: OffsetDeleteRequestTopic) -> OffsetDeleteResponseTopic:
    """Take the partitions that do not exist out of a topic, and return the answers for them."""
    image, rules = ctx.broker.image, ctx.broker.rules.of(OffsetDeleteRules)
    there = [each for each in topic.partitions if rules.exists(image, topic.name, each.partition_index)]
    failed = [
        OffsetDeleteResponsePartition(
            partition_index=each.partition_index, error_code=ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        )
        for each in topic.partitions
        if each not in there
    ]
    topic.partitions = there
    return OffsetDeleteResponseTopic(name=topic.name, partitions=failed)


def _merged(refused: list[OffsetDeleteResponseTopic], response: OffsetDeleteResponse) -> OffsetDeleteResponse:
    if response.error_code != ErrorCode.NONE:
        return response
    known = {topic.name: topic for topic in refused}
    for topic in response.topics:
        if topic.name in known:
            known[topic.name].partitions += topic.partitions
        else:
            refused.append(topic)
    response.topics = refused
    return response
