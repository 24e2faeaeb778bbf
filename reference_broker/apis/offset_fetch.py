"""OffsetFetch: what groups have committed.

Versions  v2 null for all topics, an error of the group; v7 require stable; v8 several groups; v9 member epochs; v10
          topic ids.
Errors    of each group those of the coordinator; of each partition UNKNOWN_TOPIC_ID, UNSTABLE_OFFSET_COMMIT. What was
          never committed, of a group or topic that may not exist, is offset -1 and no error.
Source    KafkaApis.handleOffsetFetchRequest
"""

from __future__ import annotations

from collections.abc import Awaitable

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopics,
)
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.reference_broker.cluster.context import Context

FIRST_VERSION_WITH_TOPIC_IDS = 10


def offset_fetch(ctx: Context, request: OffsetFetchRequest) -> OffsetFetchResponse | Awaitable[OffsetFetchResponse]:
    """Answer OffsetFetch."""
    # Imported with the first group: a broker must start fast.
    from kafka_conformance.reference_broker.groups.offsets.fetches import fetch_response, requested_groups
    from kafka_conformance.reference_broker.groups.shapes import together

    groups = requested_groups(request, ctx.api_version)
    answers = [_fetch(ctx, group, require_stable=request.require_stable) for group in groups]
    return together(answers, lambda found: fetch_response(found, ctx.api_version))


def _fetch(
    ctx: Context, group: OffsetFetchRequestGroup, *, require_stable: bool
) -> OffsetFetchResponseGroup | Awaitable[OffsetFetchResponseGroup]:
    from kafka_conformance.reference_broker.groups.shapes import shaped

    uses_ids = ctx.api_version >= FIRST_VERSION_WITH_TOPIC_IDS
    unknown = _name_topics(ctx, group) if uses_ids and group.topics is not None else []
    answer = ctx.broker.groups.fetch_offsets(group, ctx.caller, require_stable=require_stable)
    return shaped(answer, lambda found: _complete(ctx, found, unknown)) if uses_ids else answer


def _name_topics(ctx: Context, group: OffsetFetchRequestGroup) -> list[OffsetFetchResponseTopics]:
    """Give the topics of a request their names; return the answers for those that have none."""
    known, unknown = [], []
    for topic in group.topics or ():
        topic.name = ctx.broker.image.topic_names.get(topic.topic_id, "")
        if topic.name:
            known.append(topic)
        else:
            unknown.append(_unknown(topic))
    group.topics = known
    return unknown


def _unknown(topic: OffsetFetchRequestTopics) -> OffsetFetchResponseTopics:
    return OffsetFetchResponseTopics(
        topic_id=topic.topic_id,
        partitions=[
            OffsetFetchResponsePartitions(
                partition_index=index, committed_offset=-1, error_code=ErrorCode.UNKNOWN_TOPIC_ID
            )
            for index in topic.partition_indexes
        ],
    )


def _complete(
    ctx: Context, group: OffsetFetchResponseGroup, unknown: list[OffsetFetchResponseTopics]
) -> OffsetFetchResponseGroup:
    """Add ids to topics that were found by name; without one a topic cannot be answered."""
    if group.error_code != ErrorCode.NONE:
        return group
    for topic in group.topics:
        if topic.topic_id == ZERO_UUID:
            topic.topic_id = ctx.broker.topic_id(topic.name)
    group.topics = [topic for topic in group.topics if topic.topic_id != ZERO_UUID] + unknown
    return group
