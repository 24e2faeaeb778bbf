"""The configuration of one topic: its own settings, else the broker's synonyms, else Kafka's defaults.

Source: LogConfig, KafkaConfig.extractLogConfigMap, ServerTopicConfigSynonyms.
"""

from __future__ import annotations

from collections.abc import Mapping

from kafka_conformance.reference_broker.config.broker import BrokerConfig, ConfigSource, SetBy
from kafka_conformance.reference_broker.config.definitions import definitions
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.settings import Settings
from kafka_conformance.reference_broker.config.values import Value, default_value, parse


class TopicConfig(Settings):
    """A topic's effective settings by Kafka's topic names (`retention.ms`). Immutable."""

    __slots__ = ("_broker", "overrides")

    def __init__(self, overrides: Mapping[str, str], broker: BrokerConfig) -> None:
        super().__init__(definitions("topic"), overrides)
        self.overrides = overrides
        self._broker = broker

    def _fallback(self, name: str) -> Value:
        definition = self._definitions[name]
        for synonym in definition.synonyms:
            value = self._broker.value(synonym.name)
            if value is not None:
                return _converted(name, value, synonym.factor)
        return default_value(definition)

    def set_by(self, name: str) -> list[SetBy]:
        """Return the places that set `name`, the one that wins first."""
        synonyms = self._definitions[name].synonyms
        found = self._broker.set_by(synonyms[0].name) if synonyms else []
        if name in self.overrides:
            found.insert(0, SetBy(name, self.overrides[name], ConfigSource.TOPIC_CONFIG))
        return found

    def values(self) -> dict[str, Value]:
        """Return all effective values by name, as a log takes them."""
        return {name: self.value(name) for name in self.names}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that DescribeConfigs lists for a topic, sorted."""
        return public_names(self.overrides)


def public_names(overrides: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of all topic configurations but internal ones, and of those that are set, sorted."""
    known = definitions("topic")
    return tuple(sorted({name for name, each in known.items() if not each.internal} | set(overrides)))


def _converted(name: str, value: Value, factor: int) -> Value:
    if factor != 1:
        assert isinstance(value, int)
        value *= factor
    if name == "retention.ms" and isinstance(value, int) and value < 0:
        return -1  # KafkaConfig.logRetentionTimeMillis
    return value


def validate_topic_config(settings: Mapping[str, str], broker: BrokerConfig) -> None:
    """Hold a topic's settings against Kafka's rules. Raises ConfigError. Source: LogConfig.validate."""
    known = definitions("topic")
    for name in settings:
        if name not in known:
            raise ConfigError(f"Unknown topic config name: {name}", name=name)
    for name, text in settings.items():
        parse(known[name], text)
    config = TopicConfig(settings, broker)
    least, most = config.int("min.compaction.lag.ms"), config.int("max.compaction.lag.ms")
    if least > most:
        raise ConfigError(
            f"conflict topic config setting min.compaction.lag.ms ({least}) > max.compaction.lag.ms ({most})"
        )
    if config.bool("remote.storage.enable"):
        # Tiered storage is off in a broker without remote.log.storage.system.enable, which is not supported here
        raise ConfigError(
            "Tiered Storage functionality is disabled in the broker. "
            "Topic cannot be configured with remote log storage."
        )
