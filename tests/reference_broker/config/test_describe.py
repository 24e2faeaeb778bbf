"""What DescribeConfigs shows, held against what Apache Kafka 4.3.1 answered."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from kafka_conformance.reference_broker.config.broker import BrokerConfig, ConfigSource
from kafka_conformance.reference_broker.config.describe import (
    ConfigEntry,
    broker_entries,
    client_metrics_entries,
    cluster_entries,
    creation_entries,
    group_entries,
    topic_entries,
)
from kafka_conformance.reference_broker.config.group import GroupConfig
from kafka_conformance.reference_broker.config.topic import TopicConfig


class Described(NamedTuple):
    name: str
    type: str
    value: str
    source: int
    read_only: bool
    synonyms: str


def described_by_kafka(resource: str) -> list[Described]:
    rows = []
    for line in Path(__file__).with_name("described-by-kafka-4.3.1.tsv").read_text().splitlines()[1:]:
        kind, name, type_, value, source, read_only, synonyms = line.split("\t")
        if kind == resource:
            rows.append(Described(name, type_, value, int(source), bool(read_only), synonyms))
    return rows


def as_described(entry: ConfigEntry) -> Described:
    value = "(sensitive)" if entry.is_sensitive else entry.value or ""
    synonyms = ",".join(f"{each.name}@{each.source}" for each in entry.synonyms)
    return Described(entry.name, entry.type.name.lower(), value, entry.source, entry.read_only, synonyms)


# Eligible leader replicas (KIP-966) give the cluster a minimum of its own
KAFKA = BrokerConfig(cluster_dynamic={"min.insync.replicas": "1"})


def test_a_topic_is_described_as_kafka_describes_it() -> None:
    assert [as_described(entry) for entry in topic_entries(TopicConfig({}, KAFKA))] == described_by_kafka("topic")


def test_a_group_is_described_as_kafka_describes_it() -> None:
    assert [as_described(entry) for entry in group_entries(GroupConfig({}, KAFKA))] == described_by_kafka("group")


def test_a_broker_is_described_as_kafka_describes_it() -> None:
    expected = described_by_kafka("broker")

    found = [as_described(entry) for entry in broker_entries(KAFKA)]

    assert [row.name for row in found] == [row.name for row in expected]
    set_by_the_test = {row.name for row in expected if row.source == ConfigSource.STATIC_BROKER_CONFIG}
    assert [row for row in found if row.name not in set_by_the_test] == [
        row for row in expected if row.name not in set_by_the_test
    ]


def test_only_the_names_that_were_asked_for_are_shown_and_unknown_ones_left_out() -> None:
    entries = topic_entries(TopicConfig({}, KAFKA), ["retention.ms", "no.such.thing"])

    assert [entry.name for entry in entries] == ["retention.ms"]


def test_a_password_is_never_shown() -> None:
    config = BrokerConfig({"sasl.jaas.config": "secret"})

    (entry,) = broker_entries(config, ["sasl.jaas.config"])

    assert (entry.value, entry.is_sensitive, entry.source) == (None, True, ConfigSource.STATIC_BROKER_CONFIG)
    assert "secret" not in repr(entry)


def test_a_setting_of_unknown_type_is_taken_for_a_secret() -> None:
    (entry,) = cluster_entries(BrokerConfig(cluster_dynamic={"my.plugin.setting": "1"}))

    assert (entry.name, entry.value, entry.is_sensitive) == ("my.plugin.setting", None, True)


def test_the_cluster_shows_its_dynamic_settings_alone() -> None:
    config = BrokerConfig({"log.retention.ms": "1"}, cluster_dynamic={"log.retention.ms": "2"})

    (entry,) = cluster_entries(config)

    assert (entry.value, entry.source, len(entry.synonyms)) == ("2", ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, 1)


def test_a_groups_own_setting_has_its_own_source() -> None:
    config = GroupConfig({"consumer.session.timeout.ms": "50000"}, KAFKA)

    (entry,) = group_entries(config, ["consumer.session.timeout.ms"])

    assert (entry.value, [each.source for each in entry.synonyms]) == ("50000", [8, 5])


def test_client_metrics_are_described_with_their_defaults() -> None:
    entries = {entry.name: (entry.value, entry.source) for entry in client_metrics_entries({"interval.ms": "100"})}

    assert entries == {"interval.ms": ("100", 7), "match": ("", 5), "metrics": ("", 5)}


@pytest.mark.parametrize(
    ("overrides", "static", "value", "source"),
    [
        ({}, {}, "604800000", ConfigSource.DEFAULT_CONFIG),
        ({}, {"log.roll.hours": "1"}, "3600000", ConfigSource.STATIC_BROKER_CONFIG),
        ({"segment.ms": " 7"}, {"log.roll.hours": "1"}, " 7", ConfigSource.TOPIC_CONFIG),
    ],
)
def test_a_created_topic_shows_its_settings_as_they_were_written(
    overrides: dict[str, str], static: dict[str, str], value: str, source: ConfigSource
) -> None:
    entries = {entry.name: entry for entry in creation_entries(overrides, BrokerConfig(static))}

    assert len(entries) == 33
    assert (entries["segment.ms"].value, entries["segment.ms"].source) == (value, source)


def test_a_replication_quota_is_shown_although_no_file_can_set_it() -> None:
    config = BrokerConfig(dynamic={"leader.replication.throttled.rate": "100"})

    (entry,) = broker_entries(config, ["leader.replication.throttled.rate"])

    assert (entry.value, entry.is_sensitive, entry.type.name, entry.read_only) == ("100", False, "LONG", False)
