"""All records of a transaction, or none, whatever others write in between."""

from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.cleaning.closing import CLOSING, SEGMENT_MS
from kafka_conformance.conformance.produce.broker_clock import broker_now_ms
from kafka_conformance.conformance.transactions.interleaving import interleavings, of_each_partition, played
from kafka_conformance.conformance.transactions.reading import all_values, committed_values, markers
from kafka_conformance.harness.cases import (
    READ_COMMITTED,
    ErrorCode,
    NewRecord,
    checks,
    expect,
    over_codecs,
    over_protocols,
)

WRITES = st.lists(st.lists(st.binary(max_size=8), min_size=1, max_size=3), min_size=1, max_size=4)


def write(transaction, topic, written):
    """One batch for each partition."""
    for partition, values in enumerate(written):
        expect(transaction.send(topic, values, partition=partition)).succeeds()


@checks("transactions/atomicity/commit-shows-all")
@over_protocols
@given(written=WRITES)
def test_all_records_of_all_partitions_are_seen_after_a_commit(cluster, protocol, written):
    with cluster.topic(len(written)) as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        write(transaction, topic, written)

        transaction.commit()

        seen = [committed_values(topic, partition) for partition in range(len(written))]
        expect(seen, "what each partition shows at read_committed").equals(written)


@checks("transactions/atomicity/commit-shows-all")
@over_protocols
@given(written=WRITES)
def test_all_batches_of_a_partition_are_seen_after_a_commit(cluster, protocol, written):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        for values in written:
            expect(transaction.send(topic, values)).succeeds()

        transaction.commit()

        expect(committed_values(topic), "what is shown at read_committed").equals(
            [value for values in written for value in values]
        )


@checks("transactions/atomicity/abort-shows-none")
@over_protocols
@given(written=WRITES)
def test_no_record_of_any_partition_is_seen_after_an_abort(cluster, protocol, written):
    with cluster.topic(len(written)) as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        write(transaction, topic, written)

        transaction.abort()

        for partition in range(len(written)):
            topic.produce([b"behind"], partition=partition)
        seen = [committed_values(topic, partition) for partition in range(len(written))]
        expect(seen, "what each partition shows at read_committed").equals([[b"behind"]] * len(written))


@checks("transactions/atomicity/one-after-the-other")
@over_protocols
@given(ends=st.lists(st.booleans(), min_size=2, max_size=6))
def test_each_transaction_of_a_producer_has_an_end_of_its_own(cluster, protocol, ends):
    with cluster.topic(2) as topic, cluster.transactional_producer(protocol=protocol) as producer:
        for number, committed in enumerate(ends):
            transaction = producer.begin()
            write(transaction, topic, [[b"%d" % number]] * 2)
            (transaction.commit if committed else transaction.abort)()

        seen = [committed_values(topic, partition) for partition in range(2)]
        kept = [b"%d" % number for number, committed in enumerate(ends) if committed]
        expect(seen, "what each partition shows at read_committed").equals([kept, kept])


@checks("transactions/isolation/read-committed")
@over_protocols
@given(steps=interleavings())
def test_interleaved_transactions_show_what_was_committed_and_nothing_else(cluster, protocol, steps):
    with played(cluster, steps, protocol) as outcome:
        seen = of_each_partition(lambda partition: committed_values(outcome.topic, partition))

        expect(seen, "what each partition shows at read_committed").equals(of_each_partition(outcome.committed_values))


@checks("transactions/isolation/read-committed")
@over_codecs()
def test_records_of_every_codec_are_kept_or_dropped_as_their_transaction_ends(cluster, compression):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        kept = producer.begin()
        kept.send(topic, [b"kept"] * 3, compression=compression)
        kept.commit()
        dropped = producer.begin()
        dropped.send(topic, [b"dropped"] * 3, compression=compression)
        dropped.abort()

        expect(committed_values(topic), "what is shown at read_committed").equals([b"kept"] * 3)


@checks("transactions/isolation/read-uncommitted")
@given(steps=interleavings())
def test_at_read_uncommitted_all_records_are_seen_as_they_were_written(cluster, steps):
    with played(cluster, steps) as outcome:
        seen = of_each_partition(lambda partition: all_values(outcome.topic, partition))

        expect(seen, "what each partition shows at read_uncommitted").equals(of_each_partition(outcome.all_values))


@checks("transactions/isolation/last-stable-offset")
@over_protocols
@given(steps=interleavings())
def test_the_last_stable_offset_is_where_the_earliest_open_transaction_began(cluster, protocol, steps):
    with played(cluster, steps, protocol) as outcome:
        fetched = of_each_partition(
            lambda partition: outcome.topic.fetch(0, partition=partition, isolation_level=READ_COMMITTED)
        )

        stable = [answer.last_stable_offset for answer in fetched]
        expect(stable, "the last stable offsets").equals(of_each_partition(outcome.last_stable_offset))
        ends = [answer.high_watermark for answer in fetched]
        expect(ends, "the high watermarks").equals(of_each_partition(outcome.end))


def at_each_offset(outcome, look):
    """The same look from each stable offset of each partition."""
    return of_each_partition(
        lambda partition: [look(partition, start) for start in range(outcome.last_stable_offset(partition))]
    )


