"""CreateTopics: Kafka's checks, in Kafka's order and words."""

from __future__ import annotations

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreateTopicsRequest,
)
from kafka_conformance.reference_broker.controller.image import BrokerImage
from tests.reference_broker.controller.support import Running, assigned, topic


@pytest.fixture
def cluster() -> Running:
    return Running()


def test_a_topic_gets_a_random_id_and_leaders_in_epoch_zero(cluster: Running) -> None:
    (result,) = cluster.create(topic(partitions=2))

    created = cluster.image.topics["orders"]
    assert (result.error_code, result.error_message) == (ErrorCode.NONE, None)
    assert result.topic_id == created.topic_id != bytes(16)
    assert cluster.image.topic_by_id(created.topic_id) == created
    assert [(each.partition, each.leader, each.leader_epoch, each.isr) for each in created.partitions] == [
        (0, 1, 0, (1,)),
        (1, 1, 0, (1,)),
    ]


def test_the_answer_lists_the_33_configurations_of_the_topic(cluster: Running) -> None:
    (result,) = cluster.create(topic(retention_ms="1"))

    configs = {each.name: (each.value, each.config_source) for each in result.configs or ()}
    assert len(configs) == 33
    assert configs["retention.ms"] == ("1", 1)
    assert configs["min.insync.replicas"] == ("1", 3)
    assert (result.num_partitions, result.replication_factor) == (1, 1)


def test_defaults_come_from_the_brokers_configuration() -> None:
    cluster = Running(brokers=2, settings={"num.partitions": "4", "default.replication.factor": "2"})

    (result,) = cluster.create(topic(partitions=-1, replication_factor=-1))

    assert (result.num_partitions, result.replication_factor) == (4, 2)


def test_validate_only_makes_nothing_and_answers_with_an_id(cluster: Running) -> None:
    before = len(cluster.log.values)

    (result,) = cluster.create(topic(), validate_only=True)

    assert (result.error_code, any(result.topic_id)) == (ErrorCode.NONE, True)
    assert (len(cluster.log.values), dict(cluster.image.topics)) == (before, {})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Topic name is invalid: the empty string is not allowed"),
        (".", "Topic name is invalid: '.' is not allowed"),
        ("..", "Topic name is invalid: '..' is not allowed"),
        (
            "a b",
            (
                "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, "
                "'.', '_' and '-'"
            ),
        ),
        ("x" * 250, f"Topic name is invalid: the length of '{'x' * 250}' is longer than the max allowed length 249"),
    ],
)
def test_an_invalid_name_is_refused(cluster: Running, name: str, message: str) -> None:
    (result,) = cluster.create(topic(name))

    assert (result.error_code, result.error_message) == (ErrorCode.INVALID_TOPIC_EXCEPTION, message)


def test_a_name_of_249_characters_is_taken(cluster: Running) -> None:
    assert cluster.create(topic("x" * 249))[0].error_code == ErrorCode.NONE


def test_names_that_differ_in_dot_and_underscore_collide(cluster: Running) -> None:
    cluster.create(topic("a.b"))

    (result,) = cluster.create(topic("a_b"))

    assert (result.error_code, result.error_message) == (
        ErrorCode.INVALID_TOPIC_EXCEPTION,
        "Topic 'a_b' collides with existing topic: a.b",
    )


