"""Connects the transaction coordinator of a broker with the partitions of __transaction_state that the broker leads.

Source: BrokerMetadataPublisher.onMetadataUpdate (txnCoordinator.onElection, onResignation)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.cluster.coordination import Coordination
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.controller.topic_names import TRANSACTION_STATE

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.write_txn_markers import WriteTxnMarkersRequest, WriteTxnMarkersResponse
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.transactions.metadata import TopicPartition
    from kafka_conformance.reference_broker.transactions.service import TransactionCoordinatorService
    from kafka_conformance.reference_broker.transactions.settings import TransactionSettings

MARKERS_VERSION = 2


class TransactionCoordination(Coordination["TransactionCoordinatorService"]):
    """Also lets it write markers."""

    topic = TRANSACTION_STATE

    def _make(self) -> TransactionCoordinatorService:
        from kafka_conformance.reference_broker.transactions.service import TransactionCoordinatorService

        broker = self._broker
        return TransactionCoordinatorService(
            broker.env,
            transaction_settings(broker.config),
            broker.parts.transaction_parts(),
            leaders=Leaders(broker),
            new_producer_id=broker.producer_ids.next_id,
        )


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
        from kafka_conformance.reference_broker.cluster.peers import PeerError  # with the first marker

        try:
            answer: WriteTxnMarkersResponse = await self._broker.peers.ask(node_id, request, MARKERS_VERSION)
        except PeerError:
            return None
        return answer


def transaction_settings(config: BrokerConfig) -> TransactionSettings:
    """What the configuration says of transactions."""
    from kafka_conformance.reference_broker.transactions.settings import TransactionSettings

    return TransactionSettings(**{name: config.int(name.replace("_", ".")) for name in TransactionSettings._fields})
