"""Making topics and looking at every word of the answer; what was made is deleted when the case ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster
    from kafka_conformance.harness.subject.topic import Topic

TIMEOUT_MS = 30_000
LONGEST_NAME = 249


class Maker:
    """Sends CreateTopics as it is told. A context manager that deletes what came of it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._made: list[str] = []

    def make(
        self, *topics: CreatableTopic, version: int | None = None, validate_only: bool = False
    ) -> list[CreatableTopicResult]:
        """The results, in the order of the answer."""
        request = CreateTopicsRequest(topics=list(topics), timeout_ms=TIMEOUT_MS, validate_only=validate_only)
        answer: CreateTopicsResponse = self._cluster.send(request, version)
        self._made += [result.name for result in answer.topics if result.error_code == ErrorCode.NONE]
        return list(answer.topics)

    def make_one(
        self, topic: CreatableTopic, *, version: int | None = None, validate_only: bool = False
    ) -> CreatableTopicResult:
        """The result for a single topic. Raises ConformanceViolation where the answer is about something else."""
        results = self.make(topic, version=version, validate_only=validate_only)
        if [result.name for result in results] != [topic.name]:
            expected = f"one result, for {topic.name}"
            raise ConformanceViolation("the answer to CreateTopics", expected=expected, actual=f"{results}")
        return results[0]

    def __enter__(self) -> Maker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in dict.fromkeys(self._made):
            self._cluster.clean_up(lambda name=name: self._cluster.delete_topic(name))  # type: ignore[misc]


@contextmanager
def several_topics(cluster: Cluster, partition_counts: Sequence[int]) -> Iterator[list[Topic]]:
    """A topic for each number of partitions."""
    with ExitStack() as stack:
        yield [stack.enter_context(cluster.topic(partitions=count)) for count in partition_counts]


def plain(
    name: str, *, partitions: int = 1, replication_factor: int = 1, configs: dict[str, str | None] | None = None
) -> CreatableTopic:
    """A topic that the controller places."""
    entries = [CreatableTopicConfig(name=key, value=value) for key, value in (configs or {}).items()]
    return CreatableTopic(name=name, num_partitions=partitions, replication_factor=replication_factor, configs=entries)


def assigned(
    name: str, replicas: dict[int, list[int]], *, partitions: int = -1, replication_factor: int = -1
) -> CreatableTopic:
    """A topic whose replicas the request names, for each partition."""
    assignments = [
        CreatableReplicaAssignment(partition_index=index, broker_ids=brokers) for index, brokers in replicas.items()
    ]
    return CreatableTopic(
        name=name, num_partitions=partitions, replication_factor=replication_factor, assignments=assignments
    )


def invalid_names() -> st.SearchStrategy[str]:
    """Names that no topic may have: empty, dots alone, too long, with other characters than Kafka allows."""
    legal = st.characters(codec="ascii", categories=("L", "N"), include_characters="._-")
    illegal = st.characters(codec="utf-8", exclude_characters="._-").filter(lambda c: not (c.isascii() and c.isalnum()))
    odd = st.tuples(st.text(legal, max_size=6), illegal, st.text(legal, max_size=6)).map("".join)
    long = st.integers(LONGEST_NAME + 1, 300).map(lambda length: "x" * length)
    return st.sampled_from(["", ".", ".."]) | long | odd
