"""A request of each API that needs nothing special, changes nothing for others, and what an answer to it may say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kafka_conformance.harness.cases import LATEST, ApiKey, ErrorCode, NewRecord, build_batch
from kafka_conformance.harness.subject.group_requests import commit_request, offset_fetch_request, subscription
from kafka_conformance.harness.subject.partition_requests import fetch_request, list_offsets_request, produce_request
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.alter_configs import (
    AlterableConfig,
    AlterConfigsRequest,
    AlterConfigsResource,
)
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest
from kafka_conformance.protocol.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from kafka_conformance.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafka_conformance.protocol.messages.delete_groups import DeleteGroupsRequest
from kafka_conformance.protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsTopic,
)
from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kafka_conformance.protocol.messages.describe_cluster import DescribeClusterRequest
from kafka_conformance.protocol.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from kafka_conformance.protocol.messages.describe_groups import DescribeGroupsRequest
from kafka_conformance.protocol.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    TopicRequest,
)
from kafka_conformance.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest
from kafka_conformance.protocol.messages.incremental_alter_configs import (
    AlterConfigsResource as IncrementalResource,
)
from kafka_conformance.protocol.messages.incremental_alter_configs import IncrementalAlterConfigsRequest
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest
from kafka_conformance.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_conformance.protocol.messages.list_groups import ListGroupsRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafka_conformance.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafka_conformance.protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest

TIMEOUT_MS = 30_000
SESSION_TIMEOUT_MS = 10_000
"""Within the bounds of brokers; one that lets nobody in is not waited for longer than that in each version."""
TOPIC_RESOURCE = 2
NOBODY = "nobody"
MAY_BE_BUSY = frozenset({ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.COORDINATOR_NOT_AVAILABLE})


@dataclass(frozen=True, slots=True)
class Subject:
    """What requests are about: a topic of one partition, and the name of a group that has no members."""

    topic: Topic
    group: str


@dataclass(frozen=True, slots=True)
class Harmless:
    """A request, what its answer says of it in a version (an error for each thing asked for), and what it may say."""

    request: Callable[[Subject], Message]
    errors: Callable[[Any, int], Iterable[int]]
    allowed: frozenset[ErrorCode] = frozenset({ErrorCode.NONE})
    first: int = 0
    """The lowest version that a broker means when it advertises it."""


def _top(answer: Any, version: int) -> list[int]:
    return [answer.error_code]


def _each(*names: str) -> Callable[[Any, int], list[int]]:
    """The error codes of the entries of a list, or of lists within lists."""

    def errors(answer: Any, version: int) -> list[int]:
        entries = [answer]
        for name in names:
            entries = [inner for outer in entries for inner in getattr(outer, name)]
        return [entry.error_code for entry in entries]

    return errors


def _produce(subject: Subject) -> Message:
    return produce_request(subject.topic, {0: bytes(build_batch([NewRecord(b"k", b"v")]))})


def _metadata(subject: Subject) -> Message:
    topic = MetadataRequestTopic(name=subject.topic.name)
    return MetadataRequest(topics=[topic], allow_auto_topic_creation=False)


def _find_coordinator(subject: Subject) -> Message:
    return FindCoordinatorRequest(key=subject.group, coordinator_keys=[subject.group])


def _join_group(subject: Subject) -> Message:
    return JoinGroupRequest(
        group_id=subject.group,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        rebalance_timeout_ms=SESSION_TIMEOUT_MS,
        member_id=NOBODY,
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol(name="range", metadata=subscription([subject.topic.name]))],
    )


def _sync_group(subject: Subject) -> Message:
    return SyncGroupRequest(group_id=subject.group, member_id=NOBODY, protocol_type="consumer", protocol_name="range")


def _leave_group(subject: Subject) -> Message:
    return LeaveGroupRequest(group_id=subject.group, member_id=NOBODY, members=[MemberIdentity(member_id=NOBODY)])


def _left(answer: Any, version: int) -> list[int]:
    return [answer.error_code] if version < 3 else [member.error_code for member in answer.members]


def _create_topics(subject: Subject) -> Message:
    topic = CreatableTopic(name=f"{subject.topic.name}-not-made", num_partitions=1, replication_factor=1)
    return CreateTopicsRequest(topics=[topic], timeout_ms=TIMEOUT_MS, validate_only=True)


def _delete_topics(subject: Subject) -> Message:
    name = f"{subject.topic.name}-unknown"
    return DeleteTopicsRequest(topics=[DeleteTopicState(name=name)], topic_names=[name], timeout_ms=TIMEOUT_MS)


def _delete_records(subject: Subject) -> Message:
    topic = DeleteRecordsTopic(name=subject.topic.name, partitions=[DeleteRecordsPartition(offset=0)])
    return DeleteRecordsRequest(topics=[topic], timeout_ms=TIMEOUT_MS)


def _offset_for_leader_epoch(subject: Subject) -> Message:
    topic = OffsetForLeaderTopic(topic=subject.topic.name, partitions=[OffsetForLeaderPartition()])
    return OffsetForLeaderEpochRequest(topics=[topic])


def _describe_configs(subject: Subject) -> Message:
    wanted = DescribeConfigsResource(
        resource_type=TOPIC_RESOURCE, resource_name=subject.topic.name, configuration_keys=["cleanup.policy"]
    )
    return DescribeConfigsRequest(resources=[wanted])


def _alter_configs(subject: Subject) -> Message:
    configs = [AlterableConfig(name="retention.ms", value="1000")]
    resource = AlterConfigsResource(resource_type=TOPIC_RESOURCE, resource_name=subject.topic.name, configs=configs)
    return AlterConfigsRequest(resources=[resource], validate_only=True)


def _incremental_alter_configs(subject: Subject) -> Message:
    resource = IncrementalResource(resource_type=TOPIC_RESOURCE, resource_name=subject.topic.name)
    return IncrementalAlterConfigsRequest(resources=[resource], validate_only=True)


def _create_partitions(subject: Subject) -> Message:
    topic = CreatePartitionsTopic(name=subject.topic.name, count=2, assignments=None)
    return CreatePartitionsRequest(topics=[topic], timeout_ms=TIMEOUT_MS, validate_only=True)


def _offset_delete(subject: Subject) -> Message:
    topic = OffsetDeleteRequestTopic(name=subject.topic.name, partitions=[OffsetDeleteRequestPartition()])
    return OffsetDeleteRequest(group_id=subject.group, topics=[topic])


def _offset_fetch(subject: Subject) -> Message:
    return offset_fetch_request(subject.group, {subject.topic: [0]})


def _fetched_offsets(answer: Any, version: int) -> list[int]:
    holder = _each("groups", "topics", "partitions") if version >= 8 else _each("topics", "partitions")
    return holder(answer, version)


_UNKNOWN_MEMBER = frozenset({ErrorCode.UNKNOWN_MEMBER_ID})
_NO_GROUP = frozenset({ErrorCode.NONE, ErrorCode.GROUP_ID_NOT_FOUND})

HARMLESS: Mapping[ApiKey, Harmless] = {
    ApiKey.PRODUCE: Harmless(_produce, _each("responses", "partition_responses"), first=3),
    ApiKey.FETCH: Harmless(lambda subject: fetch_request(subject.topic, {0: 0}), _each("responses", "partitions")),
    ApiKey.LIST_OFFSETS: Harmless(
        lambda subject: list_offsets_request(subject.topic, {0: LATEST}), _each("topics", "partitions")
    ),
    ApiKey.METADATA: Harmless(_metadata, _each("topics")),
    ApiKey.OFFSET_COMMIT: Harmless(
        lambda subject: commit_request(subject.group, subject.topic, {0: 0}), _each("topics", "partitions")
    ),
    ApiKey.OFFSET_FETCH: Harmless(_offset_fetch, _fetched_offsets),
    ApiKey.FIND_COORDINATOR: Harmless(
        _find_coordinator,
        lambda answer, version: (_each("coordinators") if version >= 4 else _top)(answer, version),
        MAY_BE_BUSY | {ErrorCode.NONE},
    ),
    ApiKey.JOIN_GROUP: Harmless(_join_group, _top, _UNKNOWN_MEMBER),
    ApiKey.HEARTBEAT: Harmless(
        lambda subject: HeartbeatRequest(group_id=subject.group, member_id=NOBODY), _top, _UNKNOWN_MEMBER
    ),
    ApiKey.LEAVE_GROUP: Harmless(_leave_group, _left, _UNKNOWN_MEMBER),
    ApiKey.SYNC_GROUP: Harmless(_sync_group, _top, _UNKNOWN_MEMBER),
    ApiKey.DESCRIBE_GROUPS: Harmless(
        lambda subject: DescribeGroupsRequest(groups=[subject.group]), _each("groups"), _NO_GROUP
    ),
    ApiKey.LIST_GROUPS: Harmless(lambda subject: ListGroupsRequest(), _top, MAY_BE_BUSY | {ErrorCode.NONE}),
    ApiKey.API_VERSIONS: Harmless(
        lambda subject: ApiVersionsRequest(client_software_name="kafka-conformance", client_software_version="1"), _top
    ),
    ApiKey.CREATE_TOPICS: Harmless(_create_topics, _each("topics")),
    ApiKey.DELETE_TOPICS: Harmless(
        _delete_topics, _each("responses"), frozenset({ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    ),
    ApiKey.DELETE_RECORDS: Harmless(_delete_records, _each("topics", "partitions")),
    ApiKey.INIT_PRODUCER_ID: Harmless(
        lambda subject: InitProducerIdRequest(transactional_id=None),
        _top,
        MAY_BE_BUSY | {ErrorCode.NONE},
    ),
    ApiKey.OFFSET_FOR_LEADER_EPOCH: Harmless(_offset_for_leader_epoch, _each("topics", "partitions")),
    ApiKey.DESCRIBE_CONFIGS: Harmless(_describe_configs, _each("results")),
    ApiKey.ALTER_CONFIGS: Harmless(_alter_configs, _each("responses")),
    ApiKey.CREATE_PARTITIONS: Harmless(_create_partitions, _each("results")),
    ApiKey.DELETE_GROUPS: Harmless(
        lambda subject: DeleteGroupsRequest(groups_names=[f"{subject.group}-unknown"]),
        _each("results"),
        frozenset({ErrorCode.GROUP_ID_NOT_FOUND}) | MAY_BE_BUSY | {ErrorCode.NOT_COORDINATOR},
    ),
    ApiKey.INCREMENTAL_ALTER_CONFIGS: Harmless(_incremental_alter_configs, _each("responses")),
    ApiKey.OFFSET_DELETE: Harmless(_offset_delete, _top, _NO_GROUP),
    ApiKey.DESCRIBE_CLUSTER: Harmless(lambda subject: DescribeClusterRequest(), _top),
    ApiKey.DESCRIBE_TOPIC_PARTITIONS: Harmless(
        lambda subject: DescribeTopicPartitionsRequest(topics=[TopicRequest(name=subject.topic.name)]), _each("topics")
    ),
}

OF_COORDINATORS = frozenset(
    {
        ApiKey.OFFSET_COMMIT,
        ApiKey.OFFSET_FETCH,
        ApiKey.JOIN_GROUP,
        ApiKey.HEARTBEAT,
        ApiKey.LEAVE_GROUP,
        ApiKey.SYNC_GROUP,
        ApiKey.DESCRIBE_GROUPS,
        ApiKey.DELETE_GROUPS,
        ApiKey.OFFSET_DELETE,
    }
)
"""Those that only a group's coordinator answers; a partition's leader, or any broker, answers the others."""
