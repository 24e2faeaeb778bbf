"""What ListOffsets, waiting fetches and DeleteRecords make of a transaction that is open."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.several_partitions import by_partition
from kafka_conformance.conformance.transactions.interleaving import interleavings, of_each_partition, played
from kafka_conformance.conformance.transactions.reading import committed_values, last_stable_offset
from kafka_conformance.harness.cases import (
    EARLIEST,
    LATEST,
    MAX_TIMESTAMP,
    READ_COMMITTED,
    READ_UNCOMMITTED,
    ApiKey,
    ErrorCode,
    NewRecord,
    checks,
    expect,
    needs,
    over_versions,
)
from kafka_conformance.harness.subject.partition_requests import fetch_request

LONG_MS = 30_000
PROMPTLY_S = 10.0
A_MOMENT_S = 0.1
HIGH_WATERMARK = -1
FIRST_TIME, OPEN_TIME = 1_000, 2_000


@checks("transactions/isolation/latest-offset")
@given(steps=interleavings())
def test_the_latest_offset_at_read_committed_is_the_last_stable_one(cluster, steps):
    with played(cluster, steps) as outcome:
        committed, uncommitted = (
            of_each_partition(
                lambda partition, level=level: (
                    outcome.topic.list_offset(LATEST, partition=partition, isolation_level=level).offset
                )
            )
            for level in (READ_COMMITTED, READ_UNCOMMITTED)
        )

        expect(committed, "the latest offsets at read_committed").equals(of_each_partition(outcome.last_stable_offset))
        expect(uncommitted, "the latest offsets at read_uncommitted").equals(of_each_partition(outcome.end))


@checks("transactions/isolation/latest-offset")
@over_versions(ApiKey.LIST_OFFSETS, "2+")
def test_each_version_of_list_offsets_tells_the_levels_apart(cluster, version):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        topic.produce([b"before"])
        producer.begin().send(topic, [b"open"] * 2)

        committed = topic.list_offset(LATEST, isolation_level=READ_COMMITTED, version=version)
        uncommitted = topic.list_offset(LATEST, isolation_level=READ_UNCOMMITTED, version=version)

        expect(committed.offset, "the latest offset at read_committed").equals(1)
        expect(uncommitted.offset, "the latest offset at read_uncommitted").equals(3)


@checks("transactions/isolation/offset-of-a-time")
@given(asked=st.integers(FIRST_TIME + 1, OPEN_TIME), behind=st.integers(OPEN_TIME, 2 * OPEN_TIME))
def test_a_time_that_only_open_records_have_gives_no_offset_at_read_committed(cluster, asked, behind):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        topic.produce([NewRecord(None, b"before", (), FIRST_TIME)])
        transaction = producer.begin()
        transaction.send(topic, [NewRecord(None, b"open", (), OPEN_TIME)])
        topic.produce([NewRecord(None, b"behind", (), behind)])

        early = topic.list_offset(FIRST_TIME, isolation_level=READ_COMMITTED)
        during = topic.list_offset(asked, isolation_level=READ_COMMITTED)
        uncommitted = topic.list_offset(asked, isolation_level=READ_UNCOMMITTED)
        transaction.commit()
        after = topic.list_offset(asked, isolation_level=READ_COMMITTED)

        expect(early.offset, "a time of a record that is stable").equals(0)
        expect([during.error, during.offset], "a time of an open record, at read_committed").equals(
            [ErrorCode.NONE, -1]
        )
        expect(uncommitted.offset, "the same at read_uncommitted").equals(1)
        expect(after.offset, "the same at read_committed after the commit").equals(1)


@checks("transactions/isolation/offset-of-a-time")
def test_the_largest_timestamp_of_open_records_gives_no_offset_at_read_committed(cluster):
    cluster.require(ApiKey.LIST_OFFSETS, 7)
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        topic.produce([NewRecord(None, b"before", (), FIRST_TIME)])
        producer.begin().send(topic, [NewRecord(None, b"open", (), OPEN_TIME)])

        listed = topic.list_offset(MAX_TIMESTAMP, isolation_level=READ_COMMITTED)

        expect([listed.error, listed.offset], "the largest timestamp at read_committed").equals([ErrorCode.NONE, -1])


@checks("transactions/isolation/end-wakes-fetches")
@given(committed=st.booleans())
def test_a_fetch_that_waits_at_the_last_stable_offset_is_answered_when_the_transaction_ends(cluster, committed):
    with (
        cluster.topic() as topic,
        cluster.connect(leader_of=topic) as connection,
        cluster.transactional_producer() as producer,
    ):
        transaction = producer.begin()
        transaction.send(topic, [b"open"])
        waiting = connection.start(
            fetch_request(topic, {0: 0}, max_wait_ms=LONG_MS, min_bytes=1, isolation_level=READ_COMMITTED)
        )
        cluster.throughout(lambda: not waiting.done, for_s=A_MOMENT_S, what="the fetch waits")

        transaction.end(committed)

        fetched = by_partition(waiting.result(within_s=PROMPTLY_S))[0]
        expect([record.value for record in fetched.visible_records], "what the fetch shows").equals(
            [b"open"] if committed else []
        )
        expect(fetched.last_stable_offset, "the last stable offset").equals(2)


@checks("transactions/isolation/open-records-do-not-wake-fetches")
def test_records_behind_the_last_stable_offset_do_not_answer_a_fetch_at_read_committed(cluster):
    with (
        cluster.topic() as topic,
        cluster.connect(leader_of=topic) as connection,
        cluster.transactional_producer() as producer,
    ):
        transaction = producer.begin()
        transaction.send(topic, [b"open"])
        waiting = connection.start(
            fetch_request(topic, {0: 0}, max_wait_ms=LONG_MS, min_bytes=1, isolation_level=READ_COMMITTED)
        )
        cluster.throughout(lambda: not waiting.done, for_s=A_MOMENT_S, what="the fetch waits")

        topic.produce([b"behind"])
        transaction.send(topic, [b"open, too"])

        cluster.throughout(lambda: not waiting.done, for_s=3 * A_MOMENT_S, what="the fetch waits")


@checks("transactions/isolation/delete-records")
@needs("delete-records")
@given(deleted=st.integers(1, 3), committed=st.booleans())
def test_records_of_an_open_transaction_can_be_deleted_and_it_goes_on_from_the_new_start(cluster, deleted, committed):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        topic.produce([b"before"])
        transaction = producer.begin()
        for number in range(3):
            transaction.send(topic, [b"%d" % number])

        answer = topic.delete_records(1 + deleted)
        stable = last_stable_offset(topic)
        hidden = committed_values(topic, from_offset=1 + deleted)
        (transaction.commit if committed else transaction.abort)()

        expect(answer, "the error and the low watermark").equals((ErrorCode.NONE, 1 + deleted))
        expect(stable, "the last stable offset").equals(topic.list_offset(EARLIEST).offset)
        expect(hidden, "what is shown at read_committed meanwhile").equals([])
        expect(committed_values(topic, from_offset=1 + deleted), "what is shown after its end").equals(
            [b"0", b"1", b"2"][deleted:] if committed else []
        )
