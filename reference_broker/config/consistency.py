"""Settings of a broker that must agree with one another.

Source: GroupCoordinatorConfig.validate, ShareGroupConfig.validate, KafkaConfig.validateValues.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.reference_broker.config.errors import ConfigError

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.config.settings import Settings


class Order(NamedTuple):
    """`low` is at most `high`, or below it where `strictly`; `subject` says which of them Kafka complains about."""

    low: str
    high: str
    complains_about_high: bool = False
    strictly: bool = False

    @property
    def message(self) -> str:
        """Kafka's text."""
        if self.complains_about_high:
            return f"{self.high} must be greater than or equal to {self.low}"
        return f"{self.low} must be less than {'' if self.strictly else 'or equal to '}{self.high}"


def _bounds(prefix: str, setting: str) -> Iterator[Order]:
    low, high, value = f"{prefix}.min.{setting}", f"{prefix}.max.{setting}", f"{prefix}.{setting}"
    yield Order(low, high, complains_about_high=True)
    yield Order(low, value, complains_about_high=True)
    yield Order(value, high)


def _group_orders() -> Iterator[Order]:
    for kind in ("consumer", "share", "streams"):
        prefix = f"group.{kind}"
        yield from _bounds(prefix, "heartbeat.interval.ms")
        yield from _bounds(prefix, "session.timeout.ms")
        yield Order(f"{prefix}.heartbeat.interval.ms", f"{prefix}.session.timeout.ms", strictly=True)
        yield from _bounds(prefix, "assignment.interval.ms")
    yield Order("group.streams.num.standby.replicas", "group.streams.max.standby.replicas")
    for setting in ("delivery.count.limit", "partition.max.record.locks", "record.lock.duration.ms"):
        value = f"group.share.{setting}"
        yield Order(value, f"group.share.max.{setting}", complains_about_high=True)
        yield Order(f"group.share.min.{setting}", value, complains_about_high=True)
    yield Order("group.share.max.size", "group.share.max.share.sessions", complains_about_high=True)


ORDERS = tuple(_group_orders())


def check_consistency(config: Settings, settings: Mapping[str, str]) -> None:
    """Check what `settings`, those that differ from Kafka's defaults, touch. Raises ConfigError."""
    if any(name.startswith("group.") for name in settings):
        for order in ORDERS:
            _check_order(config, order)
    protocols = "group.coordinator.rebalance.protocols"
    if protocols in settings and "classic" not in config.list(protocols):
        raise ConfigError("Disabling the 'CLASSIC' protocol is not supported.", name=protocols)
    if config.int("queued.max.request.bytes") > 0:
        _check_order(config, Order("socket.request.max.bytes", "queued.max.request.bytes", complains_about_high=True))
    if config.int("log.cleaner.min.compaction.lag.ms") > config.int("log.cleaner.max.compaction.lag.ms"):
        raise ConfigError("log.cleaner.min.compaction.lag.ms must not be more than log.cleaner.max.compaction.lag.ms")


def _check_order(config: Settings, order: Order) -> None:
    low, high = config.int(order.low), config.int(order.high)
    if low > high or (order.strictly and low == high):
        raise ConfigError(order.message, name=order.high if order.complains_about_high else order.low)
