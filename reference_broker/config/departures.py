"""Where the reference broker departs from Kafka's configuration: one table of defaults, one of what is supported.

Defaults that depart stand in the static configuration, as if server.properties had set them, so that DescribeConfigs
tells the truth about them. A setting that is not honoured and would matter is refused: nothing is ignored silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple

from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.config.definitions import definitions
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.values import default_value, parse


class Departure(NamedTuple):
    """A default that is not Kafka's: its text for a cluster of that many brokers, and why."""

    name: str
    value: Callable[[int], str]
    why: str
    memory_only: bool = False


def _replicas(brokers: int) -> str:
    return str(min(3, brokers))


def _min_isr(brokers: int) -> str:
    return str(min(2, brokers))


DEPARTURES = (
    Departure("node.id", lambda brokers: "1", "Kafka has no default"),
    Departure("process.roles", lambda brokers: "broker,controller", "Kafka has no default"),
    Departure("controller.listener.names", lambda brokers: "CONTROLLER", "Kafka has no default"),
    Departure("group.initial.rebalance.delay.ms", lambda brokers: "0", "a test need not wait 3 s for its first group"),
    Departure("offsets.topic.replication.factor", _replicas, "as many as there are brokers, at most 3"),
    Departure("transaction.state.log.replication.factor", _replicas, "as many as there are brokers, at most 3"),
    Departure("transaction.state.log.min.isr", _min_isr, "2, or 1 where there is one broker"),
    Departure(
        "share.coordinator.state.topic.replication.factor",
        _replicas,
        "as many as there are brokers, at most 3",
    ),
    Departure("share.coordinator.state.topic.min.isr", _min_isr, "2, or 1 where there is one broker"),
    Departure("log.retention.bytes", lambda brokers: "268435456", "256 MiB a partition: memory is bounded", True),
    Departure("log.segment.bytes", lambda brokers: "67108864", "retention removes whole segments", True),
    Departure("log.retention.check.interval.ms", lambda brokers: "1000", "memory is bounded", True),
    Departure("log.cleaner.backoff.ms", lambda brokers: "1000", "a test need not wait 15 s for compaction"),
    Departure("log.segment.delete.delay.ms", lambda brokers: "0", "memory is bounded", True),
)


class Support(Enum):
    """What becomes of a setting that is given a value other than Kafka's default."""

    HONOURED = "honoured"
    WITHOUT_EFFECT = "accepted, without effect"
    REFUSED = "refused"


class Row(NamedTuple):
    """The configurations whose names match one of the patterns, what becomes of them, and why."""

    support: Support
    patterns: tuple[str, ...]
    why: str


RACK_AWARE = "org.apache.kafka.common.replica.RackAwareReplicaSelector"

