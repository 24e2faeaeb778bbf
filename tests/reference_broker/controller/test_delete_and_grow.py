"""DeleteTopics and CreatePartitions."""

from __future__ import annotations

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsTopic,
    CreatePartitionsTopicResult,
)
from kafka_conformance.protocol.messages.delete_topics import (
    DeletableTopicResult,
    DeleteTopicsRequest,
    DeleteTopicState,
)
from tests.reference_broker.controller.support import Running, assigned, topic

UNKNOWN_ID = bytes(15) + b"\x07"


@pytest.fixture
def cluster() -> Running:
    running = Running(brokers=2)
    running.create(topic("a", partitions=2, retention_ms="1"), topic("b"))
    return running


def delete(cluster: Running, *topics: DeleteTopicState) -> list[tuple[str | None, int, str | None]]:
    response = cluster.controller.delete_topics(DeleteTopicsRequest(topics=list(topics), timeout_ms=1), 6)
    return [(each.name, each.error_code, each.error_message) for each in response.responses]


def test_a_topic_is_deleted_by_name_with_its_configuration(cluster: Running) -> None:
    topic_id = cluster.image.topics["a"].topic_id

    response = cluster.controller.delete_topics(DeleteTopicsRequest(topic_names=["a"], timeout_ms=1), 5)

    assert response.responses == [DeletableTopicResult(name="a", topic_id=topic_id)]
    assert set(cluster.image.topics) == {"b"}
    assert topic_id not in cluster.image.topic_names
    assert (2, "a") not in cluster.image.configs


def test_a_topic_is_deleted_by_id(cluster: Running) -> None:
    topic_id = cluster.image.topics["a"].topic_id

    assert delete(cluster, DeleteTopicState(topic_id=topic_id)) == [("a", ErrorCode.NONE, None)]
    assert set(cluster.image.topics) == {"b"}


def test_a_topic_that_is_made_again_has_another_id(cluster: Running) -> None:
    before = cluster.image.topics["a"].topic_id
    delete(cluster, DeleteTopicState(name="a"))

    cluster.create(topic("a"))

    assert cluster.image.topics["a"].topic_id != before
    assert cluster.image.topic_by_id(before) is None


