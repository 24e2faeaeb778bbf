"""A broker's settings: precedence, synonyms, and what must agree."""

from __future__ import annotations

import pytest

from kafka_conformance.reference_broker.config.broker import BrokerConfig, ConfigSource, SetBy
from kafka_conformance.reference_broker.config.dynamic import validate_dynamic_change
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.topic import TopicConfig, validate_topic_config


def test_a_dynamic_setting_of_the_broker_wins_over_the_clusters_and_that_over_a_static_one() -> None:
    static = {"message.max.bytes": "1"}

    assert BrokerConfig(static).int("message.max.bytes") == 1
    assert BrokerConfig(static, cluster_dynamic={"message.max.bytes": "2"}).int("message.max.bytes") == 2
    both = BrokerConfig(static, dynamic={"message.max.bytes": "3"}, cluster_dynamic={"message.max.bytes": "2"})
    assert both.int("message.max.bytes") == 3
    assert both.set_by("message.max.bytes") == [
        SetBy("message.max.bytes", "3", ConfigSource.DYNAMIC_BROKER_CONFIG),
        SetBy("message.max.bytes", "2", ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG),
        SetBy("message.max.bytes", "1", ConfigSource.STATIC_BROKER_CONFIG),
        SetBy("message.max.bytes", "1048588", ConfigSource.DEFAULT_CONFIG),
    ]


def test_a_dynamic_retention_in_milliseconds_takes_the_place_of_static_hours() -> None:
    config = BrokerConfig({"log.retention.hours": "1"}, cluster_dynamic={"log.retention.ms": "5"})

    assert TopicConfig({}, config).int("retention.ms") == 5


@pytest.mark.parametrize(
    ("settings", "retention_ms"),
    [
        ({}, 604_800_000),
        ({"log.retention.hours": "2"}, 7_200_000),
        ({"log.retention.hours": "2", "log.retention.minutes": "1"}, 60_000),
        ({"log.retention.hours": "2", "log.retention.minutes": "1", "log.retention.ms": "9"}, 9),
        ({"log.retention.minutes": "-1"}, -1),
        ({"log.retention.ms": "-5"}, -1),
    ],
)
def test_a_topics_retention_comes_from_the_finest_unit_that_the_broker_sets(
    settings: dict[str, str], retention_ms: int
) -> None:
    assert TopicConfig({}, BrokerConfig(settings)).int("retention.ms") == retention_ms


def test_static_hours_give_a_topic_its_value_but_no_source() -> None:
    """ConfigHelper looks for the first synonym's name only."""
    config = TopicConfig({}, BrokerConfig({"log.roll.hours": "3"}))

    assert config.text("segment.ms") == "10800000"
    assert config.set_by("segment.ms") == []


def test_a_topics_own_setting_wins() -> None:
    config = TopicConfig({"retention.ms": "1"}, BrokerConfig({"log.retention.ms": "2"}))

    assert config.values()["retention.ms"] == 1
    assert config.set_by("retention.ms") == [
        SetBy("retention.ms", "1", ConfigSource.TOPIC_CONFIG),
        SetBy("log.retention.ms", "2", ConfigSource.STATIC_BROKER_CONFIG),
        SetBy("log.retention.hours", "168", ConfigSource.DEFAULT_CONFIG),
    ]


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match=r"Unknown config name: num\.partition\. Did you mean num\.partitions\?"):
        BrokerConfig({"num.partition": "1"})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"group.consumer.min.heartbeat.interval.ms": "6000"},
            (
                "group.consumer.heartbeat.interval.ms must be greater than or equal to "
                "group.consumer.min.heartbeat.interval.ms"
            ),
        ),
        (
            {"group.streams.session.timeout.ms": "60001"},
            "group.streams.session.timeout.ms must be less than or equal to group.streams.max.session.timeout.ms",
        ),
        (
            {
                "group.share.max.heartbeat.interval.ms": "45000",
                "group.share.heartbeat.interval.ms": "45000",
            },
            "group.share.heartbeat.interval.ms must be less than group.share.session.timeout.ms",
        ),
        (
            {"group.coordinator.rebalance.protocols": "consumer"},
            "Disabling the 'CLASSIC' protocol is not supported.",
        ),
        (
            {"queued.max.request.bytes": "1"},
            "queued.max.request.bytes must be greater than or equal to socket.request.max.bytes",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        BrokerConfig(settings)

    assert refused.value.message == message


def test_minimum_lag_above_maximum_lag_is_refused_for_a_topic() -> None:
    with pytest.raises(ConfigError) as refused:
        validate_topic_config({"min.compaction.lag.ms": "2", "max.compaction.lag.ms": "1"}, BrokerConfig())

    assert refused.value.message == (
        "conflict topic config setting min.compaction.lag.ms (2) > max.compaction.lag.ms (1)"
    )


@pytest.mark.parametrize(
    ("settings", "per_broker", "message"),
    [
        ({"num.partitions": "2"}, True, "Cannot update these configs dynamically: [num.partitions]"),
        (
            {"ssl.keystore.type": "PEM"},
            True,
            (
                "These security configs can be dynamically updated only per-listener using the listener prefix: "
                "[ssl.keystore.type]"
            ),
        ),
        (
            {"listeners": "PLAINTEXT://:1"},
            False,
            "Cannot update these configs at default cluster level, broker id must be specified: [listeners]",
        ),
        (
            {"log.segment.bytes": "1"},
            False,
            "Invalid value 1 for configuration log.segment.bytes: Value must be at least 1048576",
        ),
        (
            {"leader.replication.throttled.rate": "-1"},
            True,
            "Invalid value -1 for configuration leader.replication.throttled.rate: Value must be at least 0",
        ),
    ],
)
def test_a_running_broker_refuses_these_changes(settings: dict[str, str], per_broker: bool, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        validate_dynamic_change(settings, BrokerConfig(), per_broker=per_broker)

    assert (refused.value.message, refused.value.error_code) == (message, 42)


def test_a_running_broker_takes_names_that_it_does_not_know() -> None:
    validate_dynamic_change({"my.plugin.setting": "1"}, BrokerConfig(), per_broker=False)

    config = BrokerConfig(cluster_dynamic={"my.plugin.setting": "1"})
    assert config.cluster_dynamic == {"my.plugin.setting": "1"}