# The first row that matches a name decides.
SUPPORT = (
    Row(
        Support.WITHOUT_EFFECT,
        (
            "log.cleaner.io.buffer.size",
            "log.cleaner.io.max.bytes.per.second",
            "log.preallocate",
        ),
        "how Kafka spends memory and disks",
    ),
    Row(Support.WITHOUT_EFFECT, ("transaction.state.log.load.buffer.size",), "how Kafka spends buffers"),
    Row(Support.HONOURED, ("replica.selector.class",), f"{RACK_AWARE} or none"),
    Row(
        Support.HONOURED,
        (
            "auto.leader.rebalance.enable",
            "broker.heartbeat.interval.ms",
            "broker.session.timeout.ms",
            "controlled.shutdown.enable",
            "leader.imbalance.check.interval.seconds",
            "replica.fetch.*",
            "replica.high.watermark.checkpoint.interval.ms",
            "replica.lag.time.max.ms",
            "replica.socket.timeout.ms",
            "unclean.leader.election.*",
        ),
        "",
    ),
    Row(Support.REFUSED, ("offsets.topic.compression.codec",), "offsets are written without compression"),
    Row(
        Support.HONOURED,
        (
            "add.partitions.to.txn.*",
            "auto.create.topics.enable",
            "broker.id",
            "broker.rack",
            "compression.*",
            "connections.max.idle.ms",
            "default.replication.factor",
            "delete.topic.enable",
            "fetch.max.bytes",
            "group.initial.rebalance.delay.ms",
            "group.max.session.timeout.ms",
            "group.max.size",
            "group.min.session.timeout.ms",
            "log.cleaner.*",
            "log.cleanup.policy",
            "log.dir",
            "log.dirs",
            "log.flush.interval.messages",
            "log.flush.interval.ms",
            "log.flush.scheduler.interval.ms",
            "log.index.interval.bytes",
            "log.index.size.max.bytes",
            "log.message.timestamp.*",
            "log.retention.*",
            "log.roll.*",
            "log.segment.bytes",
            "log.segment.delete.delay.ms",
            "max.incremental.fetch.session.cache.slots",
            "max.request.partition.size.limit",
            "message.max.bytes",
            "min.insync.replicas",
            "node.id",
            "num.partitions",
            "offset.metadata.max.bytes",
            "offsets.commit.timeout.ms",
            "offsets.retention.*",
            "offsets.topic.*",
            "producer.id.expiration.*",
            "request.timeout.ms",
            "socket.request.max.bytes",
            "transaction.abort.*",
            "transaction.max.timeout.ms",
            "transaction.partition.verification.enable",
            "transaction.remove.*",
            "transaction.state.log.*",
            "transactional.id.expiration.ms",
        ),
        "",
    ),
    Row(
        Support.HONOURED,
        ("advertised.listeners", "listeners", "listener.security.protocol.map", "inter.broker.listener.name"),
        "one PLAINTEXT listener; a controller's listener is read over, because the controller needs none",
    ),
    Row(
        Support.REFUSED,
        ("ssl.*", "sasl.*", "security.*", "principal.builder.class", "delegation.token.*", "connections.max.reauth.ms"),
        "no TLS, SASL or delegation tokens",
    ),
    Row(
        Support.REFUSED,
        ("*.class.name", "*.class", "*.reporters", "config.providers", "early.start.listeners"),
        "names Java code",
    ),
    Row(Support.REFUSED, ("remote.*", "follower.fetch.last.tiered.offset.enable"), "no tiered storage"),
    Row(Support.WITHOUT_EFFECT, ("log.local.retention.*",), "without tiered storage they mean nothing, in Kafka too"),
    Row(Support.WITHOUT_EFFECT, ("share.coordinator.*",), "there are no share groups to coordinate"),
    Row(
        Support.REFUSED,
        ("group.consumer.*", "group.share.*", "group.streams.*", "group.coordinator.rebalance.protocols"),
        "only groups of the classic protocol",
    ),
    Row(
        Support.REFUSED,
        (
            "cordoned.log.dirs",
            "max.connection.creation.rate",
            "max.connections",
            "max.connections.per.ip",
            "max.connections.per.ip.overrides",
            "transaction.two.phase.commit.enable",
            "unstable.*",
        ),
        "not supported",
    ),
    Row(
        Support.WITHOUT_EFFECT,
        (
            "*.threads",
            "num.*",
            "queued.max.*",
            "socket.*",
            "*.socket.*",
            "*.purgatory.*",
            "*.buffer.*",
            "*.linger.ms",
        ),
        "how Kafka spends threads, buffers and sockets",
    ),
    Row(
        Support.WITHOUT_EFFECT,
        ("kafka.metrics.*", "metrics.*", "telemetry.max.bytes", "*quota.window.*"),
        "there are no metrics, and quotas have no samples",
    ),
    Row(
        Support.WITHOUT_EFFECT,
        (
            "controller.*",
            "metadata.*",
            "process.roles",
            "internal.metadata.*",
            "initial.broker.registration.timeout.ms",
            "server.max.startup.time.ms",
        ),
        "the controller is part of the process and has no quorum",
    ),
    Row(
        Support.WITHOUT_EFFECT,
        ("connection.failed.authentication.delay.ms",),
        "when, not what",
    ),
    Row(
        Support.WITHOUT_EFFECT,
        (
            "log.dir.failure.timeout.ms",
            "log.flush.*.checkpoint.interval.ms",
            "log.initial.task.delay.ms",
        ),
        "when Kafka looks after its disks",
    ),
)


def support_of(name: str) -> Row:
    """Return the row that decides about a broker configuration. Raises KeyError for a name in no row."""
    for row in SUPPORT:
        if any(_matches(name, pattern) for pattern in row.patterns):
            return row
    raise KeyError(name)


def _matches(name: str, pattern: str) -> bool:
    """Whether a pattern, whose asterisks stand for any text, describes a name.

    (fnmatch compiles a regular expression for each: 3 ms of a start for the first setting that is given.)
    """
    first, *others = pattern.split("*")
    if not others:
        return name == pattern
    if not name.startswith(first):
        return False
    position = len(first)
    for each in others[:-1]:
        found = name.find(each, position)
        if found < 0:
            return False
        position = found + len(each)
    return name.endswith(others[-1], position)


def reference_defaults(brokers: int, *, in_memory: bool) -> dict[str, str]:
    """Return the defaults that depart from Kafka's, for a cluster of that many brokers."""
    return {each.name: each.value(brokers) for each in DEPARTURES if in_memory or not each.memory_only}


def reference_config(settings: Mapping[str, str], *, brokers: int = 1, in_memory: bool = True) -> BrokerConfig:
    """Return the static configuration of a reference cluster's brokers.

    Raises ConfigError for what Kafka refuses and for what the reference broker does not support.
    """
    config = BrokerConfig({**reference_defaults(brokers, in_memory=in_memory), **settings})
    for name in settings:
        check_supported(name, settings[name])
    return config


def check_supported(name: str, text: str) -> None:
    """Raise ConfigError where `text` asks for something that the reference broker does not do."""
    definition = definitions("broker")[name]
    row = support_of(name)
    if name == "replica.selector.class" and text not in ("", RACK_AWARE):
        raise ConfigError(f"{name} is not supported by the reference broker but for {RACK_AWARE}", name=name)
    if row.support is Support.REFUSED and parse(definition, text) != default_value(definition):
        raise ConfigError(f"{name} is not supported by the reference broker: {row.why}", name=name)