def test_an_existing_topic_is_said_to_exist_before_anything_else(cluster: Running) -> None:
    cluster.create(topic("a.b"))

    (result,) = cluster.create(topic("a.b", partitions=0, no_such="1"))

    assert (result.error_code, result.error_message) == (
        ErrorCode.TOPIC_ALREADY_EXISTS,
        "Topic 'a.b' already exists.",
    )


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        (
            topic(partitions=0),
            ErrorCode.INVALID_PARTITIONS,
            "Number of partitions was set to an invalid non-positive value.",
        ),
        (
            topic(partitions=-2),
            ErrorCode.INVALID_PARTITIONS,
            "Number of partitions was set to an invalid non-positive value.",
        ),
        (
            topic(partitions=0, replication_factor=0),
            ErrorCode.INVALID_REPLICATION_FACTOR,
            "Replication factor must be larger than 0, or -1 to use the default value.",
        ),
        (
            topic(replication_factor=3),
            ErrorCode.INVALID_REPLICATION_FACTOR,
            (
                "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached "
                "because only 1 broker(s) are registered or some brokers have all their log directories cordoned."
            ),
        ),
        (topic(no_such="1"), ErrorCode.INVALID_CONFIG, "Unknown topic config name: no.such"),
        (
            topic(segment_bytes="1048575"),
            ErrorCode.INVALID_CONFIG,
            "Invalid value 1048575 for configuration segment.bytes: Value must be at least 1048576",
        ),
        (
            topic(retention_ms=None, segment_ms=None),
            ErrorCode.INVALID_CONFIG,
            "Null value not supported for topic configs: retention.ms,segment.ms",
        ),
        (
            topic(partitions=0, compression_gzip_level="10"),
            ErrorCode.INVALID_CONFIG,
            ("Invalid value 10 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1"),
        ),
        (
            topic(remote_storage_enable="true"),
            ErrorCode.INVALID_CONFIG,
            (
                "Tiered Storage functionality is disabled in the broker. "
                "Topic cannot be configured with remote log storage."
            ),
        ),
        (
            topic(cleanup_policy="compact" * 5000),
            ErrorCode.INVALID_CONFIG,
            "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.",
        ),
    ],
)
def test_a_wrong_request_is_refused_in_kafkas_words(
    cluster: Running, wanted: CreatableTopic, code: ErrorCode, message: str
) -> None:
    (result,) = cluster.create(wanted)

    assert (result.error_code, result.error_message) == (code, message)
    assert not cluster.image.topics


def with_counts(partitions: int, replication_factor: int) -> CreatableTopic:
    wanted = assigned("orders", [1])
    wanted.num_partitions, wanted.replication_factor = partitions, replication_factor
    return wanted


def twice() -> CreatableTopic:
    wanted = assigned("orders", [1])
    wanted.assignments.append(CreatableReplicaAssignment(partition_index=0, broker_ids=[1]))
    return wanted


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        (
            with_counts(-1, 1),
            ErrorCode.INVALID_REQUEST,
            "A manual partition assignment was specified, but replication factor was not set to -1.",
        ),
        (
            with_counts(1, -1),
            ErrorCode.INVALID_REQUEST,
            "A manual partition assignment was specified, but numPartitions was not set to -1.",
        ),
        (
            twice(),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            "Found multiple manual partition assignments for partition 0",
        ),
        (
            assigned("orders", []),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            "The manual partition assignment includes an empty replica list.",
        ),
        (
            assigned("orders", [9]),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            "The manual partition assignment includes broker 9, but no such broker is registered.",
        ),
        (
            assigned("orders", [2, 2]),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            "The manual partition assignment includes the broker 2 more than once.",
        ),
        (
            assigned("orders", [1, 2], [1]),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            (
                "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent "
                "with previous partitions, which have 2 replica(s)."
            ),
        ),
        (
            assigned("orders", [1], first=1),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            "partitions should be a consecutive 0-based integer sequence",
        ),
    ],
)
def test_a_wrong_manual_assignment_is_refused(wanted: CreatableTopic, code: ErrorCode, message: str) -> None:
    (result,) = Running(brokers=2).create(wanted)

    assert (result.error_code, result.error_message) == (code, message)


def test_a_manual_assignment_is_followed() -> None:
    cluster = Running(brokers=3)

    cluster.create(assigned("orders", [3, 1], [2, 3]))

    partitions = cluster.image.topics["orders"].partitions
    assert [(each.replicas, each.leader) for each in partitions] == [((3, 1), 3), ((2, 3), 2)]


def test_a_fenced_broker_gets_a_replica_but_is_neither_leader_nor_in_sync() -> None:
    cluster = Running(brokers=2)
    cluster.controller.register_broker(BrokerImage(1, "localhost", 9001, fenced=True))

    cluster.create(topic(replication_factor=2, partitions=3))

    assert {(each.leader, each.isr) for each in cluster.image.topics["orders"].partitions} == {(2, (2,))}
    (refused,) = cluster.create(assigned("other", [1]))
    assert refused.error_message == (
        "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled shutdown."
    )


