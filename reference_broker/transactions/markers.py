"""Markers: the end of a transaction is told to the leader of each of its partitions, until all have written it.

Source: TransactionMarkerChannelManager (addTxnMarkersToBrokerQueue), TransactionMarkerRequestCompletionHandler
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from kafka_conformance.reference_broker.transactions.metadata import TopicPartition

RETRY_MS = 50
"""After how long a marker is sent again, perhaps to another leader. Kafka does so at once."""

RETRIABLE = frozenset(
    {
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        ErrorCode.REQUEST_TIMED_OUT,
        ErrorCode.KAFKA_STORAGE_ERROR,
    }
)
"""A leader answers these where it has not written the marker, or does not know that enough replicas have it."""

_logger = logging.getLogger(__name__)

UNREACHABLE = -1


class PreparedTransaction(NamedTuple):
    """A transaction of which it is decided how it ends."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    coordinator_epoch: int
    commit: bool
    client_version: int
    partitions: frozenset[TopicPartition]

    def request(self, partitions: Iterable[TopicPartition]) -> WriteTxnMarkersRequest:
        """What one broker is asked."""
        topics: dict[str, WritableTxnMarkerTopic] = {}
        for topic, partition in sorted(partitions):
            entry = topics.setdefault(topic, WritableTxnMarkerTopic(name=topic, partition_indexes=[]))
            entry.partition_indexes.append(partition)
        marker = WritableTxnMarker(
            producer_id=self.producer_id,
            producer_epoch=self.producer_epoch,
            transaction_result=self.commit,
            topics=list(topics.values()),
            coordinator_epoch=self.coordinator_epoch,
            transaction_version=self.client_version,
        )
        return WriteTxnMarkersRequest(markers=[marker])


class PartitionLeaders(Protocol):
    """What a marker sender needs of its broker."""

    def leader_of(self, partition: TopicPartition) -> int | None:
        """The node that leads a partition, UNREACHABLE while none does; None where there is no such partition."""
        ...

    def shares(self, partitions: list[TopicPartition]) -> Iterable[list[TopicPartition]]:
        """How the partitions that one broker leads are shared out to requests."""
        ...

    async def write_markers(self, node_id: int, request: WriteTxnMarkersRequest) -> WriteTxnMarkersResponse | None:
        """Ask a broker; None where it does not answer."""
        ...


class MarkerSender:
    """Sends the markers of one broker's coordinators."""

    def __init__(self, leaders: PartitionLeaders) -> None:
        self._leaders = leaders

    async def deliver(
        self, prepared: PreparedTransaction, acknowledged: Callable[[Iterable[TopicPartition]], None]
    ) -> bool:
        """Go on until every partition has its marker, and tell which have; False if the coordinator is fenced."""
        return await self._deliver(prepared, self.recipients(prepared), acknowledged)

    def recipients(self, prepared: PreparedTransaction) -> frozenset[TopicPartition]:
        """The partitions that get a marker: all of the transaction."""
        return prepared.partitions

    async def _deliver(
        self,
        prepared: PreparedTransaction,
        partitions: Iterable[TopicPartition],
        acknowledged: Callable[[Iterable[TopicPartition]], None],
    ) -> bool:
        by_leader: dict[int, list[TopicPartition]] = {}
        for partition in sorted(partitions):  # a set's own order would be another one in each process
            leader = self._leaders.leader_of(partition)
            if leader is None:
                acknowledged([partition])  # It was deleted: there is nothing to mark any more.
            else:
                by_leader.setdefault(leader, []).append(partition)
        outcomes = await asyncio.gather(
            *(
                self._deliver_to(leader, prepared, share, acknowledged)
                for leader, group in by_leader.items()
                for share in self._leaders.shares(group)
            )
        )
        return all(outcomes)

    async def _deliver_to(
        self,
        leader: int,
        prepared: PreparedTransaction,
        partitions: list[TopicPartition],
        acknowledged: Callable[[Iterable[TopicPartition]], None],
    ) -> bool:
        answer = None
        if leader != UNREACHABLE:
            answer = await self._leaders.write_markers(leader, prepared.request(partitions))
        errors = dict.fromkeys(partitions, ErrorCode.NOT_LEADER_OR_FOLLOWER) if answer is None else _errors(answer)
        fenced = [each for each in partitions if self.is_fenced(errors[each])]
        if fenced:
            _logger.info("%s: %s is fenced by %s", prepared, errors[fenced[0]].name, fenced)
            return False
        retried = [each for each in partitions if errors[each] in RETRIABLE]
        acknowledged(each for each in partitions if each not in retried)
        if not retried:
            return True
        await asyncio.sleep(RETRY_MS / 1000)
        return await self._deliver(prepared, retried, acknowledged)

    def is_fenced(self, error: ErrorCode) -> bool:
        """Whether a partition knows a newer coordinator, or a newer epoch of the producer."""
        return error in (ErrorCode.INVALID_PRODUCER_EPOCH, ErrorCode.TRANSACTION_COORDINATOR_FENCED)


def _errors(answer: WriteTxnMarkersResponse) -> dict[TopicPartition, ErrorCode]:
    return {
        (topic.name, partition.partition_index): ErrorCode(partition.error_code)
        for marker in answer.markers
        for topic in marker.topics
        for partition in topic.partitions
    }
