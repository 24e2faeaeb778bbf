"""The replicas that one broker keeps: made, changed and deleted as metadata images say.

Source: ReplicaManager.applyDelta, LogManager, DynamicTopicConfig handling (TopicConfigHandler).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.config.topic import TopicConfig
from kafka_conformance.reference_broker.controller.image import MetadataImage, TopicImage
from kafka_conformance.reference_broker.controller.resources import ResourceType
from kafka_conformance.reference_broker.log import LogConfig, TopicPartition
from kafka_conformance.reference_broker.log.log_directory import LogDirectory

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.replication.partition import Partition

_LOG_SETTINGS = tuple(name.replace("_", ".") for name in LogConfig._fields)
_NOTHING: Mapping[str, str] = {}


class Replicas:
    """The partitions of a broker, by topic and index."""

    def __init__(self, broker: Broker, logs: LogDirectory) -> None:
        self._broker = broker
        self._logs = logs
        self.partitions: dict[tuple[str, int], Partition] = {}

    def apply(self, old: MetadataImage, new: MetadataImage) -> None:
        """Go from one image to the next."""
        if old.offset < 0 and self._broker.replication is not None:
            self._logs.set_strays_aside(lambda stored, topic_id: self._is_kept(new, stored, topic_id))
        for name, topic in old.topics.items():
            current = new.topics.get(name)
            if current is None or current.topic_id != topic.topic_id:
                self._delete(topic)
        for name, topic in new.topics.items():
            if old.topics.get(name) is not topic:
                self._update(topic, new)
        if old.configs != new.configs:
            for name, topic in new.topics.items():
                self._configure(topic, self._topic_config(name, new))

    def close(self) -> None:
        """Stop to serve: whoever waits at a partition is told."""
        for partition in list(self.partitions.values()):
            partition.resign()
        self.partitions.clear()

    def _is_kept(self, image: MetadataImage, stored: TopicPartition, topic_id: bytes | None) -> bool:
        topic = image.topics.get(stored.topic)
        state = image.partition(stored.topic, stored.partition)
        if topic is None or state is None or self._broker.node_id not in state.replicas:
            return False
        return topic_id in (None, topic.topic_id)

    def _update(self, topic: TopicImage, image: MetadataImage) -> None:
        config: TopicConfig | None = None
        replication = self._broker.replication
        for state in topic.partitions:
            key = topic.name, state.partition
            partition = self.partitions.get(key)
            if self._broker.node_id not in state.replicas:
                if partition is not None:
                    self._remove(partition)
                continue
            if partition is None:
                config = config or self._topic_config(topic.name, image)
                partition = self.partitions[key] = self._create(topic, state.partition, config)
            partition.update(state)
            if replication is not None:
                replication.follow_leader(partition)

    def _create(self, topic: TopicImage, index: int, config: TopicConfig) -> Partition:
        broker = self._broker
        log = self._logs.open(
            TopicPartition(topic.name, index),
            _log_config(config),
            broker.env.clock.now_ms(),
            topic_id=topic.topic_id,
        )
        make = broker.parts.replica_parts().partition
        partition = make(topic.name, topic.topic_id, index, log, broker.node_id, broker.env.clock)
        partition.min_insync_replicas = config.int("min.insync.replicas")
        if broker.replication is not None:
            broker.replication.adopt(partition)
        return partition

    def _delete(self, topic: TopicImage) -> None:
        for state in topic.partitions:
            partition = self.partitions.get((topic.name, state.partition))
            if partition is not None:
                self._remove(partition)

    def _remove(self, partition: Partition) -> None:
        del self.partitions[partition.topic, partition.partition]
        if self._broker.replication is not None:
            self._broker.replication.unfollow(partition)
        partition.resign()
        self._logs.delete(partition.log.topic_partition)

    def _configure(self, topic: TopicImage, config: TopicConfig) -> None:
        for state in topic.partitions:
            partition = self.partitions.get((topic.name, state.partition))
            if partition is not None:
                partition.log.update_config(_log_config(config))
                partition.min_insync_replicas = config.int("min.insync.replicas")

    def _topic_config(self, name: str, image: MetadataImage) -> TopicConfig:
        return TopicConfig(image.configs.get((ResourceType.TOPIC, name), _NOTHING), self._broker.config)


def _log_config(config: TopicConfig) -> LogConfig:
    return LogConfig.of({name: config.value(name) for name in _LOG_SETTINGS})
