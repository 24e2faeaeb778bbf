"""AlterPartitionReassignments and ListPartitionReassignments as the controller decides them (KIP-455, KIP-860).

Source: ReplicationControlManager.alterPartitionReassignments, listPartitionReassignments.
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartition,
    ReassignablePartitionResponse,
    ReassignableTopicResponse,
)
from kafka_conformance.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
    OngoingPartitionReassignment,
    OngoingTopicReassignment,
)
from kafka_conformance.reference_broker.controller.assignments import check_manual
from kafka_conformance.reference_broker.controller.decision import NO_ERROR, ApiError, Decision
from kafka_conformance.reference_broker.controller.image import MetadataImage, PartitionImage, TopicImage
from kafka_conformance.reference_broker.controller.partition_change import Election
from kafka_conformance.reference_broker.controller.records import MetadataRecord, PartitionChangeRecord
from kafka_conformance.reference_broker.controller.replication import ReplicationControl


def alter_partition_reassignments(
    control: ReplicationControl, request: AlterPartitionReassignmentsRequest
) -> Decision[AlterPartitionReassignmentsResponse]:
    """Decide a whole request, partition by partition."""
    changes_factor = request.allow_replication_factor_change
    response = AlterPartitionReassignmentsResponse(error_message=None, allow_replication_factor_change=changes_factor)
    records: list[MetadataRecord] = []
    for topic in request.topics:
        answers = []
        for target in topic.partitions:
            outcome = _alter(control, topic.name, target, changes_factor=changes_factor)
            error = outcome if isinstance(outcome, ApiError) else NO_ERROR
            if isinstance(outcome, PartitionChangeRecord):
                records.append(outcome)
            answers.append(
                ReassignablePartitionResponse(
                    partition_index=target.partition_index, error_code=error.code, error_message=error.message
                )
            )
        response.responses.append(ReassignableTopicResponse(name=topic.name, partitions=answers))
    return Decision(response, tuple(records))


def _alter(
    control: ReplicationControl, name: str, target: ReassignablePartition, *, changes_factor: bool
) -> PartitionChangeRecord | ApiError | None:
    topic = control.image.topics.get(name)
    if topic is None:
        return ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"Unable to find a topic named {name}.")
    if not 0 <= target.partition_index < len(topic.partitions):
        message = f"Unable to find partition {name}:{target.partition_index}."
        return ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message)
    partition = topic.partitions[target.partition_index]
    if target.replicas is None:
        return _cancel(control, topic, partition)
    error = check_manual(control.image, target.replicas, None)
    if error is None and not changes_factor:
        error = _check_factor(partition, len(target.replicas))
    return error or _reassign(control, topic, partition, target.replicas)


def _check_factor(partition: PartitionImage, wanted: int) -> ApiError | None:
    current = len({*partition.replicas, *partition.adding_replicas} - set(partition.removing_replicas))
    if current == wanted:
        return None
    message = f"The replication factor is changed from {current} to {wanted}"
    return ApiError(ErrorCode.INVALID_REPLICATION_FACTOR, message)


def _reassign(
    control: ReplicationControl, topic: TopicImage, partition: PartitionImage, target: list[int]
) -> PartitionChangeRecord | None:
    """First the new replicas stand before the old ones; once they are in sync, the old ones go."""
    change = control.change(topic, partition, election=Election.ONLINE)
    removing = sorted(set(partition.replicas) - set(target))
    change.replicas = [*target, *removing]
    change.removing = removing or change.removing
    change.adding = sorted(set(target) - set(partition.replicas)) or change.adding
    return change.build()


def _cancel(
    control: ReplicationControl, topic: TopicImage, partition: PartitionImage
) -> PartitionChangeRecord | ApiError | None:
    if not partition.adding_replicas and not partition.removing_replicas:
        return ApiError(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
    change = control.change(topic, partition)
    change.replicas = [each for each in partition.replicas if each not in partition.adding_replicas]
    change.isr = [each for each in partition.isr if each not in partition.adding_replicas]
    if not change.isr:
        if not control.allows_unclean_elections(topic):
            message = (
                f"Unable to revert partition assignment for {topic.name}:{partition.partition} because it would "
                "require an unclean leader election."
            )
            return ApiError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
        change.isr = [change.replicas[0]]
    change.removing, change.adding = [], []
    return change.build()


def list_partition_reassignments(
    image: MetadataImage, request: ListPartitionReassignmentsRequest
) -> ListPartitionReassignmentsResponse:
    """The reassignments that are going on, of all topics or of those that are named."""
    if request.topics is None:
        wanted = [(topic, range(len(topic.partitions))) for topic in image.topics.values()]
    else:
        named = ((image.topics.get(each.name), each.partition_indexes) for each in request.topics)
        wanted = [(topic, indexes) for topic, indexes in named if topic is not None]  # type: ignore[misc]
    response = ListPartitionReassignmentsResponse(error_message=None)
    for topic, indexes in wanted:
        known = (topic.partitions[index] for index in indexes if 0 <= index < len(topic.partitions))
        ongoing = [_ongoing(each) for each in known if each.adding_replicas or each.removing_replicas]
        if ongoing:
            response.topics.append(OngoingTopicReassignment(name=topic.name, partitions=ongoing))
    return response


def _ongoing(partition: PartitionImage) -> OngoingPartitionReassignment:
    return OngoingPartitionReassignment(
        partition_index=partition.partition,
        replicas=list(partition.replicas),
        adding_replicas=list(partition.adding_replicas),
        removing_replicas=list(partition.removing_replicas),
    )
