"""What compaction leaves of transactions.

Markers carry the broker's time, so what is written around them does too: an older record would not close a segment.
"""

from kafka_conformance.conformance.cleaning.closing import COMPACTED, PROBE, SegmentedLog
from kafka_conformance.conformance.cleaning.transacting import in_a_transaction, write
from kafka_conformance.conformance.produce.broker_clock import broker_now_ms
from kafka_conformance.harness.cases import READ_COMMITTED, checks, expect


@checks("cleaning/transactions/aborted-records-go")
def test_aborted_records_go_and_remove_nothing(cluster):
    now_ms = broker_now_ms(cluster)
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic, now_ms)
        log.write((b"a", b"older"))
        aborted = in_a_transaction(log, [(b"a", b"aborted"), (b"b", b"aborted")], commit=False)

        log.compact()

        left = [offset for offset, _, _ in log.contents()]
        expect(0 in left, "the older value is there").is_true()
        expect([offset for offset in left if offset in (aborted, aborted + 1)], "aborted offsets").equals([])


@checks("cleaning/transactions/committed-records-stay-committed")
def test_committed_records_are_read_as_before(cluster):
    now_ms = broker_now_ms(cluster)
    with cluster.topic(configs={**COMPACTED, "delete.retention.ms": "0"}) as topic:
        log = SegmentedLog(cluster, topic, now_ms)
        log.write((b"a", b"older"), (b"b", b"1"))
        in_a_transaction(log, [(b"a", b"committed")], commit=True)
        log.compact()

        log.compact()

        committed = topic.records(isolation_level=READ_COMMITTED)
        found = [(record.key, record.value) for record in committed if record.key in (b"a", b"b")]
        expect(found, "the committed records").equals([(b"b", b"1"), (b"a", b"committed")])
        expect(topic.fetch(0, isolation_level=READ_COMMITTED).aborted_transactions, "aborted").equals([])


@checks("cleaning/transactions/open-ones-are-left-alone")
def test_segments_from_an_open_transaction_on_are_not_compacted(cluster):
    now_ms = broker_now_ms(cluster)
    with cluster.topic(configs=COMPACTED) as topic, cluster.transactional_producer() as producer:
        log = SegmentedLog(cluster, topic, now_ms)
        old = log.write((PROBE, b"1"), (PROBE, b"2"))
        log.close_segment((b"a", b"1"), (b"a", b"2"))
        transaction = producer.begin()
        write(transaction, log, (b"b", b"open"))
        log.write((b"a", b"3"))
        log.close_segment((b"a", b"4"))
        log.close_segment()

        log.await_removal(old)

        expect([value for _, _, value in log.contents()], "the values").equals([b"1", b"2", b"open", b"3", b"4"])
        transaction.commit()
