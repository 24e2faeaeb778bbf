"""Connects the transaction coordinator of a broker with the partitions of __transaction_state that the broker leads.

Source: BrokerMetadataPublisher.onMetadataUpdate (txnCoordinator.onElection, onResignation)
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.cluster.peers import PeerError
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.internal_topics import TRANSACTION_STATE

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.write_txn_markers import WriteTxnMarkersRequest, WriteTxnMarkersResponse
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.transactions.metadata import TopicPartition
    from kafka_conformance.reference_broker.transactions.service import TransactionCoordinatorService
    from kafka_conformance.reference_broker.transactions.settings import TransactionSettings

MARKERS_VERSION = 2


class TransactionCoordination:
    """Tells the coordinator what it leads and what is replicated, and lets it write markers."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    @cached_property
    def service(self) -> TransactionCoordinatorService:
        """The coordinator; imported and made with the first transaction, since a broker must start fast."""
        from kafka_conformance.reference_broker.transactions.service import TransactionCoordinatorService

        broker = self._broker
        return TransactionCoordinatorService(
            broker.env,
            transaction_settings(broker.config),
            broker.parts.transaction_parts(),
            leaders=Leaders(broker),
            new_producer_id=broker.producer_ids.next_id,
        )

    def shut_down(self) -> None:
        """Give up all transactional ids."""
        if self._is_needed:
            self.service.shut_down()

    @property
    def _is_needed(self) -> bool:
        return "service" in vars(self)

    def apply(self, old: MetadataImage, new: MetadataImage) -> None:
        """Follow the leadership of __transaction_state."""
        before, after = old.topics.get(TRANSACTION_STATE), new.topics.get(TRANSACTION_STATE)
        if before is after:
            return
        if before is not None and self._is_needed and (after is None or after.topic_id != before.topic_id):
            for state in before.partitions:
                self.service.resigned(state.partition)
        for state in () if after is None else after.partitions:
            if state.leader == self._broker.node_id:
                self._elected(state.partition, state.leader_epoch)
            elif self._is_needed:
                self.service.resigned(state.partition, state.leader_epoch)

    def _elected(self, index: int, leader_epoch: int) -> None:
        from kafka_conformance.reference_broker.replication.coordinator_log import PartitionCoordinatorLog

        replica = self._broker.partitions.get((TRANSACTION_STATE, index))
        if replica is not None:
            replica.on_high_watermark = partial(self.service.high_watermark_reached, index)
            self.service.elected(index, leader_epoch, PartitionCoordinatorLog(replica, self._broker.env.clock))


class Leaders:
    """Where the markers go (PartitionLeaders): to the leaders that this broker knows of."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def leader_of(self, partition: TopicPartition) -> int | None:
        """The node that leads a partition; -1 while none that can be reached does; None without such a partition."""
        state = self._broker.image.partition(*partition)
        if state is None:
            return None
        leader = self._broker.metadata.alive_broker(state.leader)
        return -1 if leader is None else leader.node_id

    def shares(self, partitions: list[TopicPartition]) -> Iterable[list[TopicPartition]]:
        """All in one request; one by one while there are faults, so that a rule holds back what it names alone."""
        return [[each] for each in partitions] if self._broker.faults.active else [partitions]

    async def write_markers(self, node_id: int, request: WriteTxnMarkersRequest) -> WriteTxnMarkersResponse | None:
        """Ask a broker; None where it does not answer."""
        try:
            answer: WriteTxnMarkersResponse = await self._broker.peers.ask(node_id, request, MARKERS_VERSION)
        except PeerError:
            return None
        return answer


def transaction_settings(config: BrokerConfig) -> TransactionSettings:
    """What the configuration says of transactions."""
    from kafka_conformance.reference_broker.transactions.settings import TransactionSettings

    return TransactionSettings(**{name: config.int(name.replace("_", ".")) for name in TransactionSettings._fields})
