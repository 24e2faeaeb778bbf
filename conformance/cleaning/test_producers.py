"""What is remembered of producers whose records are gone."""

from kafka_conformance.conformance.cleaning.closing import COMPACTED, HOUR_MS, SegmentedLog
from kafka_conformance.conformance.produce.broker_clock import broker_now_ms
from kafka_conformance.harness.cases import ErrorCode, NewRecord, checks, expect


def a_producer_whose_records_are_gone(cluster, topic, producer):
    """Three batches of one producer, compacted away by those of another one. Returns the log and the answers.

    They are young, for a broker forgets producers that have not written for a day by the times of their records.
    """
    log = SegmentedLog(cluster, topic, broker_now_ms(cluster) - HOUR_MS)
    batches = [[NewRecord(b"a", b"%d" % place, (), log.time_ms)] * 2 for place in range(3)]
    answers = [producer.send(topic, batch) for batch in batches]
    log.write((b"a", b"other"))
    log.compact()
    expect([offset for offset, _, _ in log.contents()], "the offsets that are left").equals([6])
    return log, answers


@checks("cleaning/producers/sequences-survive")
def test_repeats_of_records_that_are_gone_are_recognised(cluster):
    with cluster.topic(configs=COMPACTED) as topic, cluster.idempotent_producer() as producer:
        _, answers = a_producer_whose_records_are_gone(cluster, topic, producer)
        end = topic.end_offset(0)

        repeats = [producer.resend(topic, answer) for answer in answers]

        expect([repeat.error for repeat in repeats], "the errors").equals([ErrorCode.NONE] * 3)
        expect([repeat.base_offset for repeat in repeats], "the offsets").equals([0, 2, 4])
        expect(topic).ends_at(end)


@checks("cleaning/producers/sequences-survive")
def test_a_producer_goes_on_with_its_next_sequence_and_with_no_other(cluster):
    with cluster.topic(configs=COMPACTED) as topic, cluster.idempotent_producer() as producer:
        log, _ = a_producer_whose_records_are_gone(cluster, topic, producer)
        young = NewRecord(b"a", b"next", (), log.time_ms)

        gap = producer.send(topic, [young], sequence=7)
        following = producer.send(topic, [young], sequence=6)

        expect(gap).fails_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(following).succeeds()


@checks("cleaning/producers/last-batch-stays-empty")
def test_the_last_batch_of_a_producer_stays_without_records(cluster):
    with cluster.topic(configs=COMPACTED) as topic, cluster.idempotent_producer() as producer:
        a_producer_whose_records_are_gone(cluster, topic, producer)

        header, _ = topic.fetch(0).batches[0]

        expect((header.base_offset, header.last_offset, header.record_count), "the batch").equals((4, 5, 0))
        expect((header.producer_id, header.producer_epoch, header.base_sequence), "its producer").equals(
            (producer.producer_id, producer.epoch, 4)
        )
