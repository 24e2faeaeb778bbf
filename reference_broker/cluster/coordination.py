"""Connects the group coordinator of a broker with the partitions of __consumer_offsets that the broker leads.

Source: BrokerMetadataPublisher.onMetadataUpdate (groupCoordinator.onElection, onResignation, onMetadataUpdate).
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.internal_topics import CONSUMER_OFFSETS

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.groups.service import GroupCoordinatorService
    from kafka_conformance.reference_broker.groups.settings import GroupSettings


class GroupCoordination:
    """Tells the coordinator what it leads and what is replicated."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    @cached_property
    def service(self) -> GroupCoordinatorService:
        """The coordinator; imported and made with the first group, since a broker must start fast."""
        from kafka_conformance.reference_broker.groups.service import GroupCoordinatorService

        broker = self._broker
        return GroupCoordinatorService(broker.env, group_settings(broker.config), broker.parts.group_parts())

    def shut_down(self) -> None:
        """Give up all groups."""
        if self._is_needed:
            self.service.shut_down()

    @property
    def _is_needed(self) -> bool:
        return "service" in vars(self)

    def apply(self, old: MetadataImage, new: MetadataImage) -> None:
        """Follow the leadership of __consumer_offsets, and forget the offsets of topics that are gone."""
        topic = new.topics.get(CONSUMER_OFFSETS)
        if topic is not old.topics.get(CONSUMER_OFFSETS):
            for state in () if topic is None else topic.partitions:
                if state.leader == self._broker.node_id:
                    self._elected(state.partition, state.leader_epoch)
                elif self._is_needed:
                    self.service.resigned(state.partition, state.leader_epoch)
        if not self._is_needed:
            return
        deleted = {
            name: each.topic_id
            for name, each in old.topics.items()
            if name not in new.topics or new.topics[name].topic_id != each.topic_id
        }
        if CONSUMER_OFFSETS in deleted:
            for state in old.topics[CONSUMER_OFFSETS].partitions:
                self.service.resigned(state.partition)
        if deleted:
            self.service.topics_deleted(deleted)

    def _elected(self, index: int, leader_epoch: int) -> None:
        from kafka_conformance.reference_broker.replication.coordinator_log import PartitionCoordinatorLog

        replica = self._broker.partitions.get((CONSUMER_OFFSETS, index))
        if replica is not None:
            replica.on_high_watermark = partial(self.service.high_watermark_reached, index)
            self.service.elected(index, leader_epoch, PartitionCoordinatorLog(replica, self._broker.env.clock))


def group_settings(config: BrokerConfig) -> GroupSettings:
    """What the configuration says of groups."""
    from kafka_conformance.reference_broker.groups.settings import GroupSettings

    return GroupSettings(**{name: config.int(name.replace("_", ".")) for name in GroupSettings._fields})