def test_what_is_not_there_is_said_by_name_and_by_id(cluster: Running) -> None:
    assert delete(cluster, DeleteTopicState(name="x"), DeleteTopicState(topic_id=UNKNOWN_ID)) == [
        (None, ErrorCode.UNKNOWN_TOPIC_ID, "This server does not host this topic ID."),
        ("x", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition."),
    ]


def test_neither_name_nor_id_and_both_are_refused(cluster: Running) -> None:
    both = DeleteTopicState(name="a", topic_id=cluster.image.topics["a"].topic_id)

    assert delete(cluster, DeleteTopicState(), both) == [
        (None, ErrorCode.INVALID_REQUEST, "Neither topic name nor id were specified."),
        ("a", ErrorCode.INVALID_REQUEST, "You may not specify both topic name and topic id."),
    ]
    assert "a" in cluster.image.topics


def test_a_topic_that_is_named_twice_stays(cluster: Running) -> None:
    assert delete(cluster, DeleteTopicState(name="a"), DeleteTopicState(name="a"), DeleteTopicState(name="b")) == [
        ("a", ErrorCode.INVALID_REQUEST, "Duplicate topic name."),
        ("b", ErrorCode.NONE, None),
    ]
    assert set(cluster.image.topics) == {"a"}


def test_a_topic_that_is_identified_twice_stays(cluster: Running) -> None:
    state = DeleteTopicState(topic_id=cluster.image.topics["a"].topic_id)

    assert delete(cluster, state, state) == [(None, ErrorCode.INVALID_REQUEST, "Duplicate topic id.")]
    assert "a" in cluster.image.topics


def test_a_topic_that_is_named_and_identified_stays(cluster: Running) -> None:
    by_id = DeleteTopicState(topic_id=cluster.image.topics["a"].topic_id)

    assert delete(cluster, by_id, DeleteTopicState(name="a")) == [
        ("a", ErrorCode.INVALID_REQUEST, "The provided topic name maps to an ID that was already supplied.")
    ]
    assert "a" in cluster.image.topics


@pytest.mark.parametrize(("version", "code"), [(2, ErrorCode.INVALID_REQUEST), (5, ErrorCode.TOPIC_DELETION_DISABLED)])
def test_topics_stay_where_deletion_is_disabled(version: int, code: ErrorCode) -> None:
    cluster = Running(settings={"delete.topic.enable": "false"})
    cluster.create(topic("a"))

    (result,) = cluster.controller.delete_topics(
        DeleteTopicsRequest(topic_names=["a"], timeout_ms=1), version
    ).responses

    assert (result.name, result.error_code, result.error_message) == ("a", code, None)
    assert "a" in cluster.image.topics


def grow(
    cluster: Running, *topics: CreatePartitionsTopic, validate_only: bool = False
) -> list[CreatePartitionsTopicResult]:
    request = CreatePartitionsRequest(topics=list(topics), validate_only=validate_only, timeout_ms=1)
    return cluster.controller.create_partitions(request).results


def test_a_topic_grows_and_its_old_partitions_stay_as_they_are(cluster: Running) -> None:
    before = cluster.image.topics["a"].partitions

    (result,) = grow(cluster, CreatePartitionsTopic(name="a", count=5, assignments=None))

    after = cluster.image.topics["a"].partitions
    assert (result.error_code, result.error_message) == (ErrorCode.NONE, None)
    assert after[:2] == before
    assert [(each.partition, each.leader_epoch) for each in after[2:]] == [(2, 0), (3, 0), (4, 0)]


def test_new_partitions_go_where_the_request_says(cluster: Running) -> None:
    assignments = [CreatePartitionsAssignment(broker_ids=[2]), CreatePartitionsAssignment(broker_ids=[1])]

    grow(cluster, CreatePartitionsTopic(name="a", count=4, assignments=assignments))

    assert [each.leader for each in cluster.image.topics["a"].partitions[2:]] == [2, 1]


def test_validating_a_growth_changes_nothing(cluster: Running) -> None:
    (result,) = grow(cluster, CreatePartitionsTopic(name="a", count=5, assignments=None), validate_only=True)

    assert result.error_code == ErrorCode.NONE
    assert len(cluster.image.topics["a"].partitions) == 2


@pytest.mark.parametrize(
    ("wanted", "code", "message"),
    [
        (CreatePartitionsTopic(name="x", count=2, assignments=None), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, None),
        (
            CreatePartitionsTopic(name="a", count=2, assignments=None),
            ErrorCode.INVALID_PARTITIONS,
            "Topic already has 2 partition(s).",
        ),
        (
            CreatePartitionsTopic(name="a", count=1, assignments=None),
            ErrorCode.INVALID_PARTITIONS,
            "The topic a currently has 2 partition(s); 1 would not be an increase.",
        ),
        (
            CreatePartitionsTopic(name="a", count=4, assignments=[CreatePartitionsAssignment(broker_ids=[1])]),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.",
        ),
        (CreatePartitionsTopic(name="a", count=10_003, assignments=None), ErrorCode.UNKNOWN_SERVER_ERROR, None),
        (
            CreatePartitionsTopic(name="a", count=3, assignments=[CreatePartitionsAssignment(broker_ids=[1, 2])]),
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            (
                "The manual partition assignment includes a partition with 2 replica(s), but this is not consistent "
                "with previous partitions, which have 1 replica(s)."
            ),
        ),
    ],
)
def test_a_topic_does_not_grow_in_a_wrong_way(
    cluster: Running, wanted: CreatePartitionsTopic, code: ErrorCode, message: str | None
) -> None:
    (result,) = grow(cluster, wanted)

    assert (result.error_code, result.error_message) == (code, message)
    assert len(cluster.image.topics["a"].partitions) == 2


def test_a_topic_that_is_to_grow_twice_does_not(cluster: Running) -> None:
    wanted = CreatePartitionsTopic(name="a", count=5, assignments=None)

    (result,) = grow(cluster, wanted, wanted)

    assert (result.error_code, result.error_message) == (ErrorCode.INVALID_REQUEST, "Duplicate topic name.")


def test_new_partitions_keep_the_replication_factor(cluster: Running) -> None:
    cluster.create(assigned("wide", [2, 1]))

    grow(cluster, CreatePartitionsTopic(name="wide", count=3, assignments=None))

    assert {frozenset(each.replicas) for each in cluster.image.topics["wide"].partitions} == {frozenset((1, 2))}


def test_a_request_that_allows_no_time_does_nothing(cluster: Running) -> None:
    deleted = cluster.controller.delete_topics(DeleteTopicsRequest(topic_names=["a", "x"], timeout_ms=0), 5)
    wanted = CreatePartitionsTopic(name="a", count=5, assignments=None)
    grown = cluster.controller.create_partitions(CreatePartitionsRequest(topics=[wanted], timeout_ms=0))

    assert [each.error_code for each in deleted.responses] == [ErrorCode.REQUEST_TIMED_OUT] * 2
    assert [each.error_code for each in grown.results] == [ErrorCode.REQUEST_TIMED_OUT]
    assert len(cluster.image.topics["a"].partitions) == 2
