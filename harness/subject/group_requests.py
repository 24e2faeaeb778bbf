"""Requests of group members for every version, and what consumers tell one another inside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kafka_conformance.harness.subject.answers import Committed, error_code
from kafka_conformance.harness.subject.partition_requests import NamedTopic
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.messages.consumer_protocol import (
    ConsumerProtocolAssignment,
    ConsumerProtocolSubscription,
    TopicPartition,
)
from kafka_conformance.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafka_conformance.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
)


def subscription(topics: Iterable[str], *, version: int = 0) -> bytes:
    """A consumer's subscription as JoinGroup metadata, with the version in front."""
    return _versioned(ConsumerProtocolSubscription(topics=list(topics)), version)


def assignment(partitions: Mapping[str, Sequence[int]], *, version: int = 0) -> bytes:
    """A consumer's assignment as SyncGroup carries it, with the version in front."""
    assigned = [TopicPartition(topic=topic, partitions=list(indexes)) for topic, indexes in partitions.items()]
    return _versioned(ConsumerProtocolAssignment(assigned_partitions=assigned), version)


def subscribed_in(metadata: bytes) -> list[str]:
    """The topics of a consumer's subscription. Raises ProtocolError."""
    message, _ = decode_message(ConsumerProtocolSubscription, _version(metadata), metadata, 2)
    return list(message.topics)


def assigned_in(assigned: bytes) -> dict[str, list[int]]:
    """The partitions of a consumer's assignment by topic; an empty assignment has none. Raises ProtocolError."""
    if not assigned:
        return {}
    message, _ = decode_message(ConsumerProtocolAssignment, _version(assigned), assigned, 2)
    return {entry.topic: list(entry.partitions) for entry in message.assigned_partitions}


def commit_request(
    group_id: str,
    topic: NamedTopic,
    offsets: Mapping[int, int],
    *,
    metadata: str | None = "",
    generation_id: int = -1,
    member_id: str = "",
    instance_id: str | None = None,
) -> OffsetCommitRequest:
    """An OffsetCommit of an offset for each partition."""
    partitions = [
        OffsetCommitRequestPartition(partition_index=index, committed_offset=offset, committed_metadata=metadata)
        for index, offset in offsets.items()
    ]
    return OffsetCommitRequest(
        group_id=group_id,
        generation_id_or_member_epoch=generation_id,
        member_id=member_id,
        group_instance_id=instance_id,
        topics=[OffsetCommitRequestTopic(name=topic.name, topic_id=topic.id, partitions=partitions)],
    )


def offset_fetch_request(
    group_id: str, partitions: Mapping[NamedTopic, Sequence[int]] | None, *, require_stable: bool = False
) -> OffsetFetchRequest:
    """An OffsetFetch for some partitions, or for all that the group committed (None; from version 2)."""
    old = new = None
    if partitions is not None:
        old = [OffsetFetchRequestTopic(name=topic.name, partition_indexes=list(p)) for topic, p in partitions.items()]
        new = [
            OffsetFetchRequestTopics(name=topic.name, topic_id=topic.id, partition_indexes=list(indexes))
            for topic, indexes in partitions.items()
        ]
    return OffsetFetchRequest(
        group_id=group_id,
        topics=old,
        groups=[OffsetFetchRequestGroup(group_id=group_id, topics=new)],
        require_stable=require_stable,
    )


def committed_in(answer: OffsetFetchResponse, version: int, topic: NamedTopic, partition: int) -> Committed:
    """What an answer says of one partition; a group's error stands for all of its partitions."""
    group = answer.groups[0] if version >= 8 else answer
    if group.error_code:
        return Committed(-1, -1, None, error_code(group.error_code))
    for entry in group.topics:
        for found in entry.partitions:
            if found.partition_index == partition:
                error = error_code(found.error_code)
                return Committed(found.committed_offset, found.committed_leader_epoch, found.metadata, error)
    expected = f"{topic.name}-{partition}"
    raise ConformanceViolation("OffsetFetch leaves out a partition", expected=expected, actual=f"{answer}")


def _version(data: bytes) -> int:
    # Later versions only add fields behind those that are read here.
    return min(int.from_bytes(data[:2], "big", signed=True), ConsumerProtocolSubscription.valid_versions.last)


def _versioned(message: ConsumerProtocolSubscription | ConsumerProtocolAssignment, version: int) -> bytes:
    return version.to_bytes(2, "big") + b"".join(bytes(part) for part in encode_message(message, version))
