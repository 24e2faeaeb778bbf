"""What becomes of partitions when brokers come, go, or fall behind: the records, without writing them.

Source: ReplicationControlManager.{generateLeaderAndIsrUpdates, handleBroker*, alterPartition, maybeElect*}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.config.topic import TopicConfig
from kafka_conformance.reference_broker.controller.assignments import is_active
from kafka_conformance.reference_broker.controller.decision import Decision
from kafka_conformance.reference_broker.controller.image import NO_LEADER, MetadataImage, PartitionImage, TopicImage
from kafka_conformance.reference_broker.controller.partition_change import (
    RECOVERED,
    RECOVERING,
    Election,
    PartitionChange,
)
from kafka_conformance.reference_broker.controller.records import (
    NO_LEADER_CHANGE,
    BrokerRegistrationChangeRecord,
    MetadataRecord,
    PartitionChangeRecord,
)
from kafka_conformance.reference_broker.controller.resources import ResourceType
from kafka_conformance.reference_broker.controller.state import changed

NO_BROKER = -1
NO_EPOCH = -1
_FENCE, _UNFENCE, _IN_CONTROLLED_SHUTDOWN = 1, -1, 1


class IsrProposal(NamedTuple):
    """A leader's wish to have another ISR: AlterPartition for one partition. The ISR comes with broker epochs."""

    broker_id: int
    broker_epoch: int
    topic_id: Uuid
    partition: int
    leader_epoch: int
    partition_epoch: int
    isr: dict[int, int]
    leader_recovery_state: int = RECOVERED


class IsrAnswer(NamedTuple):
    """What the controller says to it; without an error the partition as it is now."""

    error: ErrorCode
    partition: PartitionImage | None = None


