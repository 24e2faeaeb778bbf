"""Configurations as DescribeConfigs and CreateTopics show them: value, source, synonyms.

Source: ConfigHelper, ConfigHelperUtils, KafkaConfigSchema.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from kafka_conformance.reference_broker.config.broker import BrokerConfig, ConfigSource, SetBy
from kafka_conformance.reference_broker.config.definitions import ConfigType, Definition, definitions
from kafka_conformance.reference_broker.config.dynamic import dynamic_definition
from kafka_conformance.reference_broker.config.group import GroupConfig
from kafka_conformance.reference_broker.config.settings import Settings
from kafka_conformance.reference_broker.config.topic import TopicConfig, public_names


class ConfigEntry(NamedTuple):
    """One configuration of one resource. A sensitive value is None, in its synonyms too."""

    name: str
    value: str | None
    source: ConfigSource
    type: ConfigType
    read_only: bool = False
    is_sensitive: bool = False
    synonyms: tuple[SetBy, ...] = ()


Wanted = Collection[str] | None
"""The names that were asked for; None or none of them asks for all. Unknown names are left out."""


def _chosen(names: Iterable[str], wanted: Wanted) -> list[str]:
    return [name for name in names if not wanted or name in wanted]


def _entry(definition: Definition, value: str | None, set_by: Iterable[SetBy], read_only: bool = False) -> ConfigEntry:
    synonyms = tuple(set_by)
    source = synonyms[0].source if synonyms else ConfigSource.DEFAULT_CONFIG
    return ConfigEntry(definition.name, value, source, definition.type, read_only, False, synonyms)


def topic_entries(config: TopicConfig, wanted: Wanted = None) -> list[ConfigEntry]:
    """A topic's configurations, sorted by name."""
    known = definitions("topic")
    return [_entry(known[name], config.text(name), config.set_by(name)) for name in _chosen(config.names, wanted)]


def group_entries(config: GroupConfig, wanted: Wanted = None) -> list[ConfigEntry]:
    """A group's configurations, sorted by name."""
    known = definitions("group")
    return [_entry(known[name], config.text(name), config.set_by(name)) for name in _chosen(sorted(known), wanted)]


def client_metrics_entries(overrides: Mapping[str, str], wanted: Wanted = None) -> list[ConfigEntry]:
    """A client metrics subscription's configurations, sorted by name."""
    known = definitions("client-metrics")
    config = Settings(known, overrides)
    entries = []
    for name in _chosen(sorted(known), wanted):
        value = config.text(name)
        set_by = [SetBy(name, value or "", ConfigSource.CLIENT_METRICS_CONFIG)] if name in overrides else []
        entries.append(_entry(known[name], value, set_by))
    return entries


def broker_entries(config: BrokerConfig, wanted: Wanted = None) -> list[ConfigEntry]:
    """All configurations of one broker, sorted by name."""
    return [_broker_entry(config, name, config.set_by(name)) for name in _chosen(config.names, wanted)]


def cluster_entries(config: BrokerConfig, wanted: Wanted = None) -> list[ConfigEntry]:
    """The dynamic configurations of the whole cluster (the broker with the empty name), sorted by name."""
    entries = []
    for name in _chosen(sorted(config.cluster_dynamic), wanted):
        set_by = (each for each in config.set_by(name) if each.source is ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG)
        entry = _broker_entry(config, name, set_by)
        entries.append(entry if entry.is_sensitive else entry._replace(value=config.cluster_dynamic[name]))
    return entries


def _broker_entry(config: BrokerConfig, name: str, set_by: Iterable[SetBy]) -> ConfigEntry:
    dynamic = dynamic_definition(name)
    definition = dynamic or definitions("broker").get(name)
    synonyms = tuple(set_by)
    source = synonyms[0].source if synonyms else ConfigSource.DEFAULT_CONFIG
    if definition is None or definition.is_sensitive:  # what Kafka cannot tell the type of may be a secret
        kind = ConfigType.UNKNOWN if definition is None else definition.type
        hidden = tuple(each._replace(value=None) for each in synonyms)
        return ConfigEntry(name, None, source, kind, dynamic is None, True, hidden)
    value = config.text(name) if name in definitions("broker") else synonyms[0].value
    return ConfigEntry(name, value, source, definition.type, dynamic is None, False, synonyms)


def creation_entries(overrides: Mapping[str, str], broker: BrokerConfig) -> list[ConfigEntry]:
    """A new topic's configurations as CreateTopics answers them from version 5 on, sorted by name.

    Unlike DescribeConfigs it shows a setting as it was written, and finds sources through any synonym: a
    log.roll.hours in server.properties makes segment.ms a static one.
    """
    config = TopicConfig(overrides, broker)
    entries = []
    for name in public_names(overrides):
        definition = definitions("topic")[name]
        source = _creation_source(definition, overrides, broker)
        value = overrides[name] if name in overrides else config.text(name)
        entries.append(ConfigEntry(name, value, source, definition.type))
    return entries


def _creation_source(definition: Definition, overrides: Mapping[str, str], broker: BrokerConfig) -> ConfigSource:
    if definition.name in overrides:
        return ConfigSource.TOPIC_CONFIG
    names = [synonym.name for synonym in definition.synonyms]
    for settings, source in (
        (broker.dynamic, ConfigSource.DYNAMIC_BROKER_CONFIG),
        (broker.cluster_dynamic, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG),
        (broker.static, ConfigSource.STATIC_BROKER_CONFIG),
    ):
        if any(name in settings for name in names):
            return source
    return ConfigSource.DEFAULT_CONFIG
