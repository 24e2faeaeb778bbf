"""Which changes of a broker's configuration Kafka takes while it runs.

Source: DynamicBrokerConfig.validateConfigs, DynamicConfig.Broker (KIP-226).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.config.definitions import Definition, definitions
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.values import parse

_CLUSTER_LEVEL_LISTENER_CONFIGS = ("max.connections", "max.connection.creation.rate", "num.network.threads")
_SECURITY_PREFIXES = ("ssl.", "sasl.", "principal.builder.class")


def dynamic_definition(name: str) -> Definition | None:
    """Return the definition of a configuration that a running broker takes, None where it does not."""
    quota = definitions("quota")
    if name in quota:
        return quota[name]
    known = definitions("broker")
    return known[name] if name in known and known[name].note else None


def validate_dynamic_change(settings: Mapping[str, str], config: BrokerConfig, *, per_broker: bool) -> None:
    """Hold dynamic settings, all that a broker or the cluster would have, against Kafka's rules.

    Unknown names pass, as in Kafka. Raises ConfigError with INVALID_REQUEST (KAFKA-13609).
    """
    known = definitions("broker")
    static = [name for name in settings if name in known and dynamic_definition(name) is None]
    _refuse(static, "Cannot update these configs dynamically")
    security = [name for name in settings if name in known and name.startswith(_SECURITY_PREFIXES)]
    reason = "These security configs can be dynamically updated only per-listener using the listener prefix"
    _refuse(security, reason)
    try:
        for name, text in settings.items():
            if definition := dynamic_definition(name):
                parse(definition, text)
        if not per_broker:
            bound = [name for name in settings if _is_per_broker(name)]
            _refuse(bound, "Cannot update these configs at default cluster level, broker id must be specified")
        if per_broker:
            config.with_dynamic(settings, config.cluster_dynamic)
        else:
            config.with_dynamic(config.dynamic, settings)
    except ConfigError as refused:
        raise ConfigError(refused.message, name=refused.name, error_code=ErrorCode.INVALID_REQUEST) from None


def _is_per_broker(name: str) -> bool:
    if name.startswith("listener.name."):
        return name.split(".", 3)[-1] not in _CLUSTER_LEVEL_LISTENER_CONFIGS
    definition = dynamic_definition(name)
    return definition is not None and definition.note == "per-broker"


def _refuse(names: Iterable[str], reason: str) -> None:
    listed = ", ".join(names)
    if listed:
        raise ConfigError(f"{reason}: [{listed}]", error_code=ErrorCode.INVALID_REQUEST)
