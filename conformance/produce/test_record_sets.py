"""What a request holds for a partition: one batch of today's format, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.odd_batches import concatenated, with_magic
from kafka_conformance.harness.cases import ApiKey, ErrorCode, NewRecord, build_batch, checks, expect, over_versions
from kafka_conformance.harness.strategies import batch_lists, batches

BATCH = bytes(build_batch([NewRecord(b"k", b"v")]))
TODAYS_MAGIC = 2


@checks("produce/validation/one-batch-per-partition")
@given(written=batch_lists(min_size=2, max_size=3))
def test_a_second_batch_in_a_partition_is_refused_with_the_first(cluster, written):
    with cluster.topic() as topic:
        expect(topic.produce_batch(concatenated(written))).refused_with(ErrorCode.INVALID_RECORD)

        expect(topic).is_empty()


@checks("produce/validation/one-batch-per-partition")
@over_versions(ApiKey.PRODUCE)
def test_no_version_takes_two_batches_in_a_partition(cluster, version):
    with cluster.topic() as topic:
        expect(topic.produce_batch(BATCH + BATCH, version=version)).refused_with(ErrorCode.INVALID_RECORD)

        expect(topic).is_empty()


@checks("produce/validation/no-whole-batch")
@given(written=batches(), data=st.data())
def test_a_batch_that_is_cut_off_is_refused(cluster, written, data):
    batch = build_batch(written)
    left = data.draw(st.integers(0, len(batch) - 1), label="bytes that are left of it")
    with cluster.topic() as topic:
        expect(topic.produce_batch(batch[:left])).refused_with(ErrorCode.INVALID_RECORD)

        expect(topic).is_empty()


@checks("produce/validation/no-whole-batch")
@over_versions(ApiKey.PRODUCE)
def test_no_version_takes_an_empty_record_set(cluster, version):
    with cluster.topic() as topic:
        expect(topic.produce_batch(b"", version=version)).refused_with(ErrorCode.INVALID_RECORD)


@checks("produce/validation/trailing-bytes-are-ignored")
@given(written=batches(), rest=st.binary(min_size=1, max_size=11))
def test_a_few_bytes_behind_a_batch_do_not_matter(cluster, written, rest):
    with cluster.topic() as topic:
        expect(topic.produce_batch(build_batch(written) + rest)).acknowledged_at(0)

        expect(topic).holds_exactly(written)
        expect(topic.produce([b"next"])).acknowledged_at(len(written))


@checks("produce/validation/unknown-magic")
@given(written=batches(), magic=st.integers(TODAYS_MAGIC + 1, 255))
def test_a_magic_that_does_not_exist_is_refused(cluster, written, magic):
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_magic(build_batch(written), magic))

        expect(answer).refused_with(ErrorCode.CORRUPT_MESSAGE)
        expect(topic).is_empty()


@checks("produce/validation/old-magic")
@given(written=batches(), magic=st.integers(0, TODAYS_MAGIC - 1))
def test_a_magic_of_the_past_is_refused(cluster, written, magic):
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_magic(build_batch(written), magic))

        expect(answer).refused_with(ErrorCode.INVALID_RECORD)
        expect(topic).is_empty()
