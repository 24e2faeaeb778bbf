"""AlterConfigs and IncrementalAlterConfigs."""

from __future__ import annotations

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.controller.alter_configs import Alteration, Operation, Resource
from kafka_conformance.reference_broker.controller.decision import NO_ERROR, ApiError
from kafka_conformance.reference_broker.controller.resources import ResourceType
from tests.reference_broker.controller.support import Running, topic

SET, DELETE, APPEND, SUBTRACT = Operation


@pytest.fixture
def cluster() -> Running:
    running = Running()
    running.create(topic("orders"))
    return running


def resource(kind: int, name: str, *alterations: tuple[str, int, str | None]) -> Resource:
    return Resource(kind, name, tuple(Alteration(*each) for each in alterations))


def orders(*alterations: tuple[str, int, str | None]) -> Resource:
    return resource(ResourceType.TOPIC, "orders", *alterations)


def alter(cluster: Running, *resources: Resource, validate_only: bool = False) -> list[ApiError]:
    return cluster.controller.incremental_alter_configs(1, resources, validate_only=validate_only)


def replace(cluster: Running, *resources: Resource) -> list[ApiError]:
    return cluster.controller.alter_configs(1, resources, validate_only=False)


def settings(cluster: Running, kind: int = ResourceType.TOPIC, name: str = "orders") -> dict[str, str]:
    return dict(cluster.image.configs.get((kind, name), {}))


def test_single_settings_are_set_and_deleted(cluster: Running) -> None:
    alter(cluster, orders(("retention.ms", SET, "1"), ("segment.ms", SET, "2")))
    assert settings(cluster) == {"retention.ms": "1", "segment.ms": "2"}

    alter(cluster, orders(("retention.ms", DELETE, None)))
    assert settings(cluster) == {"segment.ms": "2"}


def test_lists_grow_and_shrink(cluster: Running) -> None:
    alter(cluster, orders(("cleanup.policy", APPEND, "compact")))
    assert settings(cluster) == {"cleanup.policy": "delete,compact"}

    alter(cluster, orders(("cleanup.policy", APPEND, "compact")))
    assert settings(cluster) == {"cleanup.policy": "delete,compact"}

    alter(cluster, orders(("cleanup.policy", SUBTRACT, "delete")))
    assert settings(cluster) == {"cleanup.policy": "compact"}


def test_the_older_api_deletes_what_it_does_not_name(cluster: Running) -> None:
    alter(cluster, orders(("retention.ms", SET, "1"), ("segment.ms", SET, "2")))

    assert replace(cluster, orders(("segment.ms", SET, "3"))) == [NO_ERROR]

    assert settings(cluster) == {"segment.ms": "3"}


def test_the_older_api_knows_no_loggers(cluster: Running) -> None:
    wanted = resource(ResourceType.BROKER_LOGGER, "1", ("root", SET, "DEBUG"))

    assert replace(cluster, wanted) == [ApiError(ErrorCode.INVALID_REQUEST, "Unknown resource type 8")]


