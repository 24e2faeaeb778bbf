"""Appending: offsets, contents, order, acknowledgements, and the plainest refusals."""

from hypothesis import given
from hypothesis import strategies as st

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
from kafka_conformance.harness.strategies import batch_lists, batches
from kafka_conformance.harness.subject.partition_requests import produce_request

CRC_POSITION = 17


@checks("produce/append/offsets-are-consecutive")
@given(written=batch_lists(max_size=4))
def test_a_batch_is_acknowledged_with_the_offset_of_its_first_record(cluster, written):
    with cluster.topic() as topic:
        answers = [topic.produce(batch) for batch in written]

        first_offsets = [sum(map(len, written[:place])) for place in range(len(written))]
        expect([answer.base_offset for answer in answers], "the base offsets").equals(first_offsets)
        expect(topic).holds_exactly(*written)
        expect(topic).ends_at(sum(map(len, written)))


@checks("produce/append/content-round-trips")
@given(written=batches(max_size=8))
def test_keys_values_and_headers_are_read_back_as_written(cluster, written):
    with cluster.topic() as topic:
        expect(topic.produce(written)).acknowledged_at(0)

        expect(topic).holds_exactly(written)


@checks("produce/append/content-round-trips")
@over_versions(ApiKey.PRODUCE)
def test_null_and_empty_stay_apart_in_every_version(cluster, version):
    written = [
        NewRecord(None, None),
        NewRecord(b"", b""),
        NewRecord(b"k", b"v", (("twice", b"1"), ("twice", None), ("", b""))),
    ]
    with cluster.topic() as topic:
        expect(topic.produce(written, version=version)).acknowledged_at(0)

        expect(topic).holds_exactly(written)


@checks("produce/append/content-round-trips")
@over_versions(ApiKey.FETCH)
def test_every_version_of_fetch_gives_the_same_records(cluster, version):
    written = [NewRecord(b"k", None, (("h", b"1"),)), NewRecord(None, b"")]
    with cluster.topic() as topic:
        expect(topic.produce(written)).acknowledged_at(0)

        expect(topic.fetch(0, version=version)).holds_exactly(written)


@checks("produce/append/order-is-kept")
@given(written=batch_lists(min_size=2), data=st.data())
def test_what_was_read_never_changes_and_batches_keep_their_order(cluster, written, data):
    early = data.draw(st.integers(1, len(written) - 1), label="batches before the first read")
    with cluster.topic() as topic:
        for batch in written[:early]:
            expect(topic.produce(batch)).succeeds()
        before = topic.records()
        for batch in written[early:]:
            expect(topic.produce(batch)).succeeds()

        expect(topic).holds_exactly(*written)
        expect(topic.records()[: len(before)], "what was read before").equals(before)


@checks("produce/append/every-codec-round-trips")
@over_codecs()
@given(written=batches())
def test_compressed_records_are_read_back_as_written(cluster, compression, written):
    with cluster.topic() as topic:
        expect(topic.produce(written, compression=compression)).acknowledged_at(0)

        expect(topic).holds_exactly(written)


@checks("produce/acks/invalid-is-refused")
@over_versions(ApiKey.PRODUCE)
def test_acks_that_mean_nothing_are_refused(cluster, version):
    with cluster.topic() as topic:
        expect(topic.produce([b"a"], acks=2, version=version)).refused_with(ErrorCode.INVALID_REQUIRED_ACKS)
        expect(topic.produce([b"a"], acks=-2, version=version)).refused_with(ErrorCode.INVALID_REQUIRED_ACKS)

        expect(topic).is_empty()


@checks("produce/acks/none-gets-no-answer")
def test_acks_0_is_not_answered_and_the_connection_goes_on(cluster):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        batch = bytes(build_batch([NewRecord(None, b"unanswered")]))
        connection.send_unanswered(produce_request(topic, {0: batch}, acks=0))

        # Answers come in the order of requests: a stray answer to acks=0 would fail this one.
        expect(topic.produce([b"answered"], on=connection)).acknowledged_at(1)
        expect(topic).holds_exactly([b"unanswered"], [b"answered"])


@checks("produce/validation/bad-crc-is-refused")
@given(written=batches(), flipped=st.integers(0, 31))
def test_a_batch_with_a_wrong_checksum_is_refused(cluster, written, flipped):
    batch = build_batch(written)
    batch[CRC_POSITION + flipped // 8] ^= 1 << flipped % 8
    with cluster.topic() as topic:
        expect(topic.produce_batch(batch)).refused_with(ErrorCode.CORRUPT_MESSAGE)

        expect(topic).is_empty()


@checks("produce/unknown-partition")
@over_versions(ApiKey.PRODUCE)
def test_a_partition_that_is_not_there_is_unknown(cluster, version):
    with cluster.topic(partitions=1) as topic:
        answer = topic.produce([b"a"], partition=7, version=version)

        expect(answer).refused_with(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
