"""Requests about offsets of several groups or topics, and the answers in a form that can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.group import Group
from kafka_conformance.harness.subject.group_requests import commit_request, offset_fetch_request
from kafka_conformance.harness.subject.partition_requests import NamedTopic
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_commit import OffsetCommitRequest, OffsetCommitResponse
from kafka_conformance.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
    OffsetDeleteResponse,
)
from kafka_conformance.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)


class Named:
    """A topic that need not exist."""

    def __init__(self, name: str, topic_id: bytes = bytes(16)) -> None:
        self.name = name
        self.id = topic_id


def commit_together(
    group_id: str, offsets: Mapping[NamedTopic, Mapping[int, int]], *, metadata: str | None = ""
) -> OffsetCommitRequest:
    """One OffsetCommit for partitions of several topics, by somebody outside the group."""
    requests = [commit_request(group_id, topic, wanted, metadata=metadata) for topic, wanted in offsets.items()]
    for request in requests[1:]:
        requests[0].topics += request.topics
    return requests[0]


def errors_of(answer: OffsetCommitResponse) -> dict[tuple[str, int], ErrorCode]:
    """The error of each partition of an OffsetCommit that named its topics."""
    return {
        (topic.name, entry.partition_index): error_code(entry.error_code)
        for topic in answer.topics
        for entry in topic.partitions
    }


def fetch_groups(
    group_ids: Sequence[str], topic: NamedTopic, partitions: Sequence[int], *, require_stable: bool = False
) -> OffsetFetchRequest:
    """One OffsetFetch of the same partitions for several groups (from version 8 on)."""
    groups = [
        OffsetFetchRequestGroup(
            group_id=group_id,
            topics=[OffsetFetchRequestTopics(name=topic.name, topic_id=topic.id, partition_indexes=list(partitions))],
        )
        for group_id in group_ids
    ]
    return OffsetFetchRequest(groups=groups, require_stable=require_stable)


def offsets_by_group(answer: OffsetFetchResponse) -> dict[str, dict[int, int]]:
    """The offsets of each group of a fetch of one topic."""
    return {
        group.group_id: {
            entry.partition_index: entry.committed_offset for topic in group.topics for entry in topic.partitions
        }
        for group in answer.groups
    }


def last_version_with_names(cluster: Cluster) -> int:
    """The highest version of OffsetFetch that asks for topics by name."""
    return min(9, cluster.versions[ApiKey.OFFSET_FETCH].last)


def everything(group: Group, version: int | None = None) -> dict[tuple[str, int], int]:
    """All that the group has committed, by topic (its name, or its id in hex where names are gone) and partition.

    Without a version it is one with names.
    """
    version = last_version_with_names(group.cluster) if version is None else version
    answer: OffsetFetchResponse = group.connection().send(offset_fetch_request(group.name, None), version)
    topics = answer.groups[0].topics if version >= 8 else answer.topics
    return {
        (topic.name or topic_id_of(topic).hex(), entry.partition_index): entry.committed_offset
        for topic in topics
        for entry in topic.partitions
    }


def topic_id_of(topic: OffsetFetchResponseTopic | OffsetFetchResponseTopics) -> bytes:
    """The id of a topic in an answer; zeros where it has none."""
    return bytes(topic.topic_id) if isinstance(topic, OffsetFetchResponseTopics) else bytes(16)


def named_in(version: int, topic: Topic) -> str:
    """How `everything` names a topic in a version."""
    return topic.id.hex() if version >= 10 else topic.name


def delete_offsets(group: Group, topic: NamedTopic, partitions: Sequence[int]) -> OffsetDeleteResponse:
    """OffsetDelete of some partitions of one topic."""
    wanted = [OffsetDeleteRequestPartition(partition_index=index) for index in partitions]
    topics = [OffsetDeleteRequestTopic(name=topic.name, partitions=wanted)]
    answer: OffsetDeleteResponse = group.connection().send(OffsetDeleteRequest(group_id=group.name, topics=topics))
    return answer
