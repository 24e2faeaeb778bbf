"""Headers that contradict themselves, or say what a client may not say."""

from hypothesis import assume, given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.odd_batches import (
    CONTROL_BIT,
    with_attribute_bits,
    with_base_offset,
    with_header,
)
from kafka_conformance.harness.cases import ApiKey, ErrorCode, NewRecord, build_batch, checks, expect, over_versions
from kafka_conformance.harness.strategies import batches, compressions

INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63), 2**63 - 1)
CODES_WITHOUT_CODEC = (5, 6, 7)


@checks("produce/validation/base-offset-is-zero")
@given(written=batches(), base_offset=st.integers(-5, 100) | INT64)
def test_producers_count_offsets_from_0(cluster, written, base_offset):
    assume(base_offset != 0)
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_base_offset(build_batch(written), base_offset))

        expect(answer).refused_with(ErrorCode.INVALID_RECORD)
        expect(topic).is_empty()


@checks("produce/validation/count-matches-offsets")
@given(written=batches(), count=st.integers(-2, 7) | INT32, last_offset_delta=st.integers(-2, 7) | INT32)
def test_a_batch_has_as_many_offsets_as_records_and_at_least_one(cluster, written, count, last_offset_delta):
    assume(count != last_offset_delta + 1 or count <= 0)
    batch = with_header(build_batch(written), record_count=count, last_offset_delta=last_offset_delta)
    with cluster.topic() as topic:
        expect(topic.produce_batch(batch)).refused_with(ErrorCode.INVALID_RECORD)

        expect(topic).is_empty()


@checks("produce/validation/count-matches-offsets")
@given(compression=compressions())
def test_an_empty_batch_is_refused(cluster, compression):
    with cluster.topic() as topic:
        expect(topic.produce([], compression=compression)).refused_with(ErrorCode.INVALID_RECORD)

        expect(topic).ends_at(0)


@checks("produce/validation/control-batch")
@given(written=batches(), compression=compressions())
def test_control_records_are_the_brokers_own(cluster, written, compression):
    batch = with_attribute_bits(build_batch(written, compression=compression), CONTROL_BIT)
    with cluster.topic() as topic:
        expect(topic.produce_batch(batch)).refused_with(ErrorCode.INVALID_RECORD)

        expect(topic).ends_at(0)


@checks("produce/validation/transactional-without-id")
@over_versions(ApiKey.PRODUCE)
def test_transactional_records_need_a_transactional_id_in_every_version(cluster, version):
    batch = build_batch([NewRecord(b"k", b"v")], transactional=True)
    with cluster.topic() as topic:
        answer = topic.produce_batch(batch, version=version)

        expect(answer).refused_with(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        expect(topic).ends_at(0)


@checks("produce/validation/transactional-without-id")
@given(written=batches(), control=st.booleans())
def test_transactional_records_of_a_known_producer_need_a_transactional_id(cluster, written, control):
    with cluster.topic() as topic, cluster.idempotent_producer() as producer:
        answer = producer.send(topic, written, transactional=True, control=control)

        expect(answer).refused_with(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        expect(topic).ends_at(0)


@checks("produce/validation/unknown-codec")
@given(written=batches(), code=st.sampled_from(CODES_WITHOUT_CODEC))
def test_a_codec_that_does_not_exist_is_refused(cluster, written, code):
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_attribute_bits(build_batch(written), code))

        expect(answer).refused_with(
            ErrorCode.UNKNOWN_SERVER_ERROR,
            ErrorCode.INVALID_RECORD,
            ErrorCode.CORRUPT_MESSAGE,
            ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
        )
        expect(topic).is_empty()