@checks("transactions/isolation/nothing-beyond-the-last-stable-offset")
@given(steps=interleavings())
def test_a_fetch_at_read_committed_ends_at_the_last_stable_offset(cluster, steps):
    with played(cluster, steps) as outcome:
        fetched = of_each_partition(
            lambda partition: [
                outcome.topic.fetch(start, partition=partition, isolation_level=READ_COMMITTED)
                for start in range(outcome.end(partition) + 1)
            ]
        )

        beyond = of_each_partition(
            lambda partition: [
                header.last_offset
                for answer in fetched[partition]
                for header, _ in answer.batches
                if header.last_offset >= outcome.last_stable_offset(partition)
            ]
        )
        expect({answer.error for answers in fetched for answer in answers}, "the errors").equals({ErrorCode.NONE})
        expect(beyond, "batches at or behind the last stable offset").equals(of_each_partition(lambda _: []))


@checks("transactions/isolation/aborted-list")
@over_protocols
@given(steps=interleavings())
def test_a_fetch_lists_the_aborted_transactions_that_end_at_or_behind_its_offset(cluster, protocol, steps):
    with played(cluster, steps, protocol) as outcome:

        def missing_and_others(partition, start):
            fetched = outcome.topic.fetch(start, partition=partition, isolation_level=READ_COMMITTED)
            listed = set(fetched.aborted_transactions or [])
            aborted = outcome.aborted_from(partition, start)
            needed = {each for each in aborted if each[1] < outcome.last_stable_offset(partition)}
            return sorted(needed - listed), sorted(listed - aborted)

        expect(
            at_each_offset(outcome, missing_and_others),
            "producer id and first offset of those that are missing, and of those that do not belong there, by offset",
        ).equals(at_each_offset(outcome, lambda partition, start: ([], [])))


@checks("transactions/isolation/aborted-list")
@given(ends=st.lists(st.booleans(), min_size=3, max_size=8))
def test_every_aborted_transaction_of_a_producer_is_listed_up_to_its_marker(cluster, ends):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        for committed in ends:
            transaction = producer.begin()
            transaction.send(topic, [b"a"])
            (transaction.commit if committed else transaction.abort)()

        fetched = [topic.fetch(start, isolation_level=READ_COMMITTED) for start in range(2 * len(ends))]

        expect([answer.aborted_transactions for answer in fetched], "what is listed, by offset").equals(
            [
                [(producer.producer_id, 2 * place) for place in range(start // 2, len(ends)) if not ends[place]]
                for start in range(2 * len(ends))
            ]
        )


@checks("transactions/isolation/aborted-list")
@given(ends=st.lists(st.booleans(), min_size=2, max_size=5))
def test_aborted_transactions_are_listed_whose_markers_lie_in_later_segments(cluster, ends):
    begin_ms = broker_now_ms(cluster)
    with cluster.topic(configs=CLOSING) as topic, ExitStack() as producers:
        open_ones = [producers.enter_context(cluster.transactional_producer()).begin() for _ in ends]
        for number, transaction in enumerate(open_ones):
            transaction.send(topic, [NewRecord(None, b"%d" % number, (), begin_ms + 2 * number * SEGMENT_MS)])
        for transaction, committed in zip(open_ones, ends, strict=True):
            (transaction.commit if committed else transaction.abort)()

        expect(committed_values(topic), "what is shown").equals(
            [b"%d" % number for number, committed in enumerate(ends) if committed]
        )


@checks("transactions/isolation/from-any-offset")
@given(ends=st.lists(st.booleans(), min_size=3, max_size=8))
def test_read_committed_is_right_from_the_midst_of_one_transaction_after_the_other(cluster, ends):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        for number, committed in enumerate(ends):
            transaction = producer.begin()
            transaction.send(topic, [b"%d" % number])
            (transaction.commit if committed else transaction.abort)()

        seen = [committed_values(topic, from_offset=start) for start in range(2 * len(ends))]

        expect(seen, "what is shown at read_committed, by offset").equals(
            [
                [b"%d" % place for place in range((start + 1) // 2, len(ends)) if ends[place]]
                for start in range(2 * len(ends))
            ]
        )


@checks("transactions/isolation/from-any-offset")
@given(steps=interleavings())
def test_read_committed_is_right_from_whatever_offset_one_begins(cluster, steps):
    with played(cluster, steps) as outcome:

        def seen(partition, start):
            return committed_values(outcome.topic, partition, from_offset=start)

        expect(at_each_offset(outcome, seen), "what is shown at read_committed, by offset").equals(
            at_each_offset(outcome, lambda partition, start: outcome.committed_values(partition, from_offset=start))
        )


@checks("transactions/markers/one-in-each-partition")
@over_protocols
@given(steps=interleavings())
def test_each_partition_of_an_ended_transaction_gets_one_marker_behind_its_records(cluster, protocol, steps):
    with played(cluster, steps, protocol) as outcome:
        found = of_each_partition(
            lambda partition: [entry[:2] + entry[3:4] for entry in markers(outcome.topic, partition)]
        )

        expect(found, "offset, producer id and decision of each marker").equals(of_each_partition(outcome.markers))
