"""Metadata: which brokers and topics there are, and who leads what."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kafka_conformance.conformance.admin.looking import (
    FIRST_WITH_IDS,
    by_id,
    by_name,
    described,
    inconsistencies,
    known_everywhere,
    only,
    unknown_everywhere,
)
from kafka_conformance.conformance.admin.making import Maker, invalid_names, plain, several_topics
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.protocol.messages.describe_cluster import DescribeClusterRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest
from kafka_conformance.protocol.primitives import ZERO_UUID

ALL_TOPICS = MetadataRequest(topics=None, allow_auto_topic_creation=False)
NO_TOPICS = MetadataRequest(topics=[], allow_auto_topic_creation=False)


@checks("admin/metadata/partitions-fit-together")
@over_versions(ApiKey.METADATA)
def test_a_topic_is_described_by_its_name_with_all_its_partitions(cluster, version):
    with cluster.topic(partitions=5) as topic:
        metadata = cluster.send(by_name(topic.name), version)

        entry = only(metadata.topics, "Metadata of one topic")
        expect((entry.name, entry.error_code), "name and error").equals((topic.name, ErrorCode.NONE))
        indexes = sorted(partition.partition_index for partition in entry.partitions)
        expect(indexes, "the partitions").equals([0, 1, 2, 3, 4])
        expect(inconsistencies(metadata, entry), "what does not fit together").equals([])


@checks("admin/metadata/describes-by-id")
@over_versions(ApiKey.METADATA, "12+")
def test_a_topic_is_described_by_its_id(cluster, version):
    with cluster.topic(partitions=2) as topic:
        entry = only(cluster.send(by_id(topic.id), version).topics, "Metadata of one topic")

        expect((entry.name, entry.topic_id, entry.error_code), "name, id and error").equals(
            (topic.name, topic.id, ErrorCode.NONE)
        )
        expect(len(entry.partitions), "the number of partitions").equals(2)


@checks("admin/metadata/ids-are-of-topics")
@given(count=st.integers(2, 4))
def test_every_topic_has_an_id_of_its_own(cluster, count):
    with several_topics(cluster, [1] * count) as topics:
        entries = cluster.send(by_name(*(topic.name for topic in topics))).topics

        ids = {entry.topic_id for entry in entries}
        expect(len(ids), "the number of different ids").equals(count)
        expect(ZERO_UUID in ids, "whether one of them is zero").equals(False)


@checks("admin/metadata/all-or-none")
@over_versions(ApiKey.METADATA)
def test_all_topics_are_described_where_all_are_asked_for(cluster, version):
    with cluster.topic() as one, cluster.topic(partitions=2) as two:
        request = ALL_TOPICS if version else NO_TOPICS  # version 0 has no null

        names = [entry.name for entry in cluster.send(request, version).topics]

        expect(names, "the topics").holds(one.name)
        expect(names, "the topics").holds(two.name)


@checks("admin/metadata/all-or-none")
@over_versions(ApiKey.METADATA, "1+")
def test_no_topics_are_described_where_none_are_asked_for(cluster, version):
    with cluster.topic():
        metadata = cluster.send(NO_TOPICS, version)

        expect(metadata.topics, "the topics").equals([])
        expect(sorted(broker.node_id for broker in metadata.brokers), "the brokers").equals(sorted(cluster.node_ids))


@checks("admin/metadata/unknown-name")
@over_versions(ApiKey.METADATA, "4+")
def test_a_name_that_no_topic_has_is_unknown_and_asking_makes_nothing(cluster, version):
    name = cluster.unique("unknown")
    with cluster.topic() as topic, Maker(cluster) as maker:
        topics = cluster.send(by_name(topic.name, name), version).topics

        expect({entry.name: entry.error_code for entry in topics}, "the errors").equals(
            {topic.name: ErrorCode.NONE, name: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
        )
        expect(maker.make_one(plain(name)).error_code, "the error of making it").equals(ErrorCode.NONE)


@checks("admin/metadata/invalid-name")
@given(name=invalid_names(), data=st.data())
def test_a_name_that_no_topic_can_have_is_invalid(cluster, name, data):
    version = data.draw(st.integers(4, cluster.versions[ApiKey.METADATA].last), label="the version")
    entry = only(cluster.send(by_name(name), version).topics, "Metadata of one topic")

    expect((entry.name, entry.error_code), "name and error").equals((name, ErrorCode.INVALID_TOPIC_EXCEPTION))


@checks("admin/metadata/unknown-id")
@given(unknown=st.binary(min_size=16, max_size=16))
def test_an_id_that_no_topic_has_is_unknown(cluster, unknown):
    assume(unknown != ZERO_UUID)
    cluster.require(ApiKey.METADATA, FIRST_WITH_IDS)
    with cluster.topic() as topic:
        topics = cluster.send(by_id(unknown, topic.id)).topics

        expect({entry.topic_id: entry.error_code for entry in topics}, "the errors").equals(
            {unknown: ErrorCode.UNKNOWN_TOPIC_ID, topic.id: ErrorCode.NONE}
        )


@checks("admin/metadata/each-topic-once")
@given(order=st.lists(st.integers(0, 2), min_size=2, max_size=8))
def test_a_topic_that_is_asked_for_several_times_is_described_once(cluster, order):
    with cluster.topic() as zero, cluster.topic() as one:
        names = [zero.name, one.name, cluster.unique("unknown")]
        asked = [names[index] for index in order]

        described_names = [entry.name for entry in cluster.send(by_name(*asked)).topics]

        expect(sorted(described_names), "the topics described").equals(sorted(set(asked)))


@checks("admin/metadata/cluster-is-one")
@over_versions(ApiKey.DESCRIBE_CLUSTER)
def test_metadata_and_describe_cluster_name_the_same_cluster_on_every_node(cluster, version):
    metadata = [cluster.send(NO_TOPICS, node=node) for node in cluster.node_ids]
    descriptions = [cluster.send(DescribeClusterRequest(), version, node=node) for node in cluster.node_ids]

    ids = {answer.cluster_id for answer in [*metadata, *descriptions]}
    expect(len(ids), "the number of cluster ids").equals(1)
    brokers = [{(each.node_id, each.host, each.port) for each in answer.brokers} for answer in metadata]
    brokers += [{(each.broker_id, each.host, each.port) for each in answer.brokers} for answer in descriptions]
    expect(brokers, "the brokers").equals([brokers[0]] * len(brokers))
    controllers = {answer.controller_id for answer in [*metadata, *descriptions]}
    expect(controllers - set(cluster.node_ids), "controllers that are no brokers").equals(set())


@checks("admin/metadata/follows-topics")
@pytest.mark.parametrize("partitions", [1, 6])
def test_every_node_learns_of_a_new_topic_and_of_its_end(cluster, partitions):
    name = cluster.unique("followed")
    with Maker(cluster) as maker:
        made = maker.make_one(plain(name, partitions=partitions))
        expect(made.error_code, "the error").equals(ErrorCode.NONE)
        cluster.eventually(lambda: known_everywhere(cluster, name), within_s=30, what="every node knows it")
        expect(len(described(cluster, name).partitions), "the number of partitions").equals(partitions)

    cluster.eventually(lambda: unknown_everywhere(cluster, name), within_s=30, what="no node knows it any more")