class ReplicationControl:
    """Decides on one image. `change` is the class of a partition's change."""

    def __init__(self, image: MetadataImage, config: BrokerConfig, change: type[PartitionChange]) -> None:
        self.image = image
        self._config = config
        self._change = change

    # Settings of topics

    def _topic_config(self, topic: TopicImage) -> TopicConfig:
        return TopicConfig(self.image.configs.get((ResourceType.TOPIC, topic.name), {}), self._config)

    def min_isr(self, topic: TopicImage) -> int:
        """min.insync.replicas, capped by the number of replicas."""
        return min(self._topic_config(topic).int("min.insync.replicas"), len(topic.partitions[0].replicas))

    def allows_unclean_elections(self, topic: TopicImage) -> bool:
        """unclean.leader.election.enable."""
        return self._topic_config(topic).bool("unclean.leader.election.enable")

    def change(
        self,
        topic: TopicImage,
        partition: PartitionImage,
        *,
        election: Election | None = None,
        is_acceptable_leader: Callable[[int], bool] | None = None,
    ) -> PartitionChange:
        """Begin a change of a partition; without `election` the topic's settings say how far one may go."""
        if election is None:
            election = Election.UNCLEAN if self.allows_unclean_elections(topic) else Election.ONLINE
        accepts = is_acceptable_leader or self.is_active
        return self._change(topic.topic_id, partition, accepts, self.min_isr(topic), election)

    def is_active(self, node_id: int) -> bool:
        """Whether a broker may lead."""
        return is_active(self.image, node_id)

    # Brokers that come and go

    def fence(self, node_id: int) -> list[MetadataRecord]:
        """A broker is gone: it leaves each ISR, and others lead what it led."""
        registration = BrokerRegistrationChangeRecord(
            broker_id=node_id, broker_epoch=self.image.brokers[node_id].epoch, fenced=_FENCE
        )
        return [*self._updates(self._in_isr(node_id), remove=node_id), registration]

    def unfence(self, node_id: int) -> list[MetadataRecord]:
        """A broker is there: it leads what it may of the partitions that nobody leads."""
        registration = BrokerRegistrationChangeRecord(
            broker_id=node_id, broker_epoch=self.image.brokers[node_id].epoch, fenced=_UNFENCE
        )
        return [registration, *self._updates(self._leaderless(), add=node_id)]

    def begin_controlled_shutdown(self, node_id: int) -> list[MetadataRecord]:
        """A broker is about to stop: others lead what it leads."""
        broker = self.image.brokers[node_id]
        records: list[MetadataRecord] = []
        if not broker.in_controlled_shutdown:
            records.append(
                BrokerRegistrationChangeRecord(
                    broker_id=node_id, broker_epoch=broker.epoch, in_controlled_shutdown=_IN_CONTROLLED_SHUTDOWN
                )
            )
        return [*records, *self._updates(self._in_isr(node_id), remove=node_id)]

    def end_incarnation(self, node_id: int, *, clean: bool) -> list[MetadataRecord]:
        """A broker that was there before registers again. One that did not stop in order may have lost records, and
        is not eligible any more."""
        if clean:
            return [*self._updates(self._in_isr(node_id), remove=node_id)]
        concerned = [
            (topic, each)
            for topic in self.image.topics.values()
            for each in topic.partitions
            if node_id in each.isr or node_id in each.elr
        ]
        return [*self._updates(iter(concerned), unclean_shutdown=node_id)]

    def leads_anything(self, node_id: int) -> bool:
        """Whether a broker that wants to stop still leads."""
        return any(each.leader == node_id for topic in self.image.topics.values() for each in topic.partitions)

    def _in_isr(self, node_id: int) -> Iterator[tuple[TopicImage, PartitionImage]]:
        for topic in self.image.topics.values():
            for each in topic.partitions:
                if node_id in each.isr:
                    yield topic, each

    def _leaderless(self) -> Iterator[tuple[TopicImage, PartitionImage]]:
        for topic in self.image.topics.values():
            for each in topic.partitions:
                if each.leader == NO_LEADER:
                    yield topic, each

    def _updates(
        self,
        partitions: Iterator[tuple[TopicImage, PartitionImage]],
        *,
        remove: int = NO_BROKER,
        add: int = NO_BROKER,
        unclean_shutdown: int = NO_BROKER,
    ) -> Iterator[PartitionChangeRecord]:
        gone = (remove, unclean_shutdown)

        def is_acceptable(node_id: int) -> bool:
            return node_id not in gone and (node_id == add or self.is_active(node_id))

        for topic, partition in partitions:
            change = self.change(topic, partition, is_acceptable_leader=is_acceptable)
            change.isr = [node_id for node_id in partition.isr if node_id not in gone]
            if unclean_shutdown != NO_BROKER:
                change.unclean_shutdown = (unclean_shutdown,)
            record = change.build()
            if record is not None:
                yield record

    # What a leader wants

    def alter_isr(self, proposal: IsrProposal) -> Decision[IsrAnswer]:
        """Take a leader's ISR, if it speaks of the partition as it is now."""
        topic = self.image.topic_by_id(proposal.topic_id)
        if topic is None:
            return Decision(IsrAnswer(ErrorCode.UNKNOWN_TOPIC_ID))
        if not 0 <= proposal.partition < len(topic.partitions):
            return Decision(IsrAnswer(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
        partition = topic.partitions[proposal.partition]
        error = self.check_proposal(proposal, partition)
        if error is not ErrorCode.NONE:
            return Decision(IsrAnswer(error))
        change = self.change(topic, partition)
        change.isr = list(proposal.isr)
        change.recovery_state = proposal.leader_recovery_state
        record = change.build()
        if record is None:
            return Decision(IsrAnswer(ErrorCode.NONE, partition))
        if record.leader not in (proposal.broker_id, NO_LEADER_CHANGE):
            # It has completed a reassignment by which another broker leads
            return Decision(IsrAnswer(ErrorCode.NEW_LEADER_ELECTED), (record,))
        return Decision(IsrAnswer(ErrorCode.NONE, changed(partition, record)), (record,))

    def check_proposal(self, proposal: IsrProposal, partition: PartitionImage) -> ErrorCode:
        """Whether a leader may have that ISR. Source: validateAlterPartitionData."""
        sender = self.image.brokers.get(proposal.broker_id)
        if sender is None or sender.epoch != proposal.broker_epoch:
            return ErrorCode.STALE_BROKER_EPOCH
        if (proposal.leader_epoch, proposal.partition_epoch) != (partition.leader_epoch, partition.partition_epoch):
            return _epoch_error(proposal, partition)
        recovering = proposal.leader_recovery_state == RECOVERING
        if (
            proposal.broker_id != partition.leader
            or not set(proposal.isr) <= set(partition.replicas)
            or partition.leader not in proposal.isr
            or (recovering and (len(proposal.isr) > 1 or partition.leader_recovery_state == RECOVERED))
        ):
            return ErrorCode.INVALID_REQUEST
        eligible = all(self.may_join_isr(node_id, epoch) for node_id, epoch in proposal.isr.items())
        return ErrorCode.NONE if eligible else ErrorCode.INELIGIBLE_REPLICA

    def may_join_isr(self, node_id: int, epoch: int) -> bool:
        """Whether a replica's broker is alive, and still the one that has fetched (KIP-903)."""
        broker = self.image.brokers.get(node_id)
        return broker is not None and broker.is_active and epoch in (NO_EPOCH, broker.epoch)

    # What the controller does by itself

    def preferred_elections(self) -> list[MetadataRecord]:
        """auto.leader.rebalance.enable: give partitions back to their preferred leaders."""
        changes = (
            self.change(topic, each, election=Election.PREFERRED).build()
            for topic in self.image.topics.values()
            for each in topic.partitions
            if each.leader != each.replicas[0]
        )
        return [record for record in changes if record is not None]

    def unclean_elections(self) -> list[MetadataRecord]:
        """Lead what nobody leads, where topics allow that records are lost by it."""
        changes = (
            self.change(topic, each, election=Election.UNCLEAN).build()
            for topic, each in self._leaderless()
            if self.allows_unclean_elections(topic)
        )
        return [record for record in changes if record is not None]


def _epoch_error(proposal: IsrProposal, partition: PartitionImage) -> ErrorCode:
    """In Kafka's order of checks."""
    if proposal.leader_epoch > partition.leader_epoch or proposal.partition_epoch > partition.partition_epoch:
        return ErrorCode.NOT_CONTROLLER
    if proposal.leader_epoch < partition.leader_epoch:
        return ErrorCode.FENCED_LEADER_EPOCH
    return ErrorCode.INVALID_REQUEST if proposal.broker_id != partition.leader else ErrorCode.INVALID_UPDATE_VERSION
