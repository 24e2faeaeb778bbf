"""Making topics, finding coordinators, and Kafka's documented "not yet" in between: helpers wait, cases do not.

After CreateTopics metadata spreads asynchronously, so for up to a second a node may answer 3 or 6. A coordinator
answers 14, 15 or 16 until its topic exists and its partition is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.harness.subject.partition_requests import list_offsets_request
from kafka_conformance.harness.subject.topic import LATEST, Topic
from kafka_conformance.harness.subject.waiting import reachable
from kafka_conformance.harness.violation import ConformanceViolation, NotApplicable
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_conformance.protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopic,
)
from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kafka_conformance.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_conformance.protocol.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseTopic,
)

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster

COORDINATOR_NOT_YET = frozenset(
    {ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.NOT_COORDINATOR}
)
_TOPIC_NOT_YET = frozenset(
    {
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.LEADER_NOT_AVAILABLE,
        ErrorCode.REPLICA_NOT_AVAILABLE,
    }
)
_TIMEOUT_MS = 30_000
KEPT = {"retention.ms": "-1"}
"""A topic keeps what it gets: cases write records of any time, which retention would take away between two requests."""

T = TypeVar("T")


class Administration:
    """What Cluster delegates; it keeps no state."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def create_topic(
        self,
        name: str,
        partitions: int | None,
        replication_factor: int,
        configs: Mapping[str, str],
        assignment: Sequence[Sequence[int]] = (),
    ) -> Topic:
        """CreateTopics, then waits until the topic can be used. Raises ConformanceViolation if it is refused.

        Where the target has no CreateTopics, Metadata is to create it, with as many partitions as the target likes;
        raises NotApplicable if others were asked for.
        """
        if ApiKey.CREATE_TOPICS not in self._cluster.versions:
            return self._auto_created(name, partitions, configs)
        count = len(assignment) or partitions or 1
        wanted = CreatableTopic(
            name=name,
            num_partitions=-1 if assignment else count,
            replication_factor=-1 if assignment else replication_factor,
            assignments=[
                CreatableReplicaAssignment(partition_index=index, broker_ids=list(replicas))
                for index, replicas in enumerate(assignment)
            ],
            configs=[CreatableTopicConfig(name=key, value=value) for key, value in {**KEPT, **configs}.items()],
        )
        request = CreateTopicsRequest(topics=[wanted], timeout_ms=_TIMEOUT_MS)
        answer: CreateTopicsResponse = self._cluster.send(request)
        for result in answer.topics:
            if result.name == name and result.error_code == ErrorCode.NONE:
                return Topic(self._cluster, name, self.settled_topic(name, count))
        raise ConformanceViolation(f"creating {wanted}", expected="no error", actual=f"{answer}")

    def _auto_created(self, name: str, partitions: int | None, configs: Mapping[str, str]) -> Topic:
        if configs:
            raise NotApplicable("the target cannot create topics with configurations")
        for node in self._cluster.node_ids:
            self._cluster.send(MetadataRequest(topics=[MetadataRequestTopic(name=name)]), node=node)
        described = self.settled_topic(name)
        if partitions is not None and len(described.partitions) != partitions:
            raise NotApplicable(f"the target made {len(described.partitions)} partitions, not {partitions}")
        return Topic(self._cluster, name, described)

    def settled_topic(self, name: str, partitions: int | None = None) -> MetadataResponseTopic:
        """Waits until all nodes name leaders, and the leaders answer for their partitions."""
        described = self._settle(
            "metadata", lambda: self._described_everywhere(name, partitions), f"every node knows {name}"
        )
        probe = _Named(name, described.topic_id)
        for entry in described.partitions:
            self._settle(
                "leaders",
                lambda entry=entry: self._is_led(probe, entry.partition_index, entry.leader_id),  # type: ignore[misc]
                f"node {entry.leader_id} leads {name}-{entry.partition_index}",
            )
        return described

    def delete_topic(self, name: str) -> None:
        """DeleteTopics by name, where there is that; errors are not looked at: it may be gone."""
        if ApiKey.DELETE_TOPICS not in self._cluster.versions:
            return
        request = DeleteTopicsRequest(topics=[DeleteTopicState(name=name)], topic_names=[name], timeout_ms=_TIMEOUT_MS)
        self._cluster.send(request)

    def delete_records(self, topic: Topic, before_offset: int, partition: int) -> tuple[ErrorCode, int]:
        """DeleteRecords at the partition's leader: the error and the low watermark."""
        wanted = DeleteRecordsTopic(
            name=topic.name, partitions=[DeleteRecordsPartition(partition_index=partition, offset=before_offset)]
        )
        request = DeleteRecordsRequest(topics=[wanted], timeout_ms=_TIMEOUT_MS)
        answer: DeleteRecordsResponse = self._cluster.send(request, node=topic.leader(partition))
        result = answer.topics[0].partitions[0]
        return error_code(result.error_code), result.low_watermark

    def coordinator(self, key: str, *, key_type: int) -> int:
        """FindCoordinator until it names a node (the first call makes the internal topic)."""
        return self._settle(
            f"coordinator {key_type}", lambda: self._coordinator(key, key_type), f"{key} has a coordinator"
        )[0]

    # one look each

    def _described_everywhere(self, name: str, partitions: int | None) -> MetadataResponseTopic | None:
        described: MetadataResponseTopic | None = None
        for node in self._cluster.node_ids:
            request = MetadataRequest(topics=[MetadataRequestTopic(name=name)], allow_auto_topic_creation=False)
            answer: MetadataResponse = self._cluster.send(request, node=node)
            described = next((topic for topic in answer.topics if topic.name == name), None)
            if described is None or not _complete(described, partitions):
                return None
            if not all(self._may_be_there(entry.leader_id) for entry in described.partitions):
                return None
        if described is not None:
            described.partitions.sort(key=lambda entry: entry.partition_index)
        return described

    def _is_led(self, topic: _Named, partition: int, leader: int) -> bool:
        answer = self._cluster.send(list_offsets_request(topic, {partition: LATEST}), node=leader)
        return error_code(answer.topics[0].partitions[0].error_code) not in _TOPIC_NOT_YET

    def _coordinator(self, key: str, key_type: int) -> tuple[int] | None:
        connection = self._cluster.shared()
        request = FindCoordinatorRequest(key=key, key_type=key_type, coordinator_keys=[key])
        version = connection.version_of(request)
        answer: FindCoordinatorResponse = connection.send(request, version)
        found = answer.coordinators[0] if version >= 4 else answer
        error = error_code(found.error_code)
        if error in COORDINATOR_NOT_YET:
            return None
        if error is not ErrorCode.NONE:
            raise ConformanceViolation(f"finding the coordinator of {key}", expected="no error", actual=f"{answer}")
        return (found.node_id,) if self._may_be_there(found.node_id) else None  # node 0 is as good as any

    def _may_be_there(self, node: int) -> bool:
        """Not one that a case has killed or frozen: of that the others learn late."""
        return self._cluster.is_whole or node in self._cluster.node_ids

    def _settle(self, step: str, look: Callable[[], T | None], what: str) -> T:
        tolerant = look if self._cluster.is_whole else reachable(look)
        found = self._cluster.settled(tolerant, step=step, what=what)
        assert found is not None
        return found


class _Named:
    """A topic of which only name and id are known."""

    def __init__(self, name: str, topic_id: bytes) -> None:
        self.name = name
        self.id = topic_id


def _complete(topic: MetadataResponseTopic, partitions: int | None) -> bool:
    if topic.error_code != ErrorCode.NONE or not topic.partitions:
        return False
    if partitions is not None and len(topic.partitions) != partitions:
        return False
    return all(entry.error_code == ErrorCode.NONE and entry.leader_id >= 0 for entry in topic.partitions)