def test_a_name_that_comes_twice_gets_one_answer_and_no_topic(cluster: Running) -> None:
    results = cluster.create(topic("a"), topic("b"), topic("a"))

    assert [(each.name, each.error_code, each.error_message) for each in results] == [
        ("b", ErrorCode.NONE, None),
        ("a", ErrorCode.INVALID_REQUEST, "Duplicate topic name."),
    ]
    assert set(cluster.image.topics) == {"b"}


def test_nobody_creates_the_metadata_topic(cluster: Running) -> None:
    (result,) = cluster.create(topic("__cluster_metadata"))

    assert (result.error_code, result.error_message) == (
        ErrorCode.INVALID_REQUEST,
        "Creation of internal topic __cluster_metadata is prohibited.",
    )


def test_more_than_ten_thousand_partitions_are_refused_for_all_topics(cluster: Running) -> None:
    results = cluster.create(topic("a", partitions=10_000), topic("b", partitions=1))

    assert {(each.error_code, each.error_message) for each in results} == {
        (ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request.")
    }


def test_ten_thousand_partitions_do_not_fit_into_one_operation_with_their_topic(cluster: Running) -> None:
    (result,) = cluster.create(topic("a", partitions=10_000))

    assert (result.error_code, result.error_message) == (
        ErrorCode.POLICY_VIOLATION,
        "Unable to perform excessively large batch operation.",
    )


def test_a_request_is_written_as_one_batch(cluster: Running) -> None:
    cluster.create(topic("a", partitions=3, retention_ms="1"), topic("b"))

    assert cluster.log.batches[-1] == 1 + 1 + 3 + 1 + 1


def test_the_offsets_topic_is_made_as_kafka_makes_it() -> None:
    cluster = Running(brokers=3)

    assert cluster.controller.ensure_internal_topic("__consumer_offsets").code == ErrorCode.NONE
    assert cluster.controller.ensure_internal_topic("__consumer_offsets").code == ErrorCode.NONE

    created = cluster.image.topics["__consumer_offsets"]
    assert created.is_internal
    assert (len(created.partitions), len(created.partitions[0].replicas)) == (50, 3)
    assert cluster.image.configs[2, "__consumer_offsets"] == {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": "104857600",
    }


def test_the_transaction_topic_keeps_its_records_on_enough_replicas() -> None:
    cluster = Running(brokers=3)

    cluster.controller.auto_create_topic("__transaction_state")

    assert cluster.image.configs[2, "__transaction_state"] == {
        "cleanup.policy": "compact",
        "compression.type": "uncompressed",
        "min.insync.replicas": "2",
        "segment.bytes": "104857600",
        "unclean.leader.election.enable": "false",
    }


def test_a_topic_that_a_client_asks_for_gets_the_defaults() -> None:
    cluster = Running(settings={"num.partitions": "3"})

    assert cluster.controller.auto_create_topic("orders").code == ErrorCode.NONE
    assert cluster.controller.auto_create_topic("orders").code == ErrorCode.TOPIC_ALREADY_EXISTS
    assert len(cluster.image.topics["orders"].partitions) == 3


def test_a_request_that_allows_no_time_is_timed_out(cluster: Running) -> None:
    request = CreateTopicsRequest(topics=[topic("a"), topic("a"), topic("a b")], timeout_ms=0)

    results = cluster.controller.create_topics(request).topics

    assert [(each.error_code, each.error_message) for each in results] == [(ErrorCode.REQUEST_TIMED_OUT, None)] * 3


def test_a_refusal_that_no_answer_can_carry_is_an_unknown_error(cluster: Running) -> None:
    (result,) = cluster.create(topic(cleanup_policy="c" * 32_767))

    assert (result.error_code, result.error_message) == (ErrorCode.UNKNOWN_SERVER_ERROR, None)
