"""Deleting and growing topics, and looking at the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsTopic,
)
from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kafka_conformance.protocol.primitives import Uuid

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster

TIMEOUT_MS = 30_000


def delete(cluster: Cluster, *names: str, version: int | None = None) -> dict[str | None, ErrorCode]:
    """DeleteTopics by name: the errors."""
    states = [DeleteTopicState(name=name) for name in names]
    request = DeleteTopicsRequest(topics=states, topic_names=list(names), timeout_ms=TIMEOUT_MS)
    answer = cluster.send(request, version)
    return {result.name: error_code(result.error_code) for result in answer.responses}


def delete_by_id(cluster: Cluster, *ids: Uuid) -> dict[Uuid, ErrorCode]:
    """DeleteTopics by id: the errors."""
    states = [DeleteTopicState(topic_id=topic_id) for topic_id in ids]
    answer = cluster.send(DeleteTopicsRequest(topics=states, timeout_ms=TIMEOUT_MS), 6)
    return {result.topic_id: error_code(result.error_code) for result in answer.responses}


def grow(
    cluster: Cluster,
    name: str,
    count: int,
    *,
    assignments: Sequence[Sequence[int]] | None = None,
    validate_only: bool = False,
    version: int | None = None,
) -> ErrorCode:
    """CreatePartitions: the error."""
    named = None
    if assignments is not None:
        named = [CreatePartitionsAssignment(broker_ids=list(brokers)) for brokers in assignments]
    topic = CreatePartitionsTopic(name=name, count=count, assignments=named)
    request = CreatePartitionsRequest(topics=[topic], timeout_ms=TIMEOUT_MS, validate_only=validate_only)
    return error_code(cluster.send(request, version).results[0].error_code)
