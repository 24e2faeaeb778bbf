"""OffsetFetch: what a group has committed, and the shapes that the request and its answer had over the versions.

Source: OffsetMetadataManager.fetchOffsets, fetchAllOffsets; OffsetFetchRequest.groups, OffsetFetchResponse.Builder
"""

from __future__ import annotations

from collections.abc import Sequence

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid
from kafka_conformance.reference_broker.groups.offsets.store import OffsetStore

MANY_GROUPS_VERSION = 8
GROUP_ERROR_VERSION = 2

INVALID_OFFSET = -1


def fetch(store: OffsetStore, request: OffsetFetchRequestGroup, *, require_stable: bool) -> OffsetFetchResponseGroup:
    """What the group has committed; topics None asks for everything, and then nothing is named that is not there."""
    group_id = request.group_id
    if request.topics is None:
        wanted = [(topic, ZERO_UUID, list(offsets)) for topic, offsets in store.of_group(group_id).items()]
    else:
        wanted = [(topic.name, topic.topic_id, topic.partition_indexes) for topic in request.topics]
    topics = []
    for name, topic_id, partitions in wanted:
        found = [_partition(store, group_id, name, topic_id, number, require_stable) for number in partitions]
        topics.append(OffsetFetchResponseTopics(name=name, topic_id=topic_id, partitions=found))
    return OffsetFetchResponseGroup(group_id=group_id, topics=topics)


def _partition(
    store: OffsetStore, group_id: str, topic: str, topic_id: Uuid, number: int, require_stable: bool
) -> OffsetFetchResponsePartitions:
    if require_stable and store.is_unstable(group_id, topic, number):
        return _nothing(number, ErrorCode.UNSTABLE_OFFSET_COMMIT)
    offset = store.get(group_id, topic, number)
    if offset is None or not store.is_visible(offset, topic_id):
        return _nothing(number, ErrorCode.NONE)
    return OffsetFetchResponsePartitions(
        partition_index=number,
        committed_offset=offset.offset,
        committed_leader_epoch=offset.leader_epoch,
        metadata=offset.metadata,
    )


def _nothing(number: int, error: ErrorCode) -> OffsetFetchResponsePartitions:
    return OffsetFetchResponsePartitions(
        partition_index=number, committed_offset=INVALID_OFFSET, metadata="", error_code=error
    )


def refuse_fetch(request: OffsetFetchRequestGroup, error: ErrorCode, api_version: int) -> OffsetFetchResponseGroup:
    """The answer for a group that cannot be served: version 1 has no place for it but each partition."""
    if api_version >= GROUP_ERROR_VERSION:
        return OffsetFetchResponseGroup(group_id=request.group_id, error_code=error)
    topics = [
        OffsetFetchResponseTopics(name=topic.name, partitions=[_nothing(n, error) for n in topic.partition_indexes])
        for topic in request.topics or ()
    ]
    return OffsetFetchResponseGroup(group_id=request.group_id, topics=topics)


def requested_groups(request: OffsetFetchRequest, api_version: int) -> list[OffsetFetchRequestGroup]:
    """The groups of a request, in the shape of version 8, whatever its version."""
    if api_version >= MANY_GROUPS_VERSION:
        return request.groups
    topics = None
    if request.topics is not None:
        topics = [
            OffsetFetchRequestTopics(name=topic.name, partition_indexes=topic.partition_indexes)
            for topic in request.topics
        ]
    return [OffsetFetchRequestGroup(group_id=request.group_id, topics=topics)]


def fetch_response(groups: Sequence[OffsetFetchResponseGroup], api_version: int) -> OffsetFetchResponse:
    """The answer of a version from those for its groups; below version 8 there is exactly one."""
    if api_version >= MANY_GROUPS_VERSION:
        return OffsetFetchResponse(groups=list(groups))
    (group,) = groups
    topics = [
        OffsetFetchResponseTopic(name=topic.name, partitions=[_old_shape(each) for each in topic.partitions])
        for topic in group.topics
    ]
    return OffsetFetchResponse(topics=topics, error_code=group.error_code)


def _old_shape(partition: OffsetFetchResponsePartitions) -> OffsetFetchResponsePartition:
    return OffsetFetchResponsePartition(
        partition_index=partition.partition_index,
        committed_offset=partition.committed_offset,
        committed_leader_epoch=partition.committed_leader_epoch,
        metadata=partition.metadata,
        error_code=partition.error_code,
    )
