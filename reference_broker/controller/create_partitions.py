"""CreatePartitions as the controller decides it.

Source: ControllerApis.createPartitions, ReplicationControlManager.createPartitions.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
    CreatePartitionsTopicResult,
)
from kafka_conformance.reference_broker.controller.assignments import (
    Replicas,
    check_alive,
    check_manual,
    partition_record,
    place,
)
from kafka_conformance.reference_broker.controller.decision import (
    MAX_RECORDS_PER_OPERATION,
    NO_ERROR,
    TIMED_OUT,
    ApiError,
    Decision,
)
from kafka_conformance.reference_broker.controller.image import MetadataImage, TopicImage
from kafka_conformance.reference_broker.controller.placement import PlacementError
from kafka_conformance.reference_broker.controller.records import MetadataRecord

if TYPE_CHECKING:
    from random import Random


def create_partitions(
    image: MetadataImage, random: Random, request: CreatePartitionsRequest
) -> Decision[CreatePartitionsResponse]:
    """Decide a whole request; topics grow or stay one by one. With validate_only there are no records."""
    times = Counter(topic.name for topic in request.topics)
    duplicate = ApiError(ErrorCode.INVALID_REQUEST, "Duplicate topic name.")
    results = [_result(name, duplicate) for name, count in times.items() if count > 1]
    if request.timeout_ms <= 0 and len(results) < len(times):
        return Decision(CreatePartitionsResponse(results=[_result(topic.name, TIMED_OUT) for topic in request.topics]))
    records: list[MetadataRecord] = []
    for topic in request.topics:
        if times[topic.name] > 1:
            continue
        grown = _grow(image, random, topic, MAX_RECORDS_PER_OPERATION - len(records))
        if isinstance(grown, ApiError):
            results.append(_result(topic.name, grown))
        else:
            records += grown
            results.append(_result(topic.name, NO_ERROR))
    return Decision(CreatePartitionsResponse(results=results), () if request.validate_only else tuple(records))


def _result(name: str, error: ApiError) -> CreatePartitionsTopicResult:
    return CreatePartitionsTopicResult(name=name, error_code=error.code, error_message=error.message)


def _grow(
    image: MetadataImage, random: Random, request: CreatePartitionsTopic, room: int
) -> list[MetadataRecord] | ApiError:
    topic = image.topics.get(request.name)
    if topic is None:
        return ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    if error := _check_count(topic, request.count):
        return error
    additional = request.count - len(topic.partitions)
    if request.assignments is not None and len(request.assignments) != additional:
        message = (
            f"Attempted to add {additional} additional partition(s), but only {len(request.assignments)} "
            "assignment(s) were specified."
        )
        return ApiError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
    if additional > room:
        return ApiError(ErrorCode.UNKNOWN_SERVER_ERROR)  # as Kafka answers, which then adds what fits all the same
    replicas = _replicas(image, random, topic, request, additional)
    if isinstance(replicas, ApiError):
        return replicas
    first = len(topic.partitions)
    return [partition_record(image, topic.topic_id, first + index, each) for index, each in enumerate(replicas)]


def _check_count(topic: TopicImage, count: int) -> ApiError | None:
    current = len(topic.partitions)
    if count == current:
        return ApiError(ErrorCode.INVALID_PARTITIONS, f"Topic already has {current} partition(s).")
    if count < current:
        message = f"The topic {topic.name} currently has {current} partition(s); {count} would not be an increase."
        return ApiError(ErrorCode.INVALID_PARTITIONS, message)
    return None


def _replicas(
    image: MetadataImage, random: Random, topic: TopicImage, request: CreatePartitionsTopic, additional: int
) -> list[Replicas] | ApiError:
    factor = len(topic.partitions[0].replicas)
    if request.assignments is not None:
        assigned = [assignment.broker_ids for assignment in request.assignments]
        for index, replicas in enumerate(assigned, len(topic.partitions)):
            if error := check_manual(image, replicas, factor) or check_alive(image, replicas, index):
                return error
        return assigned
    placed = place(image, random, additional, factor)
    return ApiError(ErrorCode.INVALID_REPLICATION_FACTOR, str(placed)) if isinstance(placed, PlacementError) else placed
