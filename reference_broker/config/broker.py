"""The configuration of one broker: static settings under dynamic ones, as Kafka layers them.

Source: KafkaConfig, DynamicBrokerConfig (overrideProps), KIP-226.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple

from kafka_conformance.reference_broker.config.consistency import check_consistency
from kafka_conformance.reference_broker.config.definitions import definitions
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.settings import Settings
from kafka_conformance.reference_broker.config.synonyms import broker_synonyms
from kafka_conformance.reference_broker.config.values import parse

_NONE: Mapping[str, str] = {}


class ConfigSource(IntEnum):
    """Where a value comes from, numbered as DescribeConfigs shows it."""

    TOPIC_CONFIG = 1
    DYNAMIC_BROKER_CONFIG = 2
    DYNAMIC_DEFAULT_BROKER_CONFIG = 3
    STATIC_BROKER_CONFIG = 4
    DEFAULT_CONFIG = 5
    DYNAMIC_BROKER_LOGGER_CONFIG = 6
    CLIENT_METRICS_CONFIG = 7
    GROUP_CONFIG = 8


class SetBy(NamedTuple):
    """One place that gives a configuration a value."""

    name: str
    value: str | None
    source: ConfigSource


class BrokerConfig(Settings):
    """A broker's settings by Kafka's names. Immutable: changes make another one.

    `settings` are the static ones (server.properties and what stands in for it); the dynamic ones are the broker's
    own and those of the whole cluster. Raises ConfigError for a name that Kafka does not know and for a value or a
    combination that it refuses.
    """

    __slots__ = ("cluster_dynamic", "dynamic", "static")

    def __init__(
        self,
        settings: Mapping[str, str] = _NONE,
        *,
        dynamic: Mapping[str, str] = _NONE,
        cluster_dynamic: Mapping[str, str] = _NONE,
    ) -> None:
        known = definitions("broker")
        for name, text in settings.items():
            if name not in known:
                raise ConfigError(f"Unknown config name: {name}{_suggestion(name, known)}", name=name)
            parse(known[name], text)
        self.static: Mapping[str, str] = dict(settings)
        self.dynamic = _applicable(dynamic)
        self.cluster_dynamic = _applicable(cluster_dynamic)
        super().__init__(known, _overlay(self.static, self.cluster_dynamic, self.dynamic))
        check_consistency(self, self._set)

    def with_dynamic(self, dynamic: Mapping[str, str], cluster_dynamic: Mapping[str, str]) -> BrokerConfig:
        """Return these static settings under other dynamic ones: the broker's own, and the cluster's."""
        if dynamic == self.dynamic and cluster_dynamic == self.cluster_dynamic:
            return self
        return BrokerConfig(self.static, dynamic=dynamic, cluster_dynamic=cluster_dynamic)

    def with_static(self, settings: Mapping[str, str]) -> BrokerConfig:
        """Return this configuration with some static settings added or replaced."""
        static = {**self.static, **settings}
        return BrokerConfig(static, dynamic=self.dynamic, cluster_dynamic=self.cluster_dynamic)

    def for_node(self, node_id: int) -> BrokerConfig:
        """Return this configuration as that node has it: Kafka sets both names of the id."""
        return self.with_static({"node.id": str(node_id), "broker.id": str(node_id)})

    def set_by(self, name: str) -> list[SetBy]:
        """Return every place that sets `name` or a weaker synonym of it, the one that wins first.

        A password's value is there too: whoever shows it must leave it out.
        """
        names = broker_synonyms(name)
        found: list[SetBy] = []
        for settings, source in (
            (self.dynamic, ConfigSource.DYNAMIC_BROKER_CONFIG),
            (self.cluster_dynamic, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG),
            (self.static, ConfigSource.STATIC_BROKER_CONFIG),
        ):
            found += (SetBy(each, settings[each], source) for each in names if each in settings)
        found += self._defaults(names)
        # Kafka: "drop listener overrides when describing base config"; drops stronger synonyms too
        while found and found[0].name != name:
            found.pop(0)
        return found

    def _defaults(self, names: Iterable[str]) -> Iterable[SetBy]:
        for name in names:
            if name in self._definitions and (default := self._definitions[name].default) is not None:
                yield SetBy(name, default, ConfigSource.DEFAULT_CONFIG)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that DescribeConfigs lists for a broker, sorted: all but internal ones, which it must be asked."""
        public = {name for name, each in self._definitions.items() if not each.internal}
        return tuple(sorted(public | {*self.static, *self.dynamic, *self.cluster_dynamic}))


def _suggestion(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # only an error needs it

    close = get_close_matches(name, known, n=1, cutoff=0.7)
    return f". Did you mean {close[0]}?" if close else ""


def _overlay(static: Mapping[str, str], *dynamic: Mapping[str, str]) -> dict[str, str]:
    """Put dynamic settings over static ones; each takes away what weaker synonyms of it say."""
    effective = dict(static)
    for settings in dynamic:
        for name, value in settings.items():
            for synonym in broker_synonyms(name):
                effective.pop(synonym, None)
            effective[name] = value
    return effective


def _applicable(dynamic: Mapping[str, str]) -> Mapping[str, str]:
    """Return what a broker applies of dynamic settings: unknown names are kept for show, static ones ignored.

    Source: DynamicBrokerConfig.fromPersistentProps.
    """
    if not dynamic:
        return _NONE
    known = definitions("broker")
    return {name: value for name, value in dynamic.items() if name not in known or known[name].note}
