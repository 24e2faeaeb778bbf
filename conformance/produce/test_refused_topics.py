"""Topics that are not there, and one that is nobody's to write."""

from hypothesis import assume, given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.request_topics import NamedTopic, internal_topic, produce_to
from kafka_conformance.harness.cases import ApiKey, ErrorCode, NewRecord, build_batch, checks, expect, over_versions
from kafka_conformance.protocol.primitives import ZERO_UUID

BATCH = bytes(build_batch([NewRecord(b"k", b"v")]))
# A record that a coordinator passes over: a type of which none has heard, and no value.
HARMLESS = bytes(build_batch([NewRecord(b"\x7f\xff", None)]))
FIRST_VERSION_WITH_IDS = 13


@checks("produce/unknown-topic")
@over_versions(ApiKey.PRODUCE, "3-12")
def test_a_topic_name_that_nobody_knows_is_refused(cluster, version):
    with cluster.connect() as connection:
        answer = produce_to(connection, NamedTopic(cluster.unique("nowhere")), BATCH, version=version)

        expect(answer).refused_with(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        expect(connection).is_usable()


@checks("produce/unknown-topic-id")
@over_versions(ApiKey.PRODUCE, "13-13")
def test_the_id_of_zeros_is_no_topic(cluster, version):
    with cluster.connect() as connection:
        answer = produce_to(connection, NamedTopic("", ZERO_UUID), BATCH, version=version)

        expect(answer).refused_with(ErrorCode.UNKNOWN_TOPIC_ID)


@checks("produce/unknown-topic-id")
@given(topic_id=st.uuids(version=4).map(lambda uuid: uuid.bytes))
def test_a_topic_id_that_nobody_knows_is_refused(cluster, topic_id):
    cluster.require(ApiKey.PRODUCE, FIRST_VERSION_WITH_IDS)
    assume(topic_id != ZERO_UUID)
    with cluster.connect() as connection:
        answer = produce_to(connection, NamedTopic("", topic_id), BATCH, version=FIRST_VERSION_WITH_IDS)

        expect(answer).refused_with(ErrorCode.UNKNOWN_TOPIC_ID)
        expect(connection).is_usable()


@checks("produce/internal-topic-is-refused")
@over_versions(ApiKey.PRODUCE)
def test_clients_do_not_write_the_offsets_of_groups(cluster, version):
    cluster.coordinator(cluster.unique("group"))  # the topic is made for the first one who asks
    topic = internal_topic(cluster, "__consumer_offsets")
    with cluster.connect() as connection:
        answer = produce_to(connection, topic, HARMLESS, version=version)

        expect(answer).refused_with(ErrorCode.INVALID_TOPIC_EXCEPTION)
