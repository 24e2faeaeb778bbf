"""DeleteTopics: what is gone, and what comes after under the same name."""

from hypothesis import assume, given
from hypothesis import strategies as st

from kafka_conformance.conformance.admin.changing import delete, delete_by_id
from kafka_conformance.conformance.admin.looking import by_id, described, only, unknown_everywhere
from kafka_conformance.conformance.admin.making import Maker, plain
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.harness.strategies import batches
from kafka_conformance.protocol.primitives import ZERO_UUID


def is_another(cluster, topic, old_id):
    """Whether every node knows the topic by another id than the old one, and leads its partitions."""
    return all(described(cluster, topic.name, node=node).topic_id != old_id for node in cluster.node_ids)


def settle(cluster, topic, old_id):
    """Waits until the topic that took an old one's name can be used."""
    cluster.eventually(lambda: is_another(cluster, topic, old_id), within_s=30, what="it has a new id")
    topic.id = topic.refresh().topic_id


@checks("admin/deletion/by-name")
@over_versions(ApiKey.DELETE_TOPICS)
def test_a_topic_is_deleted_by_its_name(cluster, version):
    with cluster.topic() as topic, Maker(cluster) as maker:
        expect(delete(cluster, topic.name, version=version), "the errors").equals({topic.name: ErrorCode.NONE})

        expect(maker.make_one(plain(topic.name)).error_code, "the error of making it again").equals(ErrorCode.NONE)


@checks("admin/deletion/by-id")
@given(count=st.integers(1, 3))
def test_a_topic_is_deleted_by_its_id(cluster, count):
    cluster.require(ApiKey.DELETE_TOPICS, 6)
    with cluster.topic(partitions=count) as topic, cluster.topic() as other:
        expect(delete_by_id(cluster, topic.id), "the errors").equals({topic.id: ErrorCode.NONE})

        cluster.eventually(lambda: unknown_everywhere(cluster, topic.name), within_s=30, what="no node knows it")
        expect(other.produce([b"still there"])).acknowledged_at(0)


@checks("admin/deletion/unknown-name")
@over_versions(ApiKey.DELETE_TOPICS)
def test_a_name_that_no_topic_has_is_unknown_and_the_others_go(cluster, version):
    unknown = cluster.unique("unknown")
    with cluster.topic() as topic:
        errors = delete(cluster, unknown, topic.name, version=version)

        expect(errors, "the errors").equals({unknown: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, topic.name: ErrorCode.NONE})


@checks("admin/deletion/unknown-id")
@given(unknown=st.binary(min_size=16, max_size=16))
def test_an_id_that_no_topic_has_is_unknown(cluster, unknown):
    assume(unknown != ZERO_UUID)
    cluster.require(ApiKey.DELETE_TOPICS, 6)

    expect(delete_by_id(cluster, unknown), "the errors").equals({unknown: ErrorCode.UNKNOWN_TOPIC_ID})


@checks("admin/deletion/data-is-gone")
@given(written=batches(), partitions=st.integers(1, 2))
def test_a_topic_of_the_same_name_is_another_one_and_empty(cluster, written, partitions):
    with cluster.topic() as topic:
        expect(topic.produce(written)).acknowledged_at(0)
        topic.delete()

        with cluster.topic(partitions=partitions, name=topic.name) as again:
            settle(cluster, again, topic.id)
            expect(again).is_empty()
            expect(again.produce(written)).acknowledged_at(0)


@checks("admin/deletion/old-id-is-unknown")
@given(written=batches())
def test_the_id_of_a_deleted_topic_does_not_reach_the_one_that_took_its_name(cluster, written):
    cluster.require(ApiKey.PRODUCE, 13)
    with cluster.topic() as topic:
        topic.delete()
        with cluster.topic(name=topic.name) as again:
            settle(cluster, again, topic.id)

            expect(topic.produce(written, version=13)).refused_with(ErrorCode.UNKNOWN_TOPIC_ID)
            expect(topic.fetch(0, version=13)).fails_with(ErrorCode.UNKNOWN_TOPIC_ID)
            entry = only(cluster.send(by_id(topic.id)).topics, "Metadata of one id")
            expect(entry.error_code, "the error of Metadata").equals(ErrorCode.UNKNOWN_TOPIC_ID)
            expect(again).is_empty()
