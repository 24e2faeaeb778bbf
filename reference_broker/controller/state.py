"""What the metadata log says: durable state that records alone change, and the images made of it.

Source: the replay methods of ReplicationControlManager, ConfigurationControlManager, ClusterControlManager,
FeatureControlManager and ProducerIdControlManager.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, ClassVar

from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.controller.image import (
    BrokerImage,
    MetadataImage,
    PartitionImage,
    TopicImage,
)
from kafka_conformance.reference_broker.controller.records import (
    NO_LEADER_CHANGE,
    BrokerRegistrationChangeRecord,
    ClearElrRecord,
    ConfigRecord,
    FeatureLevelRecord,
    MetadataRecord,
    NoOpRecord,
    PartitionChangeRecord,
    PartitionRecord,
    ProducerIdsRecord,
    RegisterBrokerRecord,
    RemoveTopicRecord,
    TopicRecord,
    UnregisterBrokerRecord,
)
from kafka_conformance.reference_broker.controller.resources import ResourceType


class MetadataState:
    """The replayed metadata log. `apply` alone changes it; `image` is what is published."""

    def __init__(self, cluster_id: str, controller_id: int) -> None:
        self._image = MetadataImage(cluster_id, controller_id)
        self._partitions: dict[Uuid, list[PartitionImage]] = {}
        self._touched: dict[Uuid, None] = {}
        """In the order of the log: a set of ids would have another order in each process."""
        self._topics: dict[str, TopicImage] = {}
        self._names: dict[Uuid, str] = {}
        self._brokers: dict[int, BrokerImage] = {}
        self._configs: dict[tuple[int, str], dict[str, str]] = {}
        self._features: dict[str, int] = {}
        self.next_producer_id = 0
        self.broker_epochs: dict[int, int] = {}

    def apply(self, record: MetadataRecord) -> None:
        """Change the state as the record says. Raises KeyError where a record names what is not there."""
        self._APPLY[type(record)](self, record)

    def image(self, offset: int) -> MetadataImage:
        """Return the state at that offset of the log; what did not change since the last image is shared with it."""
        for topic_id in [each for each in self._touched if each in self._names]:
            name = self._names[topic_id]
            self._topics[name] = TopicImage(name, topic_id, tuple(self._partitions[topic_id]))
        self._touched.clear()
        self._image = MetadataImage(
            cluster_id=self._image.cluster_id,
            controller_id=self._image.controller_id,
            offset=offset,
            brokers=MappingProxyType(dict(self._brokers)),
            topics=MappingProxyType(dict(self._topics)),
            topic_names=MappingProxyType(dict(self._names)),
            configs=MappingProxyType({key: MappingProxyType(dict(each)) for key, each in self._configs.items()}),
            features=MappingProxyType(dict(self._features)),
        )
        return self._image

    def _register_broker(self, record: RegisterBrokerRecord) -> None:
        endpoint = record.end_points[0]
        self.broker_epochs[record.broker_id] = record.broker_epoch
        self._brokers[record.broker_id] = BrokerImage(
            record.broker_id,
            endpoint.host,
            endpoint.port,
            record.rack,
            record.fenced,
            record.in_controlled_shutdown,
            record.broker_epoch,
        )

    def _unregister_broker(self, record: UnregisterBrokerRecord) -> None:
        del self._brokers[record.broker_id]
        self.broker_epochs.pop(record.broker_id, None)

    def _change_registration(self, record: BrokerRegistrationChangeRecord) -> None:
        broker = self._brokers[record.broker_id]
        if record.fenced:
            broker = broker._replace(fenced=record.fenced > 0)
        if record.in_controlled_shutdown:
            broker = broker._replace(in_controlled_shutdown=record.in_controlled_shutdown > 0)
        self._brokers[record.broker_id] = broker

    def _add_topic(self, record: TopicRecord) -> None:
        self._names[record.topic_id] = record.name
        self._partitions[record.topic_id] = []
        self._touched[record.topic_id] = None

    def _add_partition(self, record: PartitionRecord) -> None:
        partitions = self._partitions[record.topic_id]
        # Records come in the order of a map in Kafka's logs; partitions stand in the order of their index
        position = len(partitions)
        while position and partitions[position - 1].partition > record.partition_id:
            position -= 1
        partitions.insert(position, _partition_image(record))
        self._touched[record.topic_id] = None

    def _change_partition(self, record: PartitionChangeRecord) -> None:
        partitions = self._partitions[record.topic_id]
        partitions[record.partition_id] = changed(partitions[record.partition_id], record)
        self._touched[record.topic_id] = None

    def _remove_topic(self, record: RemoveTopicRecord) -> None:
        name = self._names.pop(record.topic_id)
        del self._partitions[record.topic_id]
        self._topics.pop(name, None)
        self._configs.pop((ResourceType.TOPIC, name), None)

    def _set_config(self, record: ConfigRecord) -> None:
        resource = (record.resource_type, record.resource_name)
        settings = self._configs.setdefault(resource, {})
        if record.value is None:
            settings.pop(record.name, None)
        else:
            settings[record.name] = record.value
        if not settings:
            del self._configs[resource]

    def _set_feature(self, record: FeatureLevelRecord) -> None:
        if record.feature_level:
            self._features[record.name] = record.feature_level
        else:
            self._features.pop(record.name, None)

    def _set_producer_ids(self, record: ProducerIdsRecord) -> None:
        self.next_producer_id = record.next_producer_id

    def _clear_elr(self, record: ClearElrRecord) -> None:
        for topic_id, partitions in self._partitions.items():
            if record.topic_name in ("", self._names[topic_id]):
                partitions[:] = [each._replace(elr=(), last_known_elr=()) for each in partitions]
                self._touched[topic_id] = None

    def _do_nothing(self, record: NoOpRecord) -> None:
        pass

    _APPLY: ClassVar[dict[type[MetadataRecord], Callable[[MetadataState, Any], None]]] = {
        RegisterBrokerRecord: _register_broker,
        UnregisterBrokerRecord: _unregister_broker,
        BrokerRegistrationChangeRecord: _change_registration,
        TopicRecord: _add_topic,
        PartitionRecord: _add_partition,
        PartitionChangeRecord: _change_partition,
        RemoveTopicRecord: _remove_topic,
        ConfigRecord: _set_config,
        FeatureLevelRecord: _set_feature,
        ProducerIdsRecord: _set_producer_ids,
        ClearElrRecord: _clear_elr,
        NoOpRecord: _do_nothing,
    }


def _partition_image(record: PartitionRecord) -> PartitionImage:
    return PartitionImage(
        partition=record.partition_id,
        leader=record.leader,
        leader_epoch=record.leader_epoch,
        partition_epoch=record.partition_epoch,
        replicas=tuple(record.replicas),
        isr=tuple(record.isr),
        elr=tuple(record.eligible_leader_replicas or ()),
        last_known_elr=tuple(record.last_known_elr or ()),
        adding_replicas=tuple(record.adding_replicas),
        removing_replicas=tuple(record.removing_replicas),
        leader_recovery_state=record.leader_recovery_state,
    )


def changed(partition: PartitionImage, record: PartitionChangeRecord) -> PartitionImage:
    """What a change makes of a partition. Source: PartitionRegistration.merge."""

    def either(new: list[int] | None, old: tuple[int, ...]) -> tuple[int, ...]:
        return old if new is None else tuple(new)

    changes_leader = record.leader != NO_LEADER_CHANGE
    recovery = record.leader_recovery_state
    return partition._replace(
        leader=record.leader if changes_leader else partition.leader,
        leader_epoch=partition.leader_epoch + changes_leader,
        partition_epoch=partition.partition_epoch + 1,
        replicas=either(record.replicas, partition.replicas),
        isr=either(record.isr, partition.isr),
        elr=either(record.eligible_leader_replicas, partition.elr),
        last_known_elr=either(record.last_known_elr, partition.last_known_elr),
        adding_replicas=either(record.adding_replicas, partition.adding_replicas),
        removing_replicas=either(record.removing_replicas, partition.removing_replicas),
        leader_recovery_state=partition.leader_recovery_state if recovery < 0 else recovery,
    )
