"""Offsets of a point in time, and of the ends of a log."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.written_log import WrittenLog, timed_batches, write
from kafka_conformance.harness.cases import (
    EARLIEST,
    LATEST,
    MAX_TIMESTAMP,
    READ_COMMITTED,
    ApiKey,
    ErrorCode,
    NewRecord,
    checks,
    expect,
    over_versions,
)
from kafka_conformance.harness.strategies import batch_lists, compressions
from kafka_conformance.harness.subject.partition_requests import list_offsets_request
from kafka_conformance.protocol.messages.list_offsets import ListOffsetsPartition

EARLIEST_LOCAL, LATEST_TIERED, EARLIEST_PENDING_UPLOAD = -4, -5, -6
FIRST_VERSIONS = {MAX_TIMESTAMP: 7, EARLIEST_LOCAL: 8, LATEST_TIERED: 9, EARLIEST_PENDING_UPLOAD: 11}
NO_SUCH_TIMESTAMPS = (-7, -99, -(2**63))


def found(listed):
    """Offset and timestamp of an answer."""
    return listed.offset, listed.timestamp


@checks("fetch/list-offsets/latest-is-the-end")
@given(written=batch_lists(max_size=4))
def test_the_latest_offset_is_behind_the_last_record_and_never_goes_back(cluster, written):
    with cluster.topic() as topic:
        ends = [topic.end_offset()]
        for batch in written:
            topic.produce(batch)
            ends.append(topic.end_offset())

        log = WrittenLog(written)
        expect(ends, "the latest offset after each batch").equals([*log.base_offsets, log.end])


@checks("fetch/list-offsets/latest-is-the-end")
@over_versions(ApiKey.LIST_OFFSETS)
def test_every_version_tells_the_ends_of_the_log(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a", b"b", b"c"])
        topic.delete_records(1)

        latest = topic.list_offset(LATEST, version=version)
        committed = topic.list_offset(LATEST, isolation_level=READ_COMMITTED, version=version)
        earliest = topic.list_offset(EARLIEST, version=version)

        ends = [found(listed) for listed in (earliest, latest, committed)]
        expect(ends, "earliest and latest, without timestamps").equals([(1, -1), (3, -1), (3, -1)])


@checks("fetch/list-offsets/earliest-is-the-start")
@given(written=batch_lists(max_size=3), data=st.data())
def test_the_earliest_offset_is_the_start_of_the_log(cluster, written, data):
    start = data.draw(st.integers(0, sum(map(len, written))), label="deleted before")
    with cluster.topic() as topic:
        write(topic, written)
        topic.delete_records(start)

        earliest = topic.list_offset(EARLIEST)

        expect(earliest).succeeds()
        expect(found(earliest), "earliest offset and timestamp").equals((start, -1))


@checks("fetch/list-offsets/first-at-or-after-a-time")
@given(written=timed_batches(), asked=st.integers(0, 12), compression=compressions())
def test_a_time_gives_the_first_record_that_is_not_older(cluster, written, asked, compression):
    log = WrittenLog(written)
    with cluster.topic() as topic:
        for batch in written:
            topic.produce(batch, compression=compression)

        listed = topic.list_offset(asked)

        expect(listed).succeeds()
        expect(found(listed), "offset and timestamp").equals(log.first_at_or_after(asked))


@checks("fetch/list-offsets/first-at-or-after-a-time")
@over_versions(ApiKey.LIST_OFFSETS)
def test_every_version_finds_a_time_inside_a_batch(cluster, version):
    with cluster.topic() as topic:
        topic.produce([NewRecord(None, b"a", (), 10), NewRecord(None, b"b", (), 20), NewRecord(None, b"c", (), 30)])

        expect(found(topic.list_offset(11, version=version)), "offset and timestamp").equals((1, 20))


@checks("fetch/list-offsets/deleted-records-are-not-found")
@given(written=timed_batches(), asked=st.integers(0, 12), data=st.data())
def test_a_time_gives_no_record_below_the_start_of_the_log(cluster, written, asked, data):
    log = WrittenLog(written)
    start = data.draw(st.integers(0, log.end), label="deleted before")
    with cluster.topic() as topic:
        write(topic, written)
        topic.delete_records(start)

        listed = topic.list_offset(asked)

        left = (place for place in range(start, log.end) if log.records[place].timestamp >= asked)
        expect(listed.offset, "the offset").equals(next(left, -1))


@checks("fetch/list-offsets/later-than-all")
@over_versions(ApiKey.LIST_OFFSETS)
def test_a_time_later_than_all_records_gives_no_offset_and_no_error(cluster, version):
    with cluster.topic() as topic:
        topic.produce([NewRecord(None, b"a", (), 20), NewRecord(None, b"b", (), 10)])

        listed = topic.list_offset(21, version=version)

        expect(listed).succeeds()
        expect(found(listed), "offset and timestamp").equals((-1, -1))


@checks("fetch/list-offsets/max-timestamp")
@given(written=timed_batches(), compression=compressions())
def test_the_maximal_timestamp_is_found_at_its_first_record(cluster, written, compression):
    cluster.require(ApiKey.LIST_OFFSETS, FIRST_VERSIONS[MAX_TIMESTAMP])
    with cluster.topic() as topic:
        for batch in written:
            topic.produce(batch, compression=compression)

        listed = topic.list_offset(MAX_TIMESTAMP)

        expect(listed).succeeds()
        expect(found(listed), "offset and timestamp").equals(WrittenLog(written).first_of_newest())


@checks("fetch/list-offsets/empty-log")
@over_versions(ApiKey.LIST_OFFSETS, "7-11")
def test_an_empty_log_has_ends_but_no_record_of_any_time(cluster, version):
    with cluster.topic() as topic:
        ends = [topic.list_offset(which, version=version).offset for which in (EARLIEST, LATEST)]
        times = [topic.list_offset(which, version=version) for which in (MAX_TIMESTAMP, 0, 1_000)]

        expect(ends, "earliest and latest").equals([0, 0])
        expect([listed.error for listed in times], "the errors").equals([ErrorCode.NONE] * 3)
        expect([found(listed) for listed in times], "what is found by time").equals([(-1, -1)] * 3)


@checks("fetch/list-offsets/meaning-by-version")
@over_versions(ApiKey.LIST_OFFSETS)
def test_a_special_timestamp_below_its_version_is_unsupported(cluster, version):
    too_new = [timestamp for timestamp, first in FIRST_VERSIONS.items() if version < first]
    with cluster.topic() as topic:
        topic.produce([b"a"])

        listed = [topic.list_offset(timestamp, version=version) for timestamp in (*too_new, *NO_SUCH_TIMESTAMPS)]

        expect({each.error for each in listed}, "the errors").equals({ErrorCode.UNSUPPORTED_VERSION})
        expect({found(each) for each in listed}, "offsets and timestamps").equals({(-1, -1)})


@checks("fetch/list-offsets/local-and-tiered")
@over_versions(ApiKey.LIST_OFFSETS, "9-11")
def test_without_tiered_storage_all_is_local_and_nothing_is_tiered(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a", b"b"])
        topic.delete_records(1)

        local = topic.list_offset(EARLIEST_LOCAL, version=version)
        tiered = topic.list_offset(LATEST_TIERED, version=version)

        expect([local.error, tiered.error], "the errors").equals([ErrorCode.NONE] * 2)
        expect([local.offset, tiered.offset], "earliest local, latest tiered").equals([1, -1])


@checks("fetch/list-offsets/partition-named-twice")
@over_versions(ApiKey.LIST_OFFSETS)
def test_a_partition_that_is_named_twice_is_refused(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a"])
        request = list_offsets_request(topic, {0: LATEST})
        request.topics[0].partitions.append(ListOffsetsPartition(partition_index=0, timestamp=EARLIEST))

        answer = cluster.send(request, version, node=topic.leader())

        answers = {(each.error_code, each.offset) for entry in answer.topics for each in entry.partitions}
        expect(answers, "errors and offsets").equals({(ErrorCode.INVALID_REQUEST, -1)})


@checks("fetch/list-offsets/unknown-partition")
@over_versions(ApiKey.LIST_OFFSETS)
def test_a_partition_that_is_not_there_has_no_offsets(cluster, version):
    with cluster.topic(partitions=1) as topic:
        listed = topic.list_offset(LATEST, partition=7, version=version)

        expect(listed).fails_with(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        expect(found(listed), "offset and timestamp").equals((-1, -1))
