"""The metadata of a cluster at one offset of the metadata log, as brokers see it. Immutable.

Source: org.apache.kafka.image.MetadataImage.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from kafka_conformance.protocol.primitives import Uuid

NO_LEADER = -1


class BrokerImage(NamedTuple):
    """A registered broker and where clients reach it."""

    node_id: int
    host: str
    port: int
    rack: str | None = None
    fenced: bool = False
    in_controlled_shutdown: bool = False
    epoch: int = -1
    """Of its registration: a broker that comes back has a higher one."""

    @property
    def is_active(self) -> bool:
        """Whether it may lead and be in sync (ClusterControlManager.isActive)."""
        return not self.fenced and not self.in_controlled_shutdown


class PartitionImage(NamedTuple):
    """The state of one partition. Any change of leader raises leader_epoch, every change partition_epoch."""

    partition: int
    leader: int
    leader_epoch: int
    partition_epoch: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    elr: tuple[int, ...] = ()
    last_known_elr: tuple[int, ...] = ()
    adding_replicas: tuple[int, ...] = ()
    removing_replicas: tuple[int, ...] = ()
    leader_recovery_state: int = 0
    """1 after an unclean election, until the next replica is in sync (KIP-704)."""


class TopicImage(NamedTuple):
    """A topic with its partitions, in order of their index."""

    name: str
    topic_id: Uuid
    partitions: tuple[PartitionImage, ...]

    @property
    def is_internal(self) -> bool:
        """Whether clients may not write it (org.apache.kafka.common.internals.Topic)."""
        return self.name in INTERNAL_TOPICS


INTERNAL_TOPICS = frozenset(("__consumer_offsets", "__transaction_state", "__share_group_state"))

_EMPTY: Mapping[Any, Any] = MappingProxyType({})


class MetadataImage(NamedTuple):
    """What a broker knows of its cluster. Configs are the dynamic ones only: (resource type, name) -> key -> value."""

    cluster_id: str
    controller_id: int
    offset: int = -1
    """Of the last metadata record applied; ApiVersions shows it as finalizedFeaturesEpoch."""
    brokers: Mapping[int, BrokerImage] = _EMPTY
    topics: Mapping[str, TopicImage] = _EMPTY
    topic_names: Mapping[Uuid, str] = _EMPTY
    configs: Mapping[tuple[int, str], Mapping[str, str]] = _EMPTY
    features: Mapping[str, int] = _EMPTY
    """Finalised feature levels, such as transaction.version."""

    def topic_by_id(self, topic_id: Uuid) -> TopicImage | None:
        """The topic with that id."""
        name = self.topic_names.get(topic_id)
        return None if name is None else self.topics.get(name)

    def partition(self, topic: str, partition: int) -> PartitionImage | None:
        """One partition's state; None where there is no such topic or partition."""
        found = self.topics.get(topic)
        if found is None or not 0 <= partition < len(found.partitions):
            return None
        return found.partitions[partition]
