"""DeleteRecords: a log forgets its beginning (KIP-107)."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.written_log import contents, write
from kafka_conformance.harness.cases import ApiKey, ErrorCode, NewRecord, checks, expect, needs, over_versions
from kafka_conformance.harness.strategies import batch_lists
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsTopic,
)

HIGH_WATERMARK = -1
GROUP_OFFSETS = "__consumer_offsets"


def delete_records(topic, before_offset, *, partition=0, version=None):
    """The error and the low watermark, in the version asked for."""
    wanted = DeleteRecordsPartition(partition_index=partition, offset=before_offset)
    request = DeleteRecordsRequest(topics=[DeleteRecordsTopic(name=topic.name, partitions=[wanted])], timeout_ms=30_000)
    answer = topic.cluster.send(request, version, node=topic.leader())
    result = answer.topics[0].partitions[0]
    return ErrorCode(result.error_code), result.low_watermark


@checks("fetch/delete-records/moves-the-start")
@given(written=batch_lists(max_size=3), data=st.data())
def test_records_before_the_offset_are_gone_and_the_others_stay(cluster, written, data):
    start = data.draw(st.integers(0, sum(map(len, written))), label="deleted before")
    with cluster.topic() as topic:
        log = write(topic, written)

        deleted = topic.delete_records(start)

        expect(deleted, "error and low watermark").equals((ErrorCode.NONE, start))
        expect([topic.start_offset(), topic.end_offset()], "start and end of the log").equals([start, log.end])
        expect(contents(topic.records(from_offset=start)), "what is left").equals(log.from_offset(start))


@checks("fetch/delete-records/moves-the-start")
@over_versions(ApiKey.DELETE_RECORDS)
def test_every_version_moves_the_start(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a", b"b"])

        deleted = delete_records(topic, 1, version=version)

        expect(deleted, "error and low watermark").equals((ErrorCode.NONE, 1))
        expect(topic.start_offset(), "the start of the log").equals(1)


@checks("fetch/delete-records/up-to-the-high-watermark")
@given(written=batch_lists(max_size=3))
def test_minus_one_deletes_all_there_is(cluster, written):
    with cluster.topic() as topic:
        log = write(topic, written)

        deleted = topic.delete_records(HIGH_WATERMARK)

        expect(deleted, "error and low watermark").equals((ErrorCode.NONE, log.end))
        expect([topic.start_offset(), topic.end_offset()], "start and end of the log").equals([log.end] * 2)
        expect(topic.fetch(log.end)).is_empty()


@checks("fetch/delete-records/beyond-the-end")
@given(beyond=st.integers(1, 2**62), below=st.integers(-(2**63), -2))
def test_an_offset_outside_of_the_log_is_refused_and_deletes_nothing(cluster, beyond, below):
    with cluster.topic() as topic:
        topic.produce([b"a", b"b"])

        deleted = [topic.delete_records(2 + beyond), topic.delete_records(below)]

        expect(deleted, "errors and low watermarks").equals([(ErrorCode.OFFSET_OUT_OF_RANGE, -1)] * 2)
        expect(topic).holds_exactly([b"a", b"b"])


@checks("fetch/delete-records/never-moves-back")
@given(start=st.integers(1, 4), data=st.data())
def test_an_offset_below_the_start_changes_nothing(cluster, start, data):
    below = data.draw(st.integers(0, start), label="deleted before, the second time")
    with cluster.topic() as topic:
        topic.produce([b"x"] * 4)
        topic.delete_records(start)

        again = topic.delete_records(below)

        expect(again, "error and low watermark").equals((ErrorCode.NONE, start))
        expect(topic.start_offset(), "the start of the log").equals(start)


@checks("fetch/delete-records/below-the-start-is-out-of-range")
@given(start=st.integers(1, 4), data=st.data())
def test_a_deleted_offset_is_out_of_range_even_if_its_batch_is_there(cluster, start, data):
    deleted = data.draw(st.integers(0, start - 1), label="fetched from")
    with cluster.topic() as topic:
        topic.produce([b"x"] * 4)
        topic.delete_records(start)

        fetched = topic.fetch(deleted)

        expect(fetched).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)
        expect(fetched.raw, "the records").equals(b"")


@checks("fetch/delete-records/inside-a-batch")
@given(start=st.integers(1, 3))
def test_a_start_inside_a_batch_still_gives_the_batch(cluster, start):
    with cluster.topic() as topic:
        log = write(topic, [[NewRecord(None, b"%d" % place) for place in range(4)], [NewRecord(None, b"next")]])
        topic.delete_records(start)

        fetched = topic.fetch(start)

        expect(contents(fetched.records, from_offset=start), "from the start on").equals(log.from_offset(start))


@checks("fetch/delete-records/offsets-go-on")
@given(written=batch_lists(max_size=2))
def test_what_is_written_after_a_deletion_gets_the_next_offset(cluster, written):
    with cluster.topic() as topic:
        log = write(topic, written)
        topic.delete_records(HIGH_WATERMARK)

        following = topic.produce([b"next"])

        expect(following).acknowledged_at(log.end)
        expect(contents(topic.records()), "the log").equals([(log.end, None, b"next")])


@checks("fetch/delete-records/compacted-only-is-refused")
def test_a_topic_that_is_compacted_only_keeps_its_records(cluster):
    with cluster.topic(configs={"cleanup.policy": "compact"}) as topic:
        topic.produce([(b"k", b"v")])

        deleted = topic.delete_records(1)

        expect(deleted, "error and low watermark").equals((ErrorCode.POLICY_VIOLATION, -1))
        expect(topic).holds_exactly([(b"k", b"v")])


@checks("fetch/delete-records/compacted-and-deleted-is-allowed")
def test_a_topic_that_is_compacted_and_deleted_may_forget(cluster):
    with cluster.topic(configs={"cleanup.policy": "compact,delete"}) as topic:
        topic.produce([(b"k", b"v"), (b"l", b"w")])

        deleted = topic.delete_records(1)

        expect(deleted, "error and low watermark").equals((ErrorCode.NONE, 1))
        expect(topic.start_offset(), "the start of the log").equals(1)


@checks("fetch/delete-records/internal-topics-are-refused")
@needs("classic-groups")
def test_the_offsets_of_groups_cannot_be_deleted_from(cluster):
    cluster.coordinator(cluster.unique("group"))  # makes the internal topic
    internal = Topic(cluster, GROUP_OFFSETS, cluster.internal_topic(GROUP_OFFSETS))

    # Before offset 0 lies nothing: a broker that does as it is told loses nothing.
    deleted = internal.delete_records(0)

    expect(deleted, "error and low watermark").equals((ErrorCode.INVALID_TOPIC_EXCEPTION, -1))


@checks("fetch/delete-records/unknown-partition")
@over_versions(ApiKey.DELETE_RECORDS)
def test_a_partition_that_is_not_there_is_unknown(cluster, version):
    with cluster.topic(partitions=1) as topic:
        deleted = delete_records(topic, 0, partition=7, version=version)

        expect(deleted, "error and low watermark").equals((ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1))


@checks("fetch/delete-records/moves-the-start")
@given(starts=st.lists(st.integers(0, 3), min_size=2, max_size=3))
def test_each_partition_has_a_start_of_its_own(cluster, starts):
    with cluster.topic(len(starts)) as topic:
        for index in range(len(starts)):
            topic.produce([b"x"] * 3, partition=index)

        for index, start in enumerate(starts):
            topic.delete_records(start, partition=index)

        found = [topic.start_offset(index) for index in range(len(starts))]
        expect(found, "the starts of the logs").equals(starts)
