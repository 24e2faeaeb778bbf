"""The group coordinator of a broker, and the partitions of __consumer_offsets that the broker leads.

Source: BrokerMetadataPublisher.onMetadataUpdate (groupCoordinator.onElection, onResignation, onMetadataUpdate).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.cluster.coordination import Coordination
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.topic_names import CONSUMER_OFFSETS

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.groups.service import GroupCoordinatorService
    from kafka_conformance.reference_broker.groups.settings import GroupSettings


class GroupCoordination(Coordination["GroupCoordinatorService"]):
    """Also tells it of topics that are gone."""

    topic = CONSUMER_OFFSETS

    def _make(self) -> GroupCoordinatorService:
        from kafka_conformance.reference_broker.groups.service import GroupCoordinatorService

        broker = self._broker
        return GroupCoordinatorService(broker.env, group_settings(broker.config), broker.parts.group_parts())

    def apply(self, old: MetadataImage, new: MetadataImage) -> None:
        """Follow the leadership of __consumer_offsets, and forget the offsets of topics that are gone."""
        super().apply(old, new)
        if not self._is_needed:
            return
        deleted = {
            name: each.topic_id
            for name, each in old.topics.items()
            if name not in new.topics or new.topics[name].topic_id != each.topic_id
        }
        if deleted:
            self.service.topics_deleted(deleted)


def group_settings(config: BrokerConfig) -> GroupSettings:
    """What the configuration says of groups."""
    from kafka_conformance.reference_broker.groups.settings import GroupSettings

    return GroupSettings(**{name: config.int(name.replace("_", ".")) for name in GroupSettings._fields})
