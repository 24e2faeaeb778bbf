"""How the topics are made that Kafka makes itself.

Source: DefaultAutoTopicCreationManager.creatableTopic, GroupCoordinatorService.groupMetadataTopicConfigs,
TransactionStateManager.transactionTopicConfigs, ShareCoordinatorService.shareGroupStateTopicConfigs.
"""

from __future__ import annotations

from collections.abc import Mapping

from kafka_conformance.protocol.messages.create_topics import CreatableTopic, CreatableTopicConfig
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.controller.topic_names import (
    CONSUMER_OFFSETS,
    SHARE_GROUP_STATE,
    TRANSACTION_STATE,
)


def creatable_topic(name: str, config: BrokerConfig) -> CreatableTopic:
    """Return the request by which a broker has that topic created: an internal one, or one that a client named."""
    if name == CONSUMER_OFFSETS:
        return _internal(name, config, "offsets.topic", {"compression.type": "producer"})
    if name == TRANSACTION_STATE:
        settings = {
            "compression.type": "uncompressed",
            "unclean.leader.election.enable": "false",
            "min.insync.replicas": str(config.int("transaction.state.log.min.isr")),
        }
        return _internal(name, config, "transaction.state.log", settings)
    if name == SHARE_GROUP_STATE:
        settings = {
            "cleanup.policy": "delete",
            "compression.type": "producer",
            "min.insync.replicas": str(config.int("share.coordinator.state.topic.min.isr")),
            "retention.ms": "-1",
        }
        return _internal(name, config, "share.coordinator.state.topic", settings)
    return CreatableTopic(name=name, num_partitions=-1, replication_factor=-1)


def _internal(name: str, config: BrokerConfig, prefix: str, settings: Mapping[str, str]) -> CreatableTopic:
    segment_bytes = str(config.int(f"{prefix}.segment.bytes"))
    every = {"cleanup.policy": "compact", "segment.bytes": segment_bytes, **settings}
    return CreatableTopic(
        name=name,
        num_partitions=config.int(f"{prefix}.num.partitions"),
        replication_factor=config.int(f"{prefix}.replication.factor"),
        configs=[CreatableTopicConfig(name=key, value=value) for key, value in every.items()],
    )
