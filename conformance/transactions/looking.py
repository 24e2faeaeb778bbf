"""What brokers say of transactions and producers to those who ask (KIP-664)."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.subject.transaction import TransactionalProducer
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    PartitionResponse,
    ProducerState,
    TopicRequest,
)
from kafka_conformance.protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TransactionState,
)
from kafka_conformance.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse


def described(producer: TransactionalProducer) -> TransactionState:
    """What the coordinator says of the transactional id."""
    answer: DescribeTransactionsResponse = producer.ask(
        DescribeTransactionsRequest(transactional_ids=[producer.transactional_id])
    )
    return answer.transaction_states[0]


def partitions_of(state: TransactionState) -> dict[str, list[int]]:
    """The partitions of a transaction by topic name."""
    return {topic.topic: sorted(topic.partitions) for topic in state.topics}


def listed(
    cluster: Cluster,
    *,
    states: Sequence[str] = (),
    producer_ids: Sequence[int] = (),
    duration_ms: int = -1,
    pattern: str | None = None,
    version: int | None = None,
) -> dict[str, tuple[int, str]]:
    """Producer id and state by transactional id, of all coordinators together."""
    request = ListTransactionsRequest(
        state_filters=list(states),
        producer_id_filters=list(producer_ids),
        duration_filter=duration_ms,
        transactional_id_pattern=pattern,
    )
    answers: list[ListTransactionsResponse] = [cluster.send(request, version, node=node) for node in cluster.node_ids]
    return {
        entry.transactional_id: (entry.producer_id, entry.transaction_state)
        for answer in answers
        for entry in answer.transaction_states
    }


def producers_of(cluster: Cluster, topic: Topic, partition: int = 0) -> PartitionResponse:
    """DescribeProducers of a partition, by its leader."""
    request = DescribeProducersRequest(topics=[TopicRequest(name=topic.name, partition_indexes=[partition])])
    answer: DescribeProducersResponse = cluster.send(
        request, node=topic.leader(min(partition, topic.partition_count - 1))
    )
    return answer.topics[0].partitions[0]


def state_of_producer(cluster: Cluster, topic: Topic, producer_id: int, partition: int = 0) -> ProducerState:
    """What a partition knows of a producer. Raises ConformanceViolation where it does not know it."""
    found = producers_of(cluster, topic, partition)
    for state in found.active_producers:
        if state.producer_id == producer_id:
            return state
    raise ConformanceViolation(
        "DescribeProducers leaves out a producer", expected=f"producer {producer_id}", actual=f"{found}"
    )
