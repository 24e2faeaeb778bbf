"""The reference broker inside this process: what `reference:` and `sim:` have in common."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from typing_extensions import override

from kafka_conformance.harness.errors import TargetError, UsageError, did_you_mean
from kafka_conformance.harness.target import Address, Target
from kafka_conformance.reference_broker.cluster.cluster import Cluster
from kafka_conformance.reference_broker.config.departures import RACK_AWARE, reference_config
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.environment import Environment
from kafka_conformance.reference_broker.hosting.data_directory import DataDirectory
from kafka_conformance.reference_broker.parts import Parts
from kafka_conformance.reference_broker.storage import StorageError

T = TypeVar("T")

KAFKA_VERSION = "4.3"
"""Whose requirements the reference broker is held to."""
MOST_BROKERS = 100
SHARED_KEYS = ("brokers", "rf", "racks", "mutant")


@dataclass(frozen=True, slots=True)
class Options:
    """What stands behind the colon: brokers=3,rf=3,racks=a/b/c,mutant=NAME,data=DIR,NAME=VALUE with Kafka's names."""

    brokers: int = 1
    racks: tuple[str, ...] = ()
    """Of the brokers, in their order."""
    mutant: str | None = None
    data: Path | None = None
    seed: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def parse_options(argument: str, kind: str, *, keys: Sequence[str]) -> Options:
    """The options; `keys` are ours, a name with a dot is Kafka's. Raises UsageError."""
    found: dict[str, str] = {}
    settings: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in argument.split(","))):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise UsageError("expected an option", key=kind, value=part, allowed=f"{'=, '.join(keys)}=, NAME=VALUE")
        if name in keys:
            found[name] = value
        elif "." in name:
            settings[name] = value
        else:
            hint = did_you_mean(name, keys)
            raise UsageError(f"unknown option {name!r}.{hint}", key=kind, allowed=", ".join(keys))
    brokers = _number(found.get("brokers", "1"), "brokers", 1, MOST_BROKERS)
    if "rf" in found:
        factor = _number(found["rf"], "rf", 1, brokers)
        settings.setdefault("default.replication.factor", str(factor))
    return Options(
        brokers=brokers,
        racks=tuple(found["racks"].split("/")) if "racks" in found else (),
        mutant=found.get("mutant"),
        data=Path(found["data"]) if "data" in found else None,
        seed=_number(found["seed"], "seed", 0, 2**63 - 1) if "seed" in found else None,
        settings=settings,
    )


def _number(text: str, key: str, smallest: int, largest: int) -> int:
    number = int(text) if text.isdecimal() and len(text) < 20 else -1
    if not smallest <= number <= largest:
        raise UsageError("expected a number", key=key, value=text, allowed=f"{smallest} to {largest}")
    return number


class EmbeddedTarget(Target):
    """A cluster of the reference broker; those who extend it say on which loop it runs."""

    kafka_version = KAFKA_VERSION
    own_settings: ClassVar[Mapping[str, str]] = {}
    """What is not Kafka's default, unless it is set."""
    several_brokers_settings: ClassVar[Mapping[str, str]] = {
        "auto.leader.rebalance.enable": "false",  # a case is to move leaders, and nobody else every five minutes
        "offsets.topic.num.partitions": "5",  # 50 by default: who moves coordinators waits for all of them
        "transaction.state.log.num.partitions": "5",
        "replica.selector.class": RACK_AWARE,  # none by default
    }
    """The same where there are several brokers; each of them then has a rack of its own, unless racks are given."""
    link_latency: ClassVar[tuple[float, float]] = (0.0, 0.0)

    def __init__(self, name: str, options: Options) -> None:
        super().__init__(name)
        self.options = options
        self._cluster: Cluster | None = None
        several = {"pause", "isolate", "lasting-controller"} if options.brokers > 1 else set()
        nodes = {"three-nodes"} if options.brokers >= 3 else set()
        self.capabilities = frozenset({"kill", "restart", "mutants", "settings"} | several | nodes)
        several_settings = self.several_brokers_settings if options.brokers > 1 else {}
        settings = {**self.own_settings, **several_settings, **options.settings}
        try:
            self._config = reference_config(settings, brokers=options.brokers, in_memory=options.data is None)
        except ConfigError as error:
            raise UsageError(str(error), key=name) from None
        self.parts = _parts(options.mutant)

    @property
    @override
    def description(self) -> str:
        defect = f" with the defect {self.options.mutant}" if self.options.mutant else ""
        return f"the reference broker, {self.options.brokers} node{'s' * (self.options.brokers > 1)}{defect}"

    @property
    def cluster(self) -> Cluster:
        """The cluster itself, for those who may know which broker it is. Raises TargetError before `start`."""
        if self._cluster is None:
            raise TargetError("reach", f"{self.name} was not started")
        return self._cluster

    @property
    @override
    def bootstrap(self) -> Sequence[Address]:
        host = self.cluster.host
        running = [broker for broker in self.cluster.brokers.values() if broker.running]
        return [(host, broker.port) for broker in running or self.cluster.brokers.values()]

    @abstractmethod
    def environment(self) -> Environment:
        """The cluster's world; called once, after the loop is there."""

    @abstractmethod
    def call(self, work: Coroutine[Any, Any, T] | Callable[[], T]) -> T:
        """Runs something on the cluster's loop and returns its result."""

    @override
    def start(self) -> None:
        def build() -> Cluster:
            environment = self.environment()
            directory = self._data_directory(environment)
            return Cluster(
                self._config,
                environment,
                self.parts,
                directory,
                brokers=self.options.brokers,
                racks=self.options.racks or own_racks(self.options.brokers),
                link_latency=self.link_latency,
                cluster_id=None if directory is None else directory.cluster_id,
            )

        try:
            self._cluster = self.call(build)
            self.call(self._cluster.start())
        except (OSError, StorageError) as error:
            self.stop()
            raise TargetError("start", str(error)) from error

    @override
    def kill(self, node_id: int) -> None:
        self.call(self.cluster.kill(node_id))

    @override
    def restart(self, node_id: int) -> None:
        self.call(self.cluster.restart(node_id))

    @override
    def pause(self, node_id: int) -> None:
        self.call(lambda: self.cluster.pause(node_id))

    @override
    def resume(self, node_id: int) -> None:
        self.call(lambda: self.cluster.resume(node_id))

    @override
    def isolate(self, node_id: int) -> None:
        self.call(lambda: self.cluster.isolate(node_id))

    @override
    def join_again(self, node_id: int) -> None:
        self.call(lambda: self.cluster.heal(node_id))

    def _data_directory(self, environment: Environment) -> DataDirectory | None:
        directory = self.options.data
        return None if directory is None else DataDirectory(str(directory), environment.random)


def own_racks(brokers: int) -> tuple[str, ...]:
    """A rack for each of several brokers, none for a single one."""
    return tuple(f"rack-{number}" for number in range(1, brokers + 1)) if brokers > 1 else ()


def seeded(seed: int) -> random.Random:
    """Chance for a cluster in real time."""
    return random.Random(f"{seed} cluster")


def _parts(mutant: str | None) -> Parts:
    if mutant is None:
        return Parts()
    from kafka_conformance.reference_broker.mutants import MUTANTS

    if mutant not in MUTANTS:
        raise UsageError(f"no mutant {mutant!r}.{did_you_mean(mutant, MUTANTS)}", key="mutant")
    return MUTANTS[mutant].parts()
