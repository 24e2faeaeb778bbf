"""A controller over a list of records."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from kafka_conformance.protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreatableTopicResult,
    CreateTopicsRequest,
)
from kafka_conformance.reference_broker.config.departures import reference_config
from kafka_conformance.reference_broker.controller.controller import Controller
from kafka_conformance.reference_broker.controller.image import BrokerImage, MetadataImage
from kafka_conformance.reference_broker.environment import Environment


class StoppedClock:
    def now_ms(self) -> int:
        return 1_700_000_000_000

    def monotonic(self) -> float:
        return 0.0


class ListLog:
    """A metadata log in a list."""

    leader_epoch = 1

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.batches: list[int] = []

    def append(self, values: Sequence[bytes], now_ms: int) -> int:
        self.values += values
        self.batches.append(len(values))
        return len(self.values) - 1

    def read(self) -> Iterator[tuple[int, bytes]]:
        return iter(list(enumerate(self.values)))

    def close(self) -> None:
        pass


class Running:
    """A started controller with its log and what it published."""

    def __init__(
        self, brokers: int = 1, settings: Mapping[str, str] | None = None, log: ListLog | None = None, seed: int = 0
    ) -> None:
        self.log = log or ListLog()
        self.published: list[MetadataImage] = []
        env = Environment(cast(Any, None), StoppedClock(), random.Random(seed))
        config = reference_config(settings or {}, brokers=brokers)
        self.controller = Controller(env, config, "cluster", self.log, self.published.append)
        self.controller.start()
        for node_id in range(1, brokers + 1):
            self.controller.register_broker(BrokerImage(node_id, "localhost", 9000 + node_id))

    @property
    def image(self) -> MetadataImage:
        return self.controller.image

    def create(self, *topics: CreatableTopic, validate_only: bool = False) -> list[CreatableTopicResult]:
        request = CreateTopicsRequest(topics=list(topics), validate_only=validate_only)
        return self.controller.create_topics(request).topics


def topic(
    name: str = "orders", partitions: int = 1, replication_factor: int = 1, **configs: str | None
) -> CreatableTopic:
    """A topic of a request; the keywords are configurations with "_" for "."."""
    return CreatableTopic(
        name=name,
        num_partitions=partitions,
        replication_factor=replication_factor,
        configs=[CreatableTopicConfig(name=key.replace("_", "."), value=value) for key, value in configs.items()],
    )


def assigned(name: str, *replicas: list[int], first: int = 0) -> CreatableTopic:
    """A topic of a request that says where its partitions are."""
    assignments = [
        CreatableReplicaAssignment(partition_index=i, broker_ids=each) for i, each in enumerate(replicas, first)
    ]
    return CreatableTopic(name=name, num_partitions=-1, replication_factor=-1, assignments=assignments)
