"""DescribeTransactions and ListTransactions: what a coordinator says of its transactional ids.

Source: TransactionCoordinator.handleDescribeTransactions, TransactionStateManager.listTransactionStates
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from kafka_conformance.protocol.messages.describe_transactions import TopicData
from kafka_conformance.protocol.messages.describe_transactions import TransactionState as DescribedTransaction
from kafka_conformance.protocol.messages.list_transactions import ListTransactionsRequest
from kafka_conformance.reference_broker.transactions.metadata import TopicPartition, TransactionMetadata
from kafka_conformance.reference_broker.transactions.states import STATE_NAMED, UNKEPT_STATES

NO_DURATION = -1


class TransactionFilter(NamedTuple):
    """Which transactional ids ListTransactions is about."""

    request: ListTransactionsRequest
    pattern: re.Pattern[str] | None = None
    now_ms: int = 0


class DescribeRules:
    """Keeps no state."""

    def describe(self, metadata: TransactionMetadata, partitions: Collection[TopicPartition]) -> DescribedTransaction:
        """A transactional id; `partitions` are those that belong to its transaction and have no marker yet."""
        topics: dict[str, TopicData] = {}
        for topic, partition in sorted(partitions):
            topics.setdefault(topic, TopicData(topic=topic, partitions=[])).partitions.append(partition)
        return DescribedTransaction(
            transactional_id=metadata.transactional_id,
            transaction_state=metadata.state.shown,
            transaction_timeout_ms=metadata.timeout_ms,
            transaction_start_time_ms=metadata.start_ms,
            producer_id=metadata.producer_id,
            producer_epoch=metadata.producer_epoch,
            topics=list(topics.values()),
        )

    def is_listed(self, metadata: TransactionMetadata, wanted: TransactionFilter) -> bool:
        """Whether all filters let a transactional id pass."""
        request = wanted.request
        if request.producer_id_filters and metadata.producer_id not in request.producer_id_filters:
            return False
        if request.state_filters and metadata.state.shown not in request.state_filters:
            return False
        if not self.is_old_enough(metadata, request.duration_filter, wanted.now_ms):
            return False
        return wanted.pattern is None or wanted.pattern.fullmatch(metadata.transactional_id) is not None

    def is_old_enough(self, metadata: TransactionMetadata, duration_ms: int, now_ms: int) -> bool:
        """Whether the transaction was begun longer ago than that; one that was not begun, in the year 1969."""
        return duration_ms < 0 or now_ms - metadata.start_ms > duration_ms

    def unknown_states(self, request: ListTransactionsRequest) -> list[str]:
        """The states of the filter that no transaction can be in."""
        return [name for name in request.state_filters if name not in STATE_NAMED and name not in UNKEPT_STATES]
