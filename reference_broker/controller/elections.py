"""ElectLeaders as the controller decides it (KIP-460).

Source: ReplicationControlManager.electLeaders, electLeader.
"""

from __future__ import annotations

from enum import IntEnum

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    PartitionResult,
    ReplicaElectionResult,
)
from kafka_conformance.reference_broker.controller.decision import NO_ERROR, ApiError, Decision
from kafka_conformance.reference_broker.controller.image import NO_LEADER, PartitionImage
from kafka_conformance.reference_broker.controller.partition_change import Election
from kafka_conformance.reference_broker.controller.records import MetadataRecord
from kafka_conformance.reference_broker.controller.replication import ReplicationControl

NOT_NEEDED = ApiError(ErrorCode.ELECTION_NOT_NEEDED, "Leader election not needed for topic partition.")


class ElectionType(IntEnum):
    """What a request asks for (org.apache.kafka.common.ElectionType)."""

    PREFERRED = 0
    UNCLEAN = 1


NOT_AVAILABLE = {
    ElectionType.PREFERRED: ApiError(
        ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, "The preferred leader was not available."
    ),
    ElectionType.UNCLEAN: ApiError(
        ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, "Eligible topic partition leaders are not available."
    ),
}


def elect_leaders(control: ReplicationControl, request: ElectLeadersRequest) -> Decision[ElectLeadersResponse]:
    """Decide a whole request; with null topics, all partitions, and those are told that have not the leader yet."""
    try:
        kind = ElectionType(request.election_type)
    except ValueError:
        return Decision(_unknown_type(request))
    asked = request.topic_partitions
    if asked is None:
        wanted = [(topic.name, range(len(topic.partitions))) for topic in control.image.topics.values()]
    else:
        wanted = [(topic.topic, topic.partitions) for topic in asked]  # type: ignore[misc]
    records: list[MetadataRecord] = []
    response = ElectLeadersResponse()
    for name, partitions in wanted:
        results = []
        for index in partitions:
            decision = _elect(control, name, index, kind)
            records += decision.records
            if asked is not None or decision.reply is not NOT_NEEDED:
                results.append(_result(index, decision.reply))
        response.replica_election_results.append(ReplicaElectionResult(topic=name, partition_result=results))
    return Decision(response, tuple(records))


def _elect(control: ReplicationControl, name: str, index: int, kind: ElectionType) -> Decision[ApiError]:
    topic = control.image.topics.get(name)
    if topic is None:
        return Decision(ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"No such topic as {name}"))
    if not 0 <= index < len(topic.partitions):
        return Decision(ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"No such partition as {name}-{index}"))
    partition = topic.partitions[index]
    if _has_wanted_leader(partition, kind):
        return Decision(NOT_NEEDED)
    election = Election.PREFERRED if kind is ElectionType.PREFERRED else Election.UNCLEAN
    record = control.change(topic, partition, election=election).build()
    return Decision(NOT_AVAILABLE[kind]) if record is None else Decision(NO_ERROR, (record,))


def _has_wanted_leader(partition: PartitionImage, kind: ElectionType) -> bool:
    if kind is ElectionType.PREFERRED:
        return partition.leader == partition.replicas[0]
    return partition.leader != NO_LEADER


def _unknown_type(request: ElectLeadersRequest) -> ElectLeadersResponse:
    error = ApiError(ErrorCode.INVALID_REQUEST, f"Unknown election type {request.election_type}")
    return ElectLeadersResponse(
        error_code=error.code,
        replica_election_results=[
            ReplicaElectionResult(
                topic=topic.topic, partition_result=[_result(each, error) for each in topic.partitions]
            )
            for topic in request.topic_partitions or []
        ],
    )


def _result(index: int, error: ApiError) -> PartitionResult:
    return PartitionResult(partition_id=index, error_code=error.code, error_message=error.message)
