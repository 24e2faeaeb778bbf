"""The table of configurations, and the values that Kafka takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.reference_broker.config.definitions import ConfigType, Definition, Synonym, definitions
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.values import Value, check, default_value, parse, to_text


def refusal(resource: str, name: str, text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        parse(definitions(resource)[name], text)
    return refused.value.message


def test_the_table_has_every_configuration_that_kafka_defines() -> None:
    sizes = {resource: len(definitions(resource)) for resource in ("broker", "topic", "group", "client-metrics")}

    assert sizes == {"broker": 360, "topic": 34, "group": 17, "client-metrics": 3}


@pytest.mark.parametrize("resource", ["broker", "quota", "topic", "group", "client-metrics"])
def test_every_default_is_a_value_of_its_type_that_kafka_takes(resource: str) -> None:
    for definition in definitions(resource).values():
        value = default_value(definition)
        if value is not None:
            check(definition, value)
            assert to_text(value) == definition.default


def test_a_topic_falls_back_on_broker_settings_in_kafkas_order_and_units() -> None:
    assert definitions("topic")["retention.ms"].synonyms == (
        Synonym("log.retention.ms"),
        Synonym("log.retention.minutes", 60_000),
        Synonym("log.retention.hours", 3_600_000),
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("num.partitions", " +7 ", 7),
        ("log.retention.ms", "-1", -1),
        ("delete.topic.enable", "FALSE", False),
        ("log.cleaner.min.cleanable.ratio", "5e-1", 0.5),
        ("log.cleaner.min.cleanable.ratio", ".25d", 0.25),
        ("log.cleanup.policy", "compact , delete", ("compact", "delete")),
        ("log.cleanup.policy", "delete,compact,delete", ("delete", "compact")),
        ("log.cleanup.policy", "", ()),
    ],
)
def test_values_are_read_as_java_reads_them(name: str, text: str, value: Value) -> None:
    assert parse(definitions("broker")[name], text) == value


@pytest.mark.parametrize(
    ("resource", "name", "text", "message"),
    [
        ("broker", "num.partitions", "0", "Invalid value 0 for configuration num.partitions: Value must be at least 1"),
        (
            "broker",
            "num.partitions",
            "1_0",
            "Invalid value 1_0 for configuration num.partitions: Not a number of type INT",
        ),
        (
            "broker",
            "num.partitions",
            "2147483648",
            "Invalid value 2147483648 for configuration num.partitions: Not a number of type INT",
        ),
        (
            "topic",
            "preallocate",
            "yes",
            "Invalid value yes for configuration preallocate: Expected value to be either true or false",
        ),
        (
            "topic",
            "min.cleanable.dirty.ratio",
            "1.5",
            "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
        ),
        (
            "topic",
            "cleanup.policy",
            "compact,shred",
            "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete",
        ),
        (
            "topic",
            "compression.gzip.level",
            "10",
            "Invalid value 10 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
        ),
        (
            "topic",
            "leader.replication.throttled.replicas",
            "0:1,x",
            (
                "Invalid value [0:1, x] for configuration leader.replication.throttled.replicas: "
                "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following "
                "format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."
            ),
        ),
        (
            "broker",
            "group.coordinator.rebalance.protocols",
            "",
            (
                "Configuration 'group.coordinator.rebalance.protocols' must not be empty. "
                "Valid values include: [consumer, classic, share, streams]"
            ),
        ),
        ("topic", "cleanup.policy", ",", "Configuration 'cleanup.policy' values must not be empty."),
        (
            "broker",
            "group.consumer.migration.policy",
            "sideways",
            (
                "Invalid value sideways for configuration group.consumer.migration.policy: String must be one of "
                "(case insensitive): BIDIRECTIONAL, DISABLED, DOWNGRADE, UPGRADE"
            ),
        ),
    ],
)
def test_a_wrong_value_is_refused_in_kafkas_words(resource: str, name: str, text: str, message: str) -> None:
    assert refusal(resource, name, text) == message


@pytest.mark.parametrize("text", ["latest", "earliest", "by_duration:PT1H", "by_duration:P1DT2H3M4.5S"])
def test_a_share_group_starts_at_an_end_or_at_an_age(text: str) -> None:
    assert parse(definitions("group")["share.auto.offset.reset"], text) == text


@pytest.mark.parametrize("text", ["none", "by_duration:", "by_duration:P", "by_duration:PT", "by_duration:1h"])
def test_a_share_group_starts_nowhere_else(text: str) -> None:
    assert "format 'by_duration:<PnDTnHnMn.nS>'" in refusal("group", "share.auto.offset.reset", text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_reads_back_from_the_text_that_kafka_shows(value: float) -> None:
    definition = Definition("x", ConfigType.DOUBLE, None, False, "", False, "")

    assert parse(definition, to_text(value) or "") == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5"), (1e7, "1.0E7"), (12345678.0, "1.2345678E7"), (1.7976931348623157e308, "1.7976931348623157E308")],
)
def test_doubles_are_shown_as_java_shows_them(value: float, text: str) -> None:
    assert to_text(value) == text
