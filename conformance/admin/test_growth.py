"""CreatePartitions: topics grow and never shrink."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.admin.changing import grow
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.harness.strategies import batches


def grown_to(topic, count):
    """Whether every node knows that many partitions, each with a leader."""
    return lambda: len(topic.refresh().partitions) == count


@checks("admin/growth/adds-empty-partitions")
@over_versions(ApiKey.CREATE_PARTITIONS)
def test_a_topic_grows_by_empty_partitions(cluster, version):
    with cluster.topic(partitions=1) as topic:
        expect(grow(cluster, topic.name, 3, version=version), "the error").equals(ErrorCode.NONE)

        cluster.eventually(grown_to(topic, 3), within_s=30, what="the topic has 3 partitions")
        expect(topic).is_empty(partition=2)
        expect(topic.produce([b"new"], partition=2)).acknowledged_at(0)


@checks("admin/growth/keeps-what-is-there")
@given(written=batches(), more=st.integers(1, 3))
def test_what_is_in_a_topic_stays_where_it_is(cluster, written, more):
    with cluster.topic(partitions=2) as topic:
        expect(topic.produce(written, partition=1)).acknowledged_at(0)

        expect(grow(cluster, topic.name, 2 + more), "the error").equals(ErrorCode.NONE)

        cluster.eventually(grown_to(topic, 2 + more), within_s=30, what="the topic has grown")
        expect(topic).holds_exactly(written, partition=1)
        expect(topic.produce(written, partition=1)).acknowledged_at(len(written))
        expect(topic.refresh().topic_id, "the id").equals(topic.id)


@checks("admin/growth/never-shrinks")
@given(count=st.integers(-2, 3), validate_only=st.booleans())
def test_fewer_partitions_and_as_many_are_refused(cluster, count, validate_only):
    with cluster.topic(partitions=3) as topic:
        error = grow(cluster, topic.name, count, validate_only=validate_only)

        expect(error, "the error").equals(ErrorCode.INVALID_PARTITIONS)
        expect(len(topic.refresh().partitions), "the number of partitions").equals(3)


@checks("admin/growth/validate-only-changes-nothing")
@given(count=st.integers(2, 5))
def test_validate_only_adds_nothing(cluster, count):
    with cluster.topic(partitions=1) as topic:
        expect(grow(cluster, topic.name, count, validate_only=True), "the error").equals(ErrorCode.NONE)

        # As many as the topic has would be refused: the controller has not added them.
        expect(grow(cluster, topic.name, 2), "the error of growing by one").equals(ErrorCode.NONE)
        cluster.eventually(grown_to(topic, 2), within_s=30, what="the topic has 2 partitions")


@checks("admin/growth/unknown-topic")
@pytest.mark.parametrize("validate_only", [True, False])
def test_an_unknown_topic_does_not_grow(cluster, validate_only):
    error = grow(cluster, cluster.unique("unknown"), 2, validate_only=validate_only)

    expect(error, "the error").equals(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)


@checks("admin/growth/invalid-assignment")
@given(data=st.data(), validate_only=st.booleans())
def test_an_assignment_that_cannot_be_is_refused(cluster, data, validate_only):
    node = cluster.node_ids[0]
    impossible = [[], [[node]], [[node], [node], [node]], [[node], [987_654]], [[node], [node, node]], [[node], []]]
    with cluster.topic(partitions=1) as topic:
        assignments = data.draw(st.sampled_from(impossible), label="the assignment of two new partitions")

        error = grow(cluster, topic.name, 3, assignments=assignments, validate_only=validate_only)

        expect(error, "the error").equals(ErrorCode.INVALID_REPLICA_ASSIGNMENT)
        expect(len(topic.refresh().partitions), "the number of partitions").equals(1)
