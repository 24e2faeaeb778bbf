"""What an answer to Produce says besides base offset and error."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.request_topics import partitions_led_with
from kafka_conformance.harness.cases import ApiKey, ErrorCode, build_batch, checks, expect, over_versions
from kafka_conformance.harness.strategies import batches
from kafka_conformance.harness.subject.partition_requests import produce_request

CRC_POSITION = 17


def batch_of(records, *, good):
    """A batch with these records, with a wrong checksum unless it is to be good."""
    batch = build_batch(records)
    batch[CRC_POSITION] ^= not good
    return bytes(batch)


def outcome_of(*, good):
    """What such a batch is answered with."""
    return ErrorCode.NONE if good else ErrorCode.CORRUPT_MESSAGE


@checks("produce/answers/each-partition-once")
@given(written=st.lists(st.tuples(batches(max_size=2), st.booleans()), min_size=2, max_size=4), shuffled=st.randoms())
def test_each_partition_has_an_answer_and_an_outcome_of_its_own(cluster, written, shuffled):
    with cluster.topic(len(written) * len(cluster.node_ids)) as topic, cluster.connect(leader_of=topic) as connection:
        asked = dict(zip(partitions_led_with(topic, 0), written, strict=False))
        sent = {index: batch_of(records, good=good) for index, (records, good) in asked.items()}
        in_any_order = shuffled.sample(list(sent.items()), len(sent))

        answer = connection.send(produce_request(topic, dict(in_any_order)))

        outcomes = sorted((entry.index, entry.error_code) for entry in answer.responses[0].partition_responses)
        wanted = [(index, outcome_of(good=good)) for index, (_, good) in sorted(asked.items())]
        ends = {index: topic.end_offset(index) for index in asked}
        expect(len(answer.responses), "topics in the answer").equals(1)
        expect(outcomes, "partitions and their errors").equals(wanted)
        expect(ends, "the ends of the logs").equals(
            {index: len(records) * good for index, (records, good) in asked.items()}
        )


@checks("produce/answers/log-start-offset")
@over_versions(ApiKey.PRODUCE, "5-13")
def test_the_answer_names_the_start_of_the_log_in_every_version_that_can(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a", b"b", b"c"])
        before = topic.produce([b"d"], version=version)
        topic.delete_records(2)

        after = topic.produce([b"e"], version=version)

        expect([before.log_start_offset, after.log_start_offset], "the start before and after").equals([0, 2])


@checks("produce/answers/log-start-offset")
@given(count=st.integers(1, 8), data=st.data())
def test_the_answer_names_the_start_of_the_log_after_records_were_deleted(cluster, count, data):
    start = data.draw(st.integers(0, count), label="deleted before")
    with cluster.topic() as topic:
        topic.produce([b"x"] * count)
        topic.delete_records(start)

        answer = topic.produce([b"y"])

        expect(answer).acknowledged_at(count)
        expect(answer.log_start_offset, "the start of the log").equals(start)