def test_validating_changes_nothing(cluster: Running) -> None:
    assert alter(cluster, orders(("retention.ms", SET, "1")), validate_only=True) == [NO_ERROR]

    assert settings(cluster) == {}


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        (orders(("no.such", SET, "1")), ErrorCode.INVALID_CONFIG, "Unknown topic config name: no.such"),
        (
            orders(("retention.ms", APPEND, "1")),
            ErrorCode.INVALID_CONFIG,
            "Can't APPEND to key retention.ms because its type is not LIST.",
        ),
        (
            orders(("no.such", SUBTRACT, "1")),
            ErrorCode.INVALID_CONFIG,
            "Can't SUBTRACT to key no.such because its type is not LIST.",
        ),
        (
            orders(("retention.ms", SET, "x")),
            ErrorCode.INVALID_CONFIG,
            "Invalid value x for configuration retention.ms: Not a number of type LONG",
        ),
        (
            orders(("retention.ms", SET, None), ("segment.ms", SET, None)),
            ErrorCode.INVALID_REQUEST,
            "Null value not supported for : retention.ms, segment.ms",
        ),
        (
            orders(("retention.ms", SET, "1"), ("retention.ms", SET, "2")),
            ErrorCode.INVALID_REQUEST,
            "Error due to duplicate config keys",
        ),
        (
            resource(ResourceType.TOPIC, "x", ("retention.ms", SET, "1")),
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            "The topic 'x' does not exist.",
        ),
        (
            resource(ResourceType.TOPIC, "x", ("no.such", SET, "1")),
            ErrorCode.INVALID_CONFIG,
            "Unknown topic config name: no.such",
        ),
        (
            resource(ResourceType.TOPIC, "a b", ("retention.ms", SET, "1")),
            ErrorCode.INVALID_TOPIC_EXCEPTION,
            (
                "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, "
                "'.', '_' and '-'"
            ),
        ),
        (
            resource(ResourceType.TOPIC, "", ("retention.ms", SET, "1")),
            ErrorCode.INVALID_REQUEST,
            "Default topic resources are not allowed.",
        ),
        (resource(3, "x", ("a", SET, "1")), ErrorCode.INVALID_REQUEST, "Unknown resource type 3"),
        (
            resource(ResourceType.BROKER, "2", ("message.max.bytes", SET, "1")),
            ErrorCode.INVALID_REQUEST,
            "Unexpected broker id, expected 1, but received 2",
        ),
        (
            resource(ResourceType.BROKER, "one", ("message.max.bytes", SET, "1")),
            ErrorCode.INVALID_REQUEST,
            "Node id must be an integer, but it is: one",
        ),
        (
            resource(ResourceType.BROKER, "1", ("message.max.bytes", 9, "1")),
            ErrorCode.INVALID_REQUEST,
            "Unknown operations type 9",
        ),
        (
            resource(ResourceType.BROKER, "", ("num.partitions", SET, "1")),
            ErrorCode.INVALID_REQUEST,
            "Cannot update these configs dynamically: [num.partitions]",
        ),
        (
            resource(ResourceType.BROKER, "1", ("min.insync.replicas", SET, "2")),
            ErrorCode.INVALID_CONFIG,
            "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
        ),
        (
            resource(ResourceType.BROKER, "", ("min.insync.replicas", DELETE, None)),
            ErrorCode.INVALID_CONFIG,
            "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
        ),
        (
            resource(ResourceType.GROUP, "", ("consumer.session.timeout.ms", SET, "45000")),
            ErrorCode.INVALID_REQUEST,
            "Default group resources are not allowed.",
        ),
        (
            resource(ResourceType.GROUP, "g", ("no.such", SET, "1")),
            ErrorCode.INVALID_CONFIG,
            "Unknown group config name: no.such",
        ),
        (
            resource(ResourceType.CLIENT_METRICS, "m", ("no.such", SET, "1")),
            ErrorCode.INVALID_REQUEST,
            "Unknown client metrics configuration: no.such",
        ),
        (
            resource(ResourceType.BROKER, "", ("no.such", APPEND, "1")),
            ErrorCode.INVALID_CONFIG,
            "Unknown config name: no.such",
        ),
        (
            resource(ResourceType.BROKER, "", ("message.max.bytes", SUBTRACT, "1")),
            ErrorCode.INVALID_CONFIG,
            "Config value subtract is not allowed for config key: message.max.bytes",
        ),
        (
            resource(ResourceType.BROKER, "", ("num.io.threads", SET, "17")),
            ErrorCode.INVALID_REQUEST,
            (
                "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation "
                "failed for num.io.threads=17, value should not be greater than double the current value 8 for "
                "configuration Invalid dynamic configuration"
            ),
        ),
        (
            resource(ResourceType.BROKER, "1", ("listeners", SET, "PLAINTEXT://:1")),
            ErrorCode.INVALID_REQUEST,
            "listeners is not supported by the reference broker while it runs",
        ),
        (
            resource(ResourceType.CLIENT_METRICS, "m", ("metrics", APPEND, "a")),
            ErrorCode.INVALID_CONFIG,
            "Can't APPEND to key metrics because its type is not LIST.",
        ),
        (
            resource(ResourceType.BROKER_LOGGER, "2", ("root", SET, "DEBUG")),
            ErrorCode.INVALID_REQUEST,
            "Unexpected node id. Expected 1, but received 2",
        ),
        (
            resource(ResourceType.BROKER_LOGGER, "1", ("kafka.x", SET, "DEBUG")),
            ErrorCode.INVALID_CONFIG,
            "Logger kafka.x does not exist!",
        ),
    ],
)
def test_a_wrong_change_is_refused_in_kafkas_words(
    cluster: Running, wanted: Resource, code: ErrorCode, message: str
) -> None:
    before = len(cluster.log.values)

    assert alter(cluster, wanted) == [ApiError(code, message)]
    assert len(cluster.log.values) == before


def test_resources_change_one_by_one(cluster: Running) -> None:
    errors = alter(cluster, resource(ResourceType.TOPIC, "x"), orders(("retention.ms", SET, "1")))

    assert [error.code for error in errors] == [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.NONE]
    assert settings(cluster) == {"retention.ms": "1"}


def test_a_resource_changes_in_full_or_not_at_all(cluster: Running) -> None:
    alter(cluster, orders(("retention.ms", SET, "1"), ("segment.ms", SET, "0")))

    assert settings(cluster) == {}


def test_a_resource_that_comes_twice_is_refused_both_times(cluster: Running) -> None:
    wanted = orders(("retention.ms", SET, "1"))

    refused = ApiError(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once.")
    assert alter(cluster, wanted, wanted) == [refused, refused]


def test_an_unknown_operation_on_a_topic_fails_the_whole_request(cluster: Running) -> None:
    errors = alter(cluster, orders(("retention.ms", 9, "1")), resource(ResourceType.GROUP, "g"))

    assert [error.code for error in errors] == [ErrorCode.UNKNOWN_SERVER_ERROR] * 2


def test_a_brokers_setting_reaches_the_topics_that_do_not_set_it(cluster: Running) -> None:
    alter(cluster, resource(ResourceType.BROKER, "", ("message.max.bytes", SET, "7")))
    assert cluster.controller.config.int("message.max.bytes") == 7

    alter(cluster, resource(ResourceType.BROKER, "1", ("message.max.bytes", SET, "8")))
    assert cluster.controller.config.int("message.max.bytes") == 8
    assert cluster.controller.config_of(2).int("message.max.bytes") == 7


def test_a_brokers_record_is_written_even_if_nothing_changes(cluster: Running) -> None:
    wanted = resource(ResourceType.BROKER, "1", ("message.max.bytes", SET, "8"))
    alter(cluster, wanted)
    before = len(cluster.log.values)

    alter(cluster, wanted)

    assert len(cluster.log.values) == before + 1


def test_a_group_that_is_not_there_yet_can_have_settings(cluster: Running) -> None:
    wanted = resource(ResourceType.GROUP, "g", ("consumer.session.timeout.ms", SET, "50000"))

    assert alter(cluster, wanted) == [NO_ERROR]
    assert settings(cluster, ResourceType.GROUP, "g") == {"consumer.session.timeout.ms": "50000"}
