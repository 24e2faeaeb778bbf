"""OffsetCommit: which offsets of a request are stored, once the group has let it pass.

Source: OffsetMetadataManager.commitOffset, OffsetAndMetadata.fromRequest
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.reference_broker.groups.decision import Decision
from kafka_conformance.reference_broker.groups.offsets.store import OffsetStore
from kafka_conformance.reference_broker.groups.records import OffsetCommitKey, OffsetCommitValue, OffsetRecord
from kafka_conformance.reference_broker.groups.settings import GroupSettings

DEFAULT_RETENTION = -1
"""The request leaves the retention to the broker."""


def commit(store: OffsetStore, request: OffsetCommitRequest, settings: GroupSettings, now_ms: int) -> Decision:
    """Store all offsets of a request but those whose metadata is too large."""
    records: list[OffsetRecord] = []
    topics = []
    for topic in request.topics:
        partitions = []
        for partition in topic.partitions:
            fits = store.accepts_metadata(partition.committed_metadata or "", settings.offset_metadata_max_bytes)
            error = ErrorCode.NONE if fits else ErrorCode.OFFSET_METADATA_TOO_LARGE
            if not error:
                records.append(_record(request, topic, partition, now_ms))
            partitions.append(
                OffsetCommitResponsePartition(partition_index=partition.partition_index, error_code=error)
            )
        topics.append(OffsetCommitResponseTopic(name=topic.name, topic_id=topic.topic_id, partitions=partitions))
    return Decision(OffsetCommitResponse(topics=topics), tuple(records))


def refuse_commit(request: OffsetCommitRequest, error: ErrorCode) -> OffsetCommitResponse:
    """The answer to a commit of which nothing is stored: the error stands at each partition."""
    topics = [
        OffsetCommitResponseTopic(
            name=topic.name,
            topic_id=topic.topic_id,
            partitions=[
                OffsetCommitResponsePartition(partition_index=partition.partition_index, error_code=error)
                for partition in topic.partitions
            ],
        )
        for topic in request.topics
    ]
    return OffsetCommitResponse(topics=topics)


def _record(
    request: OffsetCommitRequest, topic: OffsetCommitRequestTopic, partition: OffsetCommitRequestPartition, now_ms: int
) -> OffsetRecord:
    key = OffsetCommitKey(group=request.group_id, topic=topic.name, partition=partition.partition_index)
    value = OffsetCommitValue(
        offset=partition.committed_offset,
        leader_epoch=partition.committed_leader_epoch,
        metadata=partition.committed_metadata or "",
        commit_timestamp=now_ms,
        topic_id=topic.topic_id,
    )
    if request.retention_time_ms != DEFAULT_RETENTION:
        # The version of the record that has an expiry time has neither epoch nor topic id.
        value.expire_timestamp = now_ms + request.retention_time_ms
        value.leader_epoch, value.topic_id = -1, ZERO_UUID
    return OffsetRecord(key, value)
