"""The ends of offsets: OffsetDelete, DeleteGroups, the deletion of topics, and age.

Source: OffsetMetadataManager (deleteOffsets, deleteAllOffsets, onTopicsDeleted, cleanupExpiredOffsets); KIP-496
"""

from __future__ import annotations

from collections.abc import Mapping

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestTopic,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.decision import Decision
from kafka_conformance.reference_broker.groups.offsets.store import OffsetStore
from kafka_conformance.reference_broker.groups.records import OffsetRecord, offset_tombstone


def delete_offsets(store: OffsetStore, group: ClassicGroup, request: OffsetDeleteRequest) -> Decision:
    """Forget offsets, but those of topics that the group consumes."""
    records: list[OffsetRecord] = []
    topics = []
    for topic in request.topics:
        error = ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC if group.is_subscribed_to(topic.name) else ErrorCode.NONE
        if not error:
            records.extend(_tombstones(store, request.group_id, topic))
        partitions = [
            OffsetDeleteResponsePartition(partition_index=each.partition_index, error_code=error)
            for each in topic.partitions
        ]
        topics.append(OffsetDeleteResponseTopic(name=topic.name, partitions=partitions))
    return Decision(OffsetDeleteResponse(topics=topics), tuple(records))


def _tombstones(store: OffsetStore, group_id: str, topic: OffsetDeleteRequestTopic) -> list[OffsetRecord]:
    return [
        offset_tombstone(group_id, topic.name, each.partition_index)
        for each in topic.partitions
        if store.get(group_id, topic.name, each.partition_index) is not None
        or store.is_pending(group_id, topic.name, each.partition_index)
    ]


def all_tombstones(store: OffsetStore, group_id: str) -> list[OffsetRecord]:
    """What forgets every offset of a group, those of open transactions too."""
    committed = [(topic, number) for topic, partitions in store.of_group(group_id).items() for number in partitions]
    pending = [each for each in store.pending_of_group(group_id) if store.get(group_id, *each) is None]
    return [offset_tombstone(group_id, topic, number) for topic, number in committed + pending]


def topic_tombstones(store: OffsetStore, group_id: str, deleted: Mapping[str, Uuid]) -> list[OffsetRecord]:
    """What forgets a group's offsets of deleted topics, by name; a later topic of the same name keeps its own."""
    doomed = {
        (topic, number)
        for topic, partitions in store.of_group(group_id).items()
        if topic in deleted
        for number, offset in partitions.items()
        if offset.topic_id in (ZERO_UUID, deleted[topic])
    }
    # A transaction commits without topic ids, so its offsets may be those of the deleted topic.
    doomed.update(each for each in store.pending_of_group(group_id) if each[0] in deleted)
    return [offset_tombstone(group_id, topic, number) for topic, number in sorted(doomed)]


def expired_tombstones(
    store: OffsetStore, group: ClassicGroup, now_ms: int, retention_ms: int
) -> tuple[list[OffsetRecord], bool]:
    """What forgets the offsets that are too old, and whether the group then has none left, pending ones included."""
    records: list[OffsetRecord] = []
    kept = len(store.pending_of_group(group.group_id))
    for topic, partitions in store.of_group(group.group_id).items():
        for number, offset in partitions.items():
            starts_ms = group.retention_starts_ms(offset.commit_timestamp_ms)
            if (
                starts_ms is None
                or group.is_subscribed_to(topic)
                or store.is_pending(group.group_id, topic, number)
                or not store.is_expired(offset, starts_ms, now_ms, retention_ms)
            ):
                kept += 1
            else:
                records.append(offset_tombstone(group.group_id, topic, number))
    return records, kept == 0
