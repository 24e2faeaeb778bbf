"""OffsetCommit: a group stores how far it has read.

Versions  v2-v4 retention time; v6 leader epochs; v7 group.instance.id; v9 member epochs (KIP-848); v10 topic ids.
Errors    of each partition: UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, and those of the group coordinator. A request
          that names no partition that exists is answered without the coordinator.
Source    KafkaApis.handleOffsetCommitRequest, OffsetCommitResponse.Builder
"""

from __future__ import annotations

from collections.abc import Awaitable

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.image import MetadataImage

FIRST_VERSION_WITH_TOPIC_IDS = 10


class OffsetCommitRules(ApiRules):
    """What a broker decides about an OffsetCommit request before the group sees it."""

    def check_partition(self, image: MetadataImage, topic: OffsetCommitRequestTopic, partition: int) -> ErrorCode:
        """Whether there is such a partition, of a topic that has a name and an id by now."""
        if not topic.name:
            return ErrorCode.UNKNOWN_TOPIC_ID
        if topic.topic_id == ZERO_UUID or image.partition(topic.name, partition) is None:
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return ErrorCode.NONE


def offset_commit(ctx: Context, request: OffsetCommitRequest) -> OffsetCommitResponse | Awaitable[OffsetCommitResponse]:
    """Answer OffsetCommit."""
    refused: list[OffsetCommitResponseTopic] = []
    request.topics = [found for topic in request.topics if (found := _existing(ctx, topic, refused)) is not None]
    if not request.topics:
        return OffsetCommitResponse(topics=refused)
    from kafka_conformance.reference_broker.groups.shapes import shaped, with_refused  # with the first group

    answer = ctx.broker.groups.commit_offsets(request, ctx.caller)
    return shaped(answer, lambda response: with_refused(refused, response)) if refused else answer


def _existing(
    ctx: Context, topic: OffsetCommitRequestTopic, refused: list[OffsetCommitResponseTopic]
) -> OffsetCommitRequestTopic | None:
    """Return the topic with its name and id and the partitions that exist; the others are refused."""
    image, rules = ctx.broker.image, ctx.broker.rules.of(OffsetCommitRules)
    if ctx.api_version >= FIRST_VERSION_WITH_TOPIC_IDS:
        topic.name = image.topic_names.get(topic.topic_id, "")
    else:
        topic.topic_id = ctx.broker.topic_id(topic.name)
    found, failed = [], []
    for each in topic.partitions:
        error = rules.check_partition(image, topic, each.partition_index)
        if error is ErrorCode.NONE:
            found.append(each)
        else:
            failed.append(OffsetCommitResponsePartition(partition_index=each.partition_index, error_code=error))
    if failed:
        refused.append(OffsetCommitResponseTopic(name=topic.name, topic_id=topic.topic_id, partitions=failed))
    topic.partitions = found
    return topic if found else None
