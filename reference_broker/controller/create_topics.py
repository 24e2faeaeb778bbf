"""CreateTopics as the controller decides it.

Source: ControllerApis.createTopics, ReplicationControlManager.createTopics and createTopic.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfigs,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.config.describe import creation_entries
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.topic import validate_topic_config
from kafka_conformance.reference_broker.controller.assignments import (
    Replicas,
    check_alive,
    check_manual,
    partition_record,
    place,
)
from kafka_conformance.reference_broker.controller.decision import (
    MAX_RECORDS_PER_OPERATION,
    TIMED_OUT,
    TOO_LARGE,
    ApiError,
    Decision,
    refusal,
)
from kafka_conformance.reference_broker.controller.identifiers import random_uuid
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.placement import PlacementError
from kafka_conformance.reference_broker.controller.records import (
    ClearElrRecord,
    ConfigRecord,
    MetadataRecord,
    TopicRecord,
)
from kafka_conformance.reference_broker.controller.resources import ResourceType
from kafka_conformance.reference_broker.controller.topic_names import CLUSTER_METADATA_TOPIC, collision, why_invalid

if TYPE_CHECKING:
    from random import Random

MAX_PARTITIONS_PER_BATCH = 10_000
MAX_CONFIG_VALUE_LENGTH = 32_767


class Circumstances(NamedTuple):
    """What a decision about topics rests on."""

    image: MetadataImage
    config: BrokerConfig
    """The controller's, with its dynamic settings."""
    random: Random


