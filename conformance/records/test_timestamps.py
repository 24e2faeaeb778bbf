"""Whose time a record has."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.broker_clock import LOG_APPEND_TIME
from kafka_conformance.conformance.produce.odd_batches import LOG_APPEND_TIME_BIT, with_attribute_bits
from kafka_conformance.conformance.records.stored import stored_headers
from kafka_conformance.harness.cases import NewRecord, build_batch, checks, expect, over_codecs
from kafka_conformance.harness.strategies import batch_lists, batches, compressions
from kafka_conformance.protocol.records import TimestampType

NO_TIME = -1


@checks("records/timestamps/create-time-is-kept")
@over_codecs()
@given(written=batches())
def test_a_producers_timestamps_are_read_back(cluster, compression, written):
    with cluster.topic() as topic:
        answer = topic.produce(written, compression=compression)

        expect([record.timestamp for record in topic.records()], "the timestamps").equals(
            [record.timestamp for record in written]
        )
        expect(answer.log_append_time_ms, "the LogAppendTime of the answer").equals(NO_TIME)


@checks("records/timestamps/log-append-time-is-stamped")
@over_codecs()
@given(written=batch_lists(max_size=3))
def test_the_time_of_the_append_takes_the_place_of_the_producers(cluster, compression, written):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic:
        answers = [topic.produce(batch, compression=compression) for batch in written]

        named = [answer.log_append_time_ms for answer in answers]
        of_records = [time for time, batch in zip(named, written, strict=True) for _ in batch]
        expect(min(named), "the earliest LogAppendTime of the answers").is_at_least(0)
        expect([head.max_timestamp for head in stored_headers(topic)], "the batches' maximum timestamps").equals(named)
        expect([record.timestamp for record in topic.records()], "the records' timestamps").equals(of_records)


@checks("records/timestamps/type-is-the-topics")
@given(written=batches(max_size=3), compression=compressions())
def test_a_batch_has_the_timestamp_type_of_its_topic(cluster, written, compression):
    with cluster.topic() as create_time, cluster.topic(configs=LOG_APPEND_TIME) as append_time:
        create_time.produce(written, compression=compression)
        append_time.produce(written, compression=compression)

        found = [head.timestamp_type for topic in (create_time, append_time) for head in stored_headers(topic)]
        expect(found, "the timestamp types").equals([TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME])


@checks("records/timestamps/type-is-the-topics")
@given(values=st.lists(st.binary(max_size=8), min_size=1, max_size=3), time=st.integers(0, 1_700_000_000_000))
def test_a_producer_cannot_make_its_time_that_of_the_append(cluster, values, time):
    written = [NewRecord(None, value, (), time) for value in values]
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_attribute_bits(build_batch(written), LOG_APPEND_TIME_BIT))

        expect(answer).acknowledged_at(0)
        expect([head.timestamp_type for head in stored_headers(topic)], "the timestamp type").equals(
            [TimestampType.CREATE_TIME]
        )


@checks("records/timestamps/maximum-is-the-records")
@given(written=batches(), claimed=st.integers(-1, 2**41) | st.integers(-(2**63), 2**63 - 1), compression=compressions())
def test_the_maximum_timestamp_is_put_right(cluster, written, claimed, compression):
    batch = build_batch(written, max_timestamp=claimed, compression=compression)
    with cluster.topic() as topic:
        expect(topic.produce_batch(batch)).acknowledged_at(0)

        expect([head.max_timestamp for head in stored_headers(topic)], "the maximum timestamp").equals(
            [max(record.timestamp for record in written)]
        )
