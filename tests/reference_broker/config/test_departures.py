"""Where the reference broker departs from Kafka's configuration."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from kafka_conformance.reference_broker.config.definitions import definitions
from kafka_conformance.reference_broker.config.departures import (
    DEPARTURES,
    SUPPORT,
    Support,
    reference_config,
    support_of,
)
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.group import validate_client_metrics_config, validate_group_config
from kafka_conformance.reference_broker.controller.internal_topics import creatable_topic
from kafka_conformance.reference_broker.groups.settings import GroupSettings
from kafka_conformance.reference_broker.log import LogConfig
from kafka_conformance.reference_broker.transactions.settings import TransactionSettings

ROOT = Path(__file__).resolve().parents[3]


def test_the_table_says_of_every_broker_configuration_what_becomes_of_it() -> None:
    assert {support_of(name).support for name in definitions("broker")} == set(Support)


def test_every_pattern_of_the_table_decides_about_something() -> None:
    deciding = {
        next(pattern for pattern in support_of(name).patterns if fnmatchcase(name, pattern))
        for name in definitions("broker")
    }

    assert {pattern for row in SUPPORT for pattern in row.patterns} == deciding


def read_settings() -> set[str]:
    """The broker configurations that the reference broker's source names, as they are or through a topic's."""
    source = "".join(
        path.read_text() for path in (ROOT / "reference_broker").rglob("*.py") if path.name not in ("departures.py",)
    )
    named = {name for name in definitions("broker") if f'"{name}"' in source}
    for name, definition in definitions("topic").items():
        if f'"{name}"' in source or name.replace(".", "_") in LogConfig._fields:
            named |= {synonym.name for synonym in definition.synonyms}
    coordinators = GroupSettings._fields + TransactionSettings._fields
    named |= {name for name in definitions("broker") if name.replace(".", "_") in coordinators}
    config = reference_config({})
    for topic, prefix in (("__consumer_offsets", "offsets.topic."), ("__transaction_state", "transaction.state.log.")):
        assert creatable_topic(topic, config).num_partitions == config.int(f"{prefix}num.partitions")
        named |= {prefix + each for each in ("num.partitions", "replication.factor", "segment.bytes")}
    return named | {"inter.broker.listener.name"}


def test_every_honoured_configuration_is_read() -> None:
    honoured = {name for name in definitions("broker") if support_of(name).support is Support.HONOURED}

    assert honoured - read_settings() == set()


def test_every_departing_default_differs_from_kafkas() -> None:
    known = definitions("broker")

    assert [each.name for each in DEPARTURES if each.value(4) == known[each.name].default] == [
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
        "transaction.state.log.min.isr",
        "share.coordinator.state.topic.replication.factor",
        "share.coordinator.state.topic.min.isr",
    ]


@pytest.mark.parametrize(("brokers", "replicas", "min_isr"), [(1, 1, 1), (2, 2, 2), (3, 3, 2), (5, 3, 2)])
def test_internal_topics_get_as_many_replicas_as_there_are_brokers(brokers: int, replicas: int, min_isr: int) -> None:
    config = reference_config({}, brokers=brokers)

    assert config.int("offsets.topic.replication.factor") == replicas
    assert config.int("transaction.state.log.min.isr") == min_isr
    assert config.int("offsets.topic.num.partitions") == 50


def test_only_memory_is_bounded_by_default() -> None:
    assert reference_config({}, in_memory=True).int("log.retention.bytes") > 0
    assert reference_config({}, in_memory=False).int("log.retention.bytes") == -1


def test_a_users_setting_wins_over_a_departing_default() -> None:
    assert (
        reference_config({"group.initial.rebalance.delay.ms": "3000"}).int("group.initial.rebalance.delay.ms") == 3000
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ssl.keystore.location", "/a"),
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("remote.log.storage.system.enable", "true"),
        ("group.consumer.session.timeout.ms", "50000"),
        ("security.inter.broker.protocol", "SSL"),
    ],
)
def test_what_is_not_supported_is_refused_and_said_why(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name} is not supported by the reference broker: ."):
        reference_config({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("security.inter.broker.protocol", "PLAINTEXT"), ("num.network.threads", "9"), ("ssl.client.auth", "none")],
)
def test_kafkas_own_default_and_what_does_no_harm_is_accepted(name: str, value: str) -> None:
    assert reference_config({name: value}).text(name) == value


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"no.such": "1"}, "Unknown group config name: no.such"),
        (
            {"consumer.heartbeat.interval.ms": "4999"},
            "consumer.heartbeat.interval.ms must be greater than or equal to group.consumer.min.heartbeat.interval.ms",
        ),
        (
            {"share.record.lock.duration.ms": "60001"},
            "share.record.lock.duration.ms must be less than or equal to group.share.max.record.lock.duration.ms",
        ),
        (
            {"streams.num.standby.replicas": "3"},
            "streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas",
        ),
    ],
)
def test_a_groups_settings_stay_within_the_brokers_bounds(settings: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        validate_group_config(settings, reference_config({}))

    assert (refused.value.message, refused.value.error_code) == (message, 40)


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"x": "1"}, 42), ({"interval.ms": "99"}, 42), ({"match": "client_id"}, 40), ({"match": "client_id=("}, 40)],
)
def test_client_metrics_refuse_what_kafka_refuses(settings: dict[str, str], code: int) -> None:
    with pytest.raises(ConfigError) as refused:
        validate_client_metrics_config("s", settings)

    assert refused.value.error_code == code


def test_client_metrics_match_clients_by_expression() -> None:
    validate_client_metrics_config("s", {"match": "client_id=app-.*,client_software_name=x", "interval.ms": "100"})
