"""The dynamic configuration of one group (resource type 32, KIP-848) and of client metrics (type 16, KIP-714).

Source: GroupConfig, ClientMetricsConfigs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.config.broker import BrokerConfig, ConfigSource, SetBy
from kafka_conformance.reference_broker.config.definitions import definitions
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.settings import Settings
from kafka_conformance.reference_broker.config.values import Value, default_value

_BOUNDED = (
    "consumer.heartbeat.interval.ms",
    "consumer.session.timeout.ms",
    "consumer.assignment.interval.ms",
    "share.heartbeat.interval.ms",
    "share.session.timeout.ms",
    "share.record.lock.duration.ms",
    "share.delivery.count.limit",
    "share.partition.max.record.locks",
    "share.assignment.interval.ms",
    "streams.heartbeat.interval.ms",
    "streams.session.timeout.ms",
    "streams.assignment.interval.ms",
)


class GroupConfig(Settings):
    """A group's effective settings (`consumer.session.timeout.ms`): its own, else the broker's. Immutable."""

    __slots__ = ("_broker", "overrides")

    def __init__(self, overrides: Mapping[str, str], broker: BrokerConfig) -> None:
        super().__init__(definitions("group"), overrides)
        self.overrides = overrides
        self._broker = broker

    def _fallback(self, name: str) -> Value:
        definition = self._definitions[name]
        synonyms = definition.synonyms
        return self._broker.value(synonyms[0].name) if synonyms else default_value(definition)

    def set_by(self, name: str) -> list[SetBy]:
        """Return the places that set `name`, the one that wins first."""
        definition = self._definitions[name]
        if definition.synonyms:
            found = self._broker.set_by(definition.synonyms[0].name)
        else:
            found = [SetBy(name, definition.default or "", ConfigSource.DEFAULT_CONFIG)]
        if name in self.overrides:
            found.insert(0, SetBy(name, self.overrides[name], ConfigSource.GROUP_CONFIG))
        return found


def validate_group_config(settings: Mapping[str, str], broker: BrokerConfig) -> None:
    """Hold a group's settings against Kafka's rules and the broker's bounds. Raises ConfigError."""
    known = definitions("group")
    for name in settings:
        if name not in known:
            raise ConfigError(f"Unknown group config name: {name}", name=name)
    config = GroupConfig(settings, broker)
    for name in known:
        config.value(name)
    for name in _BOUNDED:
        _check_bounds(config, broker, name)
    standby = config.int("streams.num.standby.replicas")
    if standby > broker.int("group.streams.max.standby.replicas"):
        raise ConfigError(
            "streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas"
        )
    for kind in ("consumer", "share", "streams"):
        if config.int(f"{kind}.session.timeout.ms") <= config.int(f"{kind}.heartbeat.interval.ms"):
            raise ConfigError(f"{kind}.session.timeout.ms must be greater than {kind}.heartbeat.interval.ms")


def _check_bounds(config: GroupConfig, broker: BrokerConfig, name: str) -> None:
    kind, _, setting = name.partition(".")
    low, high = f"group.{kind}.min.{setting}", f"group.{kind}.max.{setting}"
    if config.int(name) < broker.int(low):
        raise ConfigError(f"{name} must be greater than or equal to {low}", name=name)
    if config.int(name) > broker.int(high):
        raise ConfigError(f"{name} must be less than or equal to {high}", name=name)


_MATCH_PARAMETERS = (
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
)


def validate_client_metrics_config(name: str, settings: Mapping[str, str]) -> None:
    """Hold a client metrics subscription against Kafka's rules. Raises ConfigError."""
    if not name:
        raise ConfigError("Subscription name can't be empty", error_code=ErrorCode.INVALID_REQUEST)
    known = definitions("client-metrics")
    for key in settings:
        if key not in known:
            message = f"Unknown client metrics configuration: {key}"
            raise ConfigError(message, name=key, error_code=ErrorCode.INVALID_REQUEST)
    config = Settings(known, settings)
    interval = config.int("interval.ms")
    config.list("metrics")
    if not 100 <= interval <= 3_600_000:
        message = f"Invalid value {interval} for interval.ms, interval must be between 100 and 3600000 (1 hour)"
        raise ConfigError(message, name="interval.ms", error_code=ErrorCode.INVALID_REQUEST)
    for pattern in config.list("match"):
        _check_match_pattern(pattern)


def _check_match_pattern(pattern: str) -> None:
    parameter, _, expression = pattern.partition("=")
    try:
        valid = parameter.strip() in _MATCH_PARAMETERS and "=" not in expression and bool(re.compile(expression))
    except re.error:
        valid = False
    if not valid or not expression:
        raise ConfigError(f"Illegal client matching pattern: {pattern}", name="match")