def create_topics(now: Circumstances, request: CreateTopicsRequest) -> Decision[CreateTopicsResponse]:
    """Decide a whole request. Topics are created or refused one by one; with validate_only there are no records."""
    times = Counter(topic.name for topic in request.topics)
    topics = [topic for topic in request.topics if times[topic.name] == 1 and topic.name != CLUSTER_METADATA_TOPIC]
    if _total_partitions(now, topics) > MAX_PARTITIONS_PER_BATCH:
        error = ApiError(ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request.")
        return Decision(CreateTopicsResponse(topics=[_refusal(topic.name, error) for topic in request.topics]))
    if topics and request.timeout_ms <= 0:
        return Decision(CreateTopicsResponse(topics=[_refusal(topic.name, TIMED_OUT) for topic in request.topics]))
    results: list[CreatableTopicResult] = []
    records: list[MetadataRecord] = []
    for topic in topics:
        created = _create_topic(now, topic)
        if isinstance(created, ApiError):
            results.append(_refusal(topic.name, created))
        else:
            results.append(created.reply)
            records += created.records
    if len(records) > MAX_RECORDS_PER_OPERATION:
        return Decision(CreateTopicsResponse(topics=[_refusal(topic.name, TOO_LARGE) for topic in request.topics]))
    results += _not_attempted(times)
    return Decision(CreateTopicsResponse(topics=results), () if request.validate_only else tuple(records))


def _total_partitions(now: Circumstances, topics: list[CreatableTopic]) -> int:
    total = 0
    for topic in topics:
        if topic.assignments:
            total += len(topic.assignments)
        else:
            total += now.config.int("num.partitions") if topic.num_partitions == -1 else max(0, topic.num_partitions)
    return total


def _not_attempted(times: Counter[str]) -> list[CreatableTopicResult]:
    duplicate = ApiError(ErrorCode.INVALID_REQUEST, "Duplicate topic name.")
    refused = [_refusal(name, duplicate) for name, count in times.items() if count > 1]
    if times[CLUSTER_METADATA_TOPIC] == 1:
        message = f"Creation of internal topic {CLUSTER_METADATA_TOPIC} is prohibited."
        refused.append(_refusal(CLUSTER_METADATA_TOPIC, ApiError(ErrorCode.INVALID_REQUEST, message)))
    return refused


def _refusal(name: str, error: ApiError) -> CreatableTopicResult:
    return CreatableTopicResult(name=name, error_code=error.code, error_message=error.message)


def _create_topic(now: Circumstances, topic: CreatableTopic) -> ApiError | Decision[CreatableTopicResult]:
    """Kafka's order of checks: name, existence, null configurations, configurations, partitions."""
    if error := _check_name(now, topic.name) or _check_configs(now, topic):
        return error
    replicas = _manual_replicas(now, topic) if topic.assignments else _placed_replicas(now, topic)
    if isinstance(replicas, ApiError):
        return replicas
    topic_id = random_uuid(now.random)
    overrides = {config.name: config.value or "" for config in topic.configs}
    records: list[MetadataRecord] = [TopicRecord(name=topic.name, topic_id=topic_id)]
    records += _config_records(topic.name, overrides)
    records += (partition_record(now.image, topic_id, index, each) for index, each in enumerate(replicas))
    result = CreatableTopicResult(
        name=topic.name,
        topic_id=topic_id,
        error_message=None,
        num_partitions=len(replicas),
        replication_factor=len(replicas[0]),
        configs=_shown_configs(overrides, now.config),
    )
    return Decision(result, tuple(records))


def _check_name(now: Circumstances, name: str) -> ApiError | None:
    if name in now.image.topics:
        return ApiError(ErrorCode.TOPIC_ALREADY_EXISTS, f"Topic '{name}' already exists.")
    if colliding := collision(name, now.image.topics):
        message = f"Topic '{name}' collides with existing topic: {colliding}"
        return ApiError(ErrorCode.INVALID_TOPIC_EXCEPTION, message)
    reason = why_invalid(name)
    return None if reason is None else ApiError(ErrorCode.INVALID_TOPIC_EXCEPTION, reason)


def _check_configs(now: Circumstances, topic: CreatableTopic) -> ApiError | None:
    nulls = [config.name for config in topic.configs if config.value is None]
    if nulls:
        message = f"Null value not supported for topic configs: {','.join(nulls)}"
        return ApiError(ErrorCode.INVALID_CONFIG, message)
    overrides = {config.name: config.value or "" for config in topic.configs}
    if any(len(value) > MAX_CONFIG_VALUE_LENGTH for value in overrides.values()):
        return CONFIG_VALUE_TOO_LONG
    try:
        validate_topic_config(overrides, now.config)
    except ConfigError as refused:
        return refusal(refused)
    return None


CONFIG_VALUE_TOO_LONG = ApiError(
    ErrorCode.INVALID_CONFIG,
    "The configuration value cannot be added because it exceeds the maximum value size of "
    f"{MAX_CONFIG_VALUE_LENGTH} bytes.",
)


def _manual_replicas(now: Circumstances, topic: CreatableTopic) -> list[Replicas] | ApiError:
    manual = "A manual partition assignment was specified, but"
    if topic.replication_factor != -1:
        return ApiError(ErrorCode.INVALID_REQUEST, f"{manual} replication factor was not set to -1.")
    if topic.num_partitions != -1:
        return ApiError(ErrorCode.INVALID_REQUEST, f"{manual} numPartitions was not set to -1.")
    found: dict[int, Replicas] = {}
    replication_factor = None
    for assignment in topic.assignments:
        index, replicas = assignment.partition_index, assignment.broker_ids
        if index in found:
            message = f"Found multiple manual partition assignments for partition {index}"
            return ApiError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
        error = check_manual(now.image, replicas, replication_factor) or check_alive(now.image, replicas, index)
        if error:
            return error
        replication_factor = len(replicas)
        found[index] = replicas
    if found.keys() != set(range(len(found))):
        message = "partitions should be a consecutive 0-based integer sequence"
        return ApiError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
    return [found[index] for index in range(len(found))]


def _placed_replicas(now: Circumstances, topic: CreatableTopic) -> list[Replicas] | ApiError:
    if topic.replication_factor < -1 or topic.replication_factor == 0:
        message = "Replication factor must be larger than 0, or -1 to use the default value."
        return ApiError(ErrorCode.INVALID_REPLICATION_FACTOR, message)
    if topic.num_partitions < -1 or topic.num_partitions == 0:
        message = "Number of partitions was set to an invalid non-positive value."
        return ApiError(ErrorCode.INVALID_PARTITIONS, message)
    partitions, factor = topic.num_partitions, topic.replication_factor
    partitions = now.config.int("num.partitions") if partitions == -1 else partitions
    factor = now.config.int("default.replication.factor") if factor == -1 else factor
    placed = place(now.image, now.random, partitions, factor)
    if isinstance(placed, PlacementError):
        message = f"Unable to replicate the partition {factor} time(s): {placed}"
        return ApiError(ErrorCode.INVALID_REPLICATION_FACTOR, message)
    return placed


def _config_records(name: str, overrides: dict[str, str]) -> list[MetadataRecord]:
    records: list[MetadataRecord] = [
        ConfigRecord(resource_type=ResourceType.TOPIC, resource_name=name, name=key, value=value)
        for key, value in overrides.items()
    ]
    if "min.insync.replicas" in overrides:
        records.append(ClearElrRecord(topic_name=name))
    return records


def _shown_configs(overrides: dict[str, str], config: BrokerConfig) -> list[CreatableTopicConfigs]:
    return [
        CreatableTopicConfigs(
            name=entry.name,
            value=entry.value,
            read_only=entry.read_only,
            config_source=entry.source,
            is_sensitive=entry.is_sensitive,
        )
        for entry in creation_entries(overrides, config)
    ]
