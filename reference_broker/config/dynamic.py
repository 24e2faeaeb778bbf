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
_THREAD_POOLS = (
    "num.io.threads",
    "num.replica.fetchers",
    "num.recovery.threads.per.data.dir",
    "background.threads",
    "num.network.threads",
)
_FIXED_ADDRESSES = ("listeners", "listener.security.protocol.map")
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
        changed = (
            config.with_dynamic(settings, config.cluster_dynamic)
            if per_broker
            else config.with_dynamic(config.dynamic, settings)
        )
        _check_thread_pools(config, changed)
        _check_supported(settings)
    except ConfigError as refused:
        raise ConfigError(refused.message, name=refused.name, error_code=ErrorCode.INVALID_REQUEST) from None


def _check_thread_pools(current: BrokerConfig, changed: BrokerConfig) -> None:
    """A pool at most doubles or halves at a time. Source: DynamicThreadPool, SocketServer, LogCleaner."""
    for name in _THREAD_POOLS:
        before, after = current.int(name), changed.int(name)
        if before // 2 <= after <= before * 2:
            continue
        what = f"Dynamic thread count update validation failed for {name}={after}, value should"
        if after < before:
            raise _not_applicable(f"{what} be at least half the current value {before}")
        raise _not_applicable(f"{what} not be greater than double the current value {before}")
    before, after = current.int("log.cleaner.threads"), changed.int("log.cleaner.threads")
    if after == 0:
        raise ConfigError("/ by zero")  # the text of the Java exception: each thread gets a share of the buffer
    if after > before * 2:
        raise _not_applicable(f"Log cleaner threads cannot be increased to more than double the current value {before}")


def _not_applicable(why: str) -> ConfigError:
    """The text that comes of one Java exception being taken for the value of another."""
    cause = f"org.apache.kafka.common.config.ConfigException: {why}"
    return ConfigError(f"Invalid value {cause} for configuration Invalid dynamic configuration")


def _check_supported(settings: Mapping[str, str]) -> None:
    from kafka_conformance.reference_broker.config.departures import check_supported

    known = definitions("broker")
    for name, text in settings.items():
        if name in _FIXED_ADDRESSES:
            raise ConfigError(f"{name} is not supported by the reference broker while it runs", name=name)
        if name in known:
            check_supported(name, text)


def _is_per_broker(name: str) -> bool:
    if name.startswith("listener.name."):
        return name.split(".", 3)[-1] not in _CLUSTER_LEVEL_LISTENER_CONFIGS
    definition = dynamic_definition(name)
    return definition is not None and definition.note == "per-broker"


def _refuse(names: Iterable[str], reason: str) -> None:
    listed = ", ".join(names)
    if listed:
        raise ConfigError(f"{reason}: [{listed}]", error_code=ErrorCode.INVALID_REQUEST)
