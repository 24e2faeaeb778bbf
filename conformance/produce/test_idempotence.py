"""Retries, repeats and gaps of an idempotent producer's sequences."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.broker_clock import LOG_APPEND_TIME
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_codecs, over_versions
from kafka_conformance.harness.strategies import batch_lists, batches
from kafka_conformance.protocol.records import increment_sequence

REMEMBERED = 5
MAX_SEQUENCE = 2**31 - 1
SIZES = st.lists(st.integers(1, 3), min_size=1, max_size=REMEMBERED)


def batches_of(sizes):
    """Batches with so many records, no two records alike."""
    return [[f"{number}.{place}".encode() for place in range(size)] for number, size in enumerate(sizes)]


@checks("produce/idempotence/duplicate-sequence")
@given(written=batch_lists(max_size=8), retries=st.lists(st.integers(1, REMEMBERED), min_size=1, max_size=8))
def test_a_retry_of_any_of_the_last_five_batches_appends_nothing(cluster, written, retries):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        answers = [producer.send(topic, batch) for batch in written]
        retried = [answers[-min(back, len(answers))] for back in retries]

        again = [producer.resend(topic, answer) for answer in retried]

        expect([answer.error for answer in again], "the errors").equals([ErrorCode.NONE] * len(again))
        expect([answer.base_offset for answer in again], "the base offsets of the retries").equals(
            [answer.base_offset for answer in retried]
        )
        expect(topic).holds_exactly(*written)


@checks("produce/idempotence/duplicate-sequence")
@over_versions(ApiKey.PRODUCE)
def test_a_retry_in_another_version_is_recognised(cluster, version):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        first = producer.send(topic, [b"a", b"b"])

        again = topic.produce_batch(first.batch, version=version)

        expect(again).acknowledged_at(first.base_offset)
        expect(topic).holds_exactly([b"a", b"b"])


@checks("produce/idempotence/duplicate-sequence")
@over_codecs()
@given(written=batch_lists(max_size=3))
def test_a_retry_of_a_compressed_batch_is_recognised(cluster, compression, written):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        answers = [producer.send(topic, batch, compression=compression) for batch in written]

        again = [producer.resend(topic, answer) for answer in answers]

        expect([answer.base_offset for answer in again], "the base offsets of the retries").equals(
            [answer.base_offset for answer in answers]
        )
        expect(topic).holds_exactly(*written)


@checks("produce/idempotence/older-repeat")
@given(sizes=st.lists(st.integers(1, 3), min_size=REMEMBERED + 1, max_size=REMEMBERED + 4), data=st.data())
def test_a_repeat_of_a_batch_older_than_the_last_five_is_refused(cluster, sizes, data):
    repeated = data.draw(st.integers(0, len(sizes) - REMEMBERED - 1), label="the batch that is sent again")
    written = batches_of(sizes)
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        answers = [producer.send(topic, batch) for batch in written]

        again = producer.resend(topic, answers[repeated])

        expect(again).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(topic).holds_exactly(*written)


@checks("produce/idempotence/repeat-of-another-length")
@given(sizes=SIZES, data=st.data())
def test_a_batch_that_only_begins_like_an_earlier_one_is_no_retry(cluster, sizes, data):
    place = data.draw(st.integers(0, len(sizes) - 1), label="the batch whose beginning is sent again")
    length = data.draw(st.integers(1, 5).filter(lambda size: size != sizes[place]), label="with so many records")
    written = batches_of(sizes)
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        for batch in written:
            expect(producer.send(topic, batch)).succeeds()

        other = producer.send(topic, [b"x"] * length, sequence=sum(sizes[:place]))

        expect(other).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(topic).holds_exactly(*written)


@checks("produce/idempotence/sequence-gap")
@given(sizes=SIZES, gap=st.integers(1, 5) | st.integers(1, 1_000_000), late=batches(max_size=3))
def test_a_gap_is_refused_until_it_is_filled(cluster, sizes, gap, late):
    written = batches_of(sizes)
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        for batch in written:
            expect(producer.send(topic, batch)).succeeds()
        due = producer.next_sequence(topic)

        early = producer.send(topic, [b"too early"], sequence=due + gap)
        on_time = producer.send(topic, late, sequence=due)

        expect(early).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(on_time).acknowledged_at(sum(sizes))
        expect(topic).holds_exactly(*written, late)


@checks("produce/idempotence/sequence-wraps")
@given(sizes=SIZES, data=st.data())
def test_after_the_largest_sequence_comes_0(cluster, sizes, data):
    before = data.draw(st.integers(0, sum(sizes) - 1), label="records before the wrap")
    written = batches_of(sizes)
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        producer.sequences[topic.name, 0] = MAX_SEQUENCE - before
        answers = [producer.send(topic, batch) for batch in written]

        again = [producer.resend(topic, answer) for answer in answers]
        early = producer.send(topic, [b"too early"], sequence=increment_sequence(producer.next_sequence(topic), 1))

        expect([answer.error for answer in [*answers, *again]], "the errors").equals([ErrorCode.NONE] * 2 * len(sizes))
        expect([answer.base_offset for answer in again], "the base offsets of the retries").equals(
            [answer.base_offset for answer in answers]
        )
        expect(early).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(topic).holds_exactly(*written)


@checks("produce/idempotence/negative-sequence")
@given(written=batches(max_size=3), sequence=st.integers(-3, -1) | st.integers(-(2**31), -1))
def test_sequences_are_not_negative(cluster, written, sequence):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        expect(producer.send(topic, written, sequence=sequence)).refused_with(ErrorCode.INVALID_RECORD)

        expect(topic).is_empty()


@checks("produce/idempotence/unknown-producer")
@given(first=st.integers(0, 3) | st.integers(0, MAX_SEQUENCE - 10), sizes=SIZES, gap=st.integers(1, 5))
def test_a_producer_that_a_partition_does_not_know_begins_with_any_sequence(cluster, first, sizes, gap):
    written = batches_of(sizes)
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        producer.sequences[topic.name, 0] = first
        answers = [producer.send(topic, batch) for batch in written]

        early = producer.send(topic, [b"too early"], sequence=increment_sequence(first, sum(sizes) + gap))

        expect([answer.error for answer in answers], "the errors").equals([ErrorCode.NONE] * len(answers))
        expect(early).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(topic).holds_exactly(*written)


@checks("produce/idempotence/counts-by-partition")
@given(partitions=st.lists(st.integers(0, 2), min_size=2, max_size=8))
def test_each_partition_counts_the_sequences_that_it_sees(cluster, partitions):
    with cluster.topic(partitions=3, configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        sent = [(index, producer.send(topic, [f"{index}".encode()], partition=index)) for index in partitions]

        again = [producer.resend(topic, answer, partition=index) for index, answer in sent]

        expect([answer.error for _, answer in sent], "the errors").equals([ErrorCode.NONE] * len(sent))
        expect({index: topic.end_offset(index) for index in range(3)}, "the ends of the logs").equals(
            {index: partitions.count(index) for index in range(3)}
        )
        expect([answer.error for answer in again][-1], "the error of the last retry").equals(ErrorCode.NONE)


@checks("produce/idempotence/counts-by-producer")
@given(turns=st.lists(st.integers(0, 2), min_size=2, max_size=8))
def test_producers_with_equal_sequences_do_not_touch_each_other(cluster, turns):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic:
        producers = [cluster.idempotent_producer() for _ in range(3)]
        written = [[f"{place} by {producer}".encode()] for place, producer in enumerate(turns)]

        answers = [producers[turn].send(topic, batch) for turn, batch in zip(turns, written, strict=True)]

        expect([answer.base_offset for answer in answers], "the base offsets").equals(list(range(len(turns))))
        expect(topic).holds_exactly(*written)


@checks("produce/idempotence/outlives-deleted-records")
@given(sizes=SIZES, data=st.data())
def test_a_retry_is_recognised_although_its_records_were_deleted(cluster, sizes, data):
    written = batches_of(sizes)
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        answers = [producer.send(topic, batch) for batch in written]
        start = data.draw(st.integers(0, sum(sizes)), label="deleted before")
        topic.delete_records(start)

        again = [producer.resend(topic, answer) for answer in answers]

        expect([(answer.error, answer.base_offset) for answer in again], "the answers to the retries").equals(
            [(ErrorCode.NONE, answer.base_offset) for answer in answers]
        )
        expect(topic).ends_at(sum(sizes))
        expect(topic.start_offset(), "the start of the log").equals(start)
