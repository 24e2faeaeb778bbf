"""What a topic's configuration refuses: records without a key, batches that are too large, wrong times."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.broker_clock import LOG_APPEND_TIME, broker_now_ms
from kafka_conformance.conformance.produce.odd_batches import LOG_APPEND_TIME_BIT, with_attribute_bits
from kafka_conformance.harness.cases import (
    ApiKey,
    ErrorCode,
    NewRecord,
    build_batch,
    checks,
    expect,
    over_codecs,
    over_versions,
)
from kafka_conformance.harness.strategies import batches, compressions, values

COMPACTED = st.sampled_from(("compact", "compact,delete", "delete,compact"))
FIRST_VERSION_WITH_RECORD_ERRORS = 8

BOUND_MS = 3_600_000
MARGIN_MS = 600_000
"""The broker's clock goes on between the moment when it is asked and the append: nearer to a bound nothing is said."""
BOUNDS = {"message.timestamp.before.max.ms": str(BOUND_MS), "message.timestamp.after.max.ms": str(BOUND_MS)}
WITHIN = st.integers(MARGIN_MS - BOUND_MS, BOUND_MS - MARGIN_MS)
TOO_FAR = st.integers(BOUND_MS + MARGIN_MS, 10 * BOUND_MS)
BEYOND = TOO_FAR | TOO_FAR.map(lambda distance: -distance)

MEBIBYTE = 1 << 20


@checks("produce/validation/null-key-in-compacted-topic")
@given(keys=st.lists(st.none() | st.binary(max_size=4), min_size=1, max_size=6), policy=COMPACTED, data=st.data())
def test_a_compacted_topic_names_the_records_without_a_key(cluster, keys, policy, data):
    cluster.require(ApiKey.PRODUCE, FIRST_VERSION_WITH_RECORD_ERRORS)
    missing = data.draw(st.integers(0, len(keys) - 1), label="a record without a key")
    compression = data.draw(compressions(), label="codec")
    keys = [None if place == missing else key for place, key in enumerate(keys)]
    with cluster.topic(configs={"cleanup.policy": policy}) as topic:
        answer = topic.produce([(key, b"v") for key in keys], compression=compression)

        expect(answer).refused_with(ErrorCode.INVALID_RECORD)
        expect(sorted(answer.record_errors), "the records that are named").equals(
            [place for place, key in enumerate(keys) if key is None]
        )
        expect(topic).is_empty()


@checks("produce/validation/null-key-in-compacted-topic")
@over_versions(ApiKey.PRODUCE)
def test_a_compacted_topic_refuses_a_record_without_a_key_in_every_version(cluster, version):
    with cluster.topic(configs={"cleanup.policy": "compact"}) as topic:
        answer = topic.produce([(b"k", b"v"), (None, b"v")], version=version)

        expect(answer).refused_with(ErrorCode.INVALID_RECORD)
        expect(topic).is_empty()


@checks("produce/validation/empty-key-in-compacted-topic")
@given(written=st.lists(st.tuples(st.binary(max_size=1), values()), min_size=1, max_size=5), policy=COMPACTED)
def test_an_empty_key_is_a_key(cluster, written, policy):
    records = [NewRecord(b"", b"first"), *(NewRecord(key, value) for key, value in written)]
    with cluster.topic(configs={"cleanup.policy": policy}) as topic:
        expect(topic.produce(records)).acknowledged_at(0)

        expect(topic.fetch(0)).holds_exactly(records)


@checks("produce/validation/larger-than-max-message-bytes")
@given(written=batches(), compression=compressions())
def test_a_batch_may_be_as_large_as_the_topic_allows_and_not_a_byte_larger(cluster, written, compression):
    batch = build_batch(written, compression=compression)
    with (
        cluster.topic(configs={"max.message.bytes": str(len(batch))}) as large_enough,
        cluster.topic(configs={"max.message.bytes": str(len(batch) - 1)}) as too_small,
    ):
        expect(large_enough.produce_batch(batch)).acknowledged_at(0)
        expect(too_small.produce_batch(batch)).refused_with(ErrorCode.MESSAGE_TOO_LARGE)

        expect(large_enough).holds_exactly(written)
        expect(too_small).is_empty()


@checks("produce/validation/larger-than-segment")
def test_a_batch_must_fit_into_a_segment(cluster):
    configs = {"segment.bytes": str(MEBIBYTE), "max.message.bytes": str(4 * MEBIBYTE)}
    with cluster.topic(configs=configs) as topic:
        expect(topic.produce([bytes(MEBIBYTE)])).refused_with(ErrorCode.RECORD_LIST_TOO_LARGE)

        expect(topic).is_empty()
        expect(topic.produce([b"small"])).acknowledged_at(0)


@checks("produce/validation/timestamp-out-of-range")
@given(distances=st.lists(WITHIN | BEYOND, max_size=4), beyond=BEYOND, data=st.data())
def test_timestamps_too_far_from_the_brokers_clock_are_refused_and_named(cluster, distances, beyond, data):
    cluster.require(ApiKey.PRODUCE, FIRST_VERSION_WITH_RECORD_ERRORS)
    distances.insert(data.draw(st.integers(0, len(distances)), label="place of the one that is beyond"), beyond)
    compression = data.draw(compressions(), label="codec")
    now_ms = broker_now_ms(cluster)
    written = [NewRecord(None, b"v", (), now_ms + distance) for distance in distances]
    with cluster.topic(configs=BOUNDS) as topic:
        answer = topic.produce(written, compression=compression)

        expect(answer).refused_with(ErrorCode.INVALID_TIMESTAMP)
        expect(sorted(answer.record_errors), "the records that are named").equals(
            [place for place, distance in enumerate(distances) if abs(distance) > BOUND_MS]
        )
        expect(topic).is_empty()


@checks("produce/validation/timestamp-out-of-range")
@given(distances=st.lists(WITHIN, min_size=1, max_size=4))
def test_timestamps_near_the_brokers_clock_are_taken(cluster, distances):
    now_ms = broker_now_ms(cluster)
    written = [NewRecord(None, b"v", (), now_ms + distance) for distance in distances]
    with cluster.topic(configs=BOUNDS) as topic:
        expect(topic.produce(written)).acknowledged_at(0)

        expect([record.timestamp for record in topic.records()], "the timestamps").equals(
            [record.timestamp for record in written]
        )


@checks("produce/validation/timestamp-out-of-range")
@over_versions(ApiKey.PRODUCE)
def test_a_record_from_the_year_1970_is_too_old_in_every_version(cluster, version):
    with cluster.topic(configs=BOUNDS) as topic:
        answer = topic.produce([NewRecord(None, b"v", (), 0), NewRecord(None, b"v")], version=version)

        expect(answer).refused_with(ErrorCode.INVALID_TIMESTAMP)
        expect(topic).is_empty()


@checks("produce/validation/log-append-time-by-a-client")
@over_codecs()
@given(written=batches(max_size=3))
def test_the_time_of_the_append_is_the_brokers_to_say(cluster, compression, written):
    batch = with_attribute_bits(build_batch(written, compression=compression), LOG_APPEND_TIME_BIT)
    with cluster.topic(configs=LOG_APPEND_TIME) as topic:
        expect(topic.produce_batch(batch)).refused_with(ErrorCode.INVALID_TIMESTAMP)

        expect(topic).is_empty()
