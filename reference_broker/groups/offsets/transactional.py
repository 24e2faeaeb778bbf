"""TxnOffsetCommit: offsets that a transaction commits, and that count when it does.

Source: OffsetMetadataManager.commitTransactionalOffset, OffsetAndMetadata.fromRequest
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)
from kafka_conformance.reference_broker.groups.decision import Decision
from kafka_conformance.reference_broker.groups.offsets.store import OffsetStore
from kafka_conformance.reference_broker.groups.records import OffsetCommitKey, OffsetCommitValue, OffsetRecord
from kafka_conformance.reference_broker.groups.settings import GroupSettings


def commit(store: OffsetStore, request: TxnOffsetCommitRequest, settings: GroupSettings, now_ms: int) -> Decision:
    """Store all offsets of a request but those whose metadata is too large."""
    records: list[OffsetRecord] = []
    topics = []
    for topic in request.topics:
        partitions = []
        for partition in topic.partitions:
            fits = store.accepts_metadata(partition.committed_metadata or "", settings.offset_metadata_max_bytes)
            error = ErrorCode.NONE if fits else ErrorCode.OFFSET_METADATA_TOO_LARGE
            if not error:
                records.append(_record(request.group_id, topic.name, partition, now_ms))
            partitions.append(
                TxnOffsetCommitResponsePartition(partition_index=partition.partition_index, error_code=error)
            )
        topics.append(TxnOffsetCommitResponseTopic(name=topic.name, partitions=partitions))
    return Decision(TxnOffsetCommitResponse(topics=topics), tuple(records))


def refuse_commit(request: TxnOffsetCommitRequest, error: ErrorCode) -> TxnOffsetCommitResponse:
    """The answer to a commit of which nothing is stored: the error stands at each partition."""
    topics = [
        TxnOffsetCommitResponseTopic(
            name=topic.name,
            partitions=[
                TxnOffsetCommitResponsePartition(partition_index=partition.partition_index, error_code=error)
                for partition in topic.partitions
            ],
        )
        for topic in request.topics
    ]
    return TxnOffsetCommitResponse(topics=topics)


def _record(group_id: str, topic: str, partition: TxnOffsetCommitRequestPartition, now_ms: int) -> OffsetRecord:
    """Without the topic's id: the request has none."""
    return OffsetRecord(
        OffsetCommitKey(group=group_id, topic=topic, partition=partition.partition_index),
        OffsetCommitValue(
            offset=partition.committed_offset,
            leader_epoch=partition.committed_leader_epoch,
            metadata=partition.committed_metadata or "",
            commit_timestamp=now_ms,
        ),
    )
