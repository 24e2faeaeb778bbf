"""What a broker says of its cluster, out of the metadata image that it has.

Source: KafkaApis.handleTopicMetadataRequest, KRaftMetadataCache.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.metadata import (
    MetadataRequestTopic,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.controller.image import (
    INTERNAL_TOPICS,
    NO_LEADER,
    BrokerImage,
    PartitionImage,
    TopicImage,
)
from kafka_conformance.reference_broker.controller.topic_names import why_invalid

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker

NO_CONTROLLER = -1

N = TypeVar("N", str, Uuid)


class MetadataView:
    """The metadata of one broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def alive_brokers(self) -> list[BrokerImage]:
        """The brokers that clients can reach."""
        return [broker for broker in self._broker.image.brokers.values() if not broker.fenced]

    def alive_broker(self, node_id: int) -> BrokerImage | None:
        """One broker, if clients can reach it."""
        found = self._broker.image.brokers.get(node_id)
        return None if found is None or found.fenced else found

    def brokers(self) -> list[MetadataResponseBroker]:
        """The brokers, as a Metadata response lists them."""
        return [
            MetadataResponseBroker(node_id=broker.node_id, host=broker.host, port=broker.port, rack=broker.rack)
            for broker in self.alive_brokers()
        ]

    def controller_id(self) -> int:
        """Some live broker: each forwards to the controller (KIP-590)."""
        alive = self.alive_brokers()
        return self._broker.env.random.choice(alive).node_id if alive else NO_CONTROLLER

    def asks_for_all(self, topics: Sequence[MetadataRequestTopic], version: int) -> bool:
        """Whether a list that is not null means all topics: version 0 had no null."""
        return version == 0 and not topics

    def distinct(self, asked: Iterable[N]) -> list[N]:
        """The names or ids that a request asks for, each once, in their order."""
        return list(dict.fromkeys(asked))

    def topic_by_id(self, topic_id: Uuid) -> TopicImage | None:
        """The topic that has the id now."""
        return self._broker.image.topic_by_id(topic_id)

    def topic(self, topic: TopicImage, version: int) -> MetadataResponseTopic:
        """A topic that is there."""
        return MetadataResponseTopic(
            name=topic.name,
            topic_id=topic.topic_id,
            is_internal=topic.is_internal,
            partitions=[self.partition(partition, version) for partition in topic.partitions],
        )

    def partition(self, partition: PartitionImage, version: int) -> MetadataResponsePartition:
        """A partition; brokers that are down are left out of version 0, and are no leaders."""
        replicas = self.shown_replicas(partition.replicas, version)
        isr = self.shown_replicas(partition.isr, version)
        leader = self.alive_broker(partition.leader)
        if leader is None:
            error = self.leaderless_error(partition, version)
        elif len(replicas) < len(partition.replicas) or len(isr) < len(partition.isr):
            error = ErrorCode.REPLICA_NOT_AVAILABLE
        else:
            error = ErrorCode.NONE
        return MetadataResponsePartition(
            error_code=error,
            partition_index=partition.partition,
            leader_id=NO_LEADER if leader is None else leader.node_id,
            leader_epoch=partition.leader_epoch,
            replica_nodes=replicas,
            isr_nodes=isr,
            offline_replicas=[node for node in partition.replicas if self.alive_broker(node) is None],
        )

    def leaderless_error(self, partition: PartitionImage, version: int) -> ErrorCode:
        """Why a partition has no leader: none is elected, or it cannot be reached (told from v6 on)."""
        if partition.leader in self._broker.image.brokers and version >= 6:
            return ErrorCode.LISTENER_NOT_FOUND
        return ErrorCode.LEADER_NOT_AVAILABLE

    def shown_replicas(self, nodes: Iterable[int], version: int) -> list[int]:
        """Replicas as a version lists them."""
        return [node for node in nodes if version > 0 or self.alive_broker(node) is not None]

    def unknown_topic(self, name: str) -> MetadataResponseTopic:
        """A topic that is not there."""
        valid = why_invalid(name) is None
        return MetadataResponseTopic(
            error_code=ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if valid else ErrorCode.INVALID_TOPIC_EXCEPTION,
            name=name,
            is_internal=name in INTERNAL_TOPICS,
        )

    def unknown_topic_id(self, topic_id: Uuid) -> MetadataResponseTopic:
        """A topic id that no topic has."""
        return MetadataResponseTopic(error_code=ErrorCode.UNKNOWN_TOPIC_ID, name=None, topic_id=topic_id)
