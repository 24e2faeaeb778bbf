"""Segments that are deleted because they are too old or too many."""

from kafka_conformance.conformance.cleaning.closing import (
    CLOSING,
    COMPACTED,
    HOUR_MS,
    LONG_AGO_MS,
    RETENTION_WITHIN_S,
    SegmentedLog,
)
from kafka_conformance.conformance.produce.broker_clock import broker_now_ms
from kafka_conformance.harness.cases import ErrorCode, NewRecord, checks, expect, waits_long

KEEPS_A_DAY = {**CLOSING, "retention.ms": str(24 * HOUR_MS), "retention.bytes": "-1"}


def starts_at(cluster, topic, offset):
    """Wait until the log starts there."""
    cluster.settled(
        lambda: topic.start_offset(0) == offset,
        within_s=RETENTION_WITHIN_S,
        step="retention",
        what=f"the log starts at {offset}",
    )


def an_old_segment_and_a_young_one(cluster, topic):
    """Two records of two days ago, and two of now in the next segment. Returns the log."""
    now_ms = broker_now_ms(cluster)
    log = SegmentedLog(cluster, topic, now_ms - 48 * HOUR_MS)
    log.write((b"a", b"old"), (b"b", b"old"))
    log.time_ms = now_ms
    log.write((b"a", b"young"), (b"b", b"young"))
    return log


@checks("cleaning/retention/old-segments-go")
@waits_long
def test_segments_older_than_retention_ms_go(cluster):
    with cluster.topic(configs=KEEPS_A_DAY) as topic:
        log = an_old_segment_and_a_young_one(cluster, topic)

        starts_at(cluster, topic, 2)

        expect(log.contents(), "the records").equals([(2, b"a", b"young"), (3, b"b", b"young")])
        expect(topic).ends_at(4)


@checks("cleaning/retention/young-records-keep-their-segment")
@waits_long
def test_a_young_record_keeps_the_old_ones_of_its_segment_and_all_segments_behind(cluster):
    now_ms = broker_now_ms(cluster)
    old_ms = now_ms - 48 * HOUR_MS
    with cluster.topic(configs=KEEPS_A_DAY) as topic:
        log = SegmentedLog(cluster, topic, old_ms)
        log.write((b"a", b"goes"))
        mixed = [NewRecord(b"a", b"old", (), old_ms + HOUR_MS), NewRecord(b"a", b"young", (), now_ms)]
        log.write_records(mixed)
        log.write_records([NewRecord(b"a", b"behind", (), old_ms)])

        starts_at(cluster, topic, 1)

        expect([value for _, _, value in log.contents()], "the values").equals([b"old", b"young", b"behind"])


@checks("cleaning/retention/surplus-goes")
@waits_long
def test_the_oldest_segments_go_while_enough_is_left(cluster):
    value = b"v" * 1000
    limit = {**CLOSING, "retention.ms": "-1", "retention.bytes": "2500"}
    with cluster.topic(configs=limit) as topic:
        log = SegmentedLog(cluster, topic)
        for _ in range(6):
            log.close_segment((b"a", value))

        starts_at(cluster, topic, 3)

        expect(len(log.records()), "how many records are left").equals(3)


@checks("cleaning/retention/log-start-moves")
@waits_long
def test_below_the_first_segment_that_is_left_nothing_can_be_fetched(cluster):
    with cluster.topic(configs=KEEPS_A_DAY) as topic:
        an_old_segment_and_a_young_one(cluster, topic)

        starts_at(cluster, topic, 2)

        below, at = topic.fetch(1), topic.fetch(2)
        expect(below).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)
        expect(at).succeeds()
        expect(at.log_start_offset, "the log start in the answer").equals(2)


@checks("cleaning/retention/compacted-and-deleted")
@waits_long
def test_both_policies_apply_where_both_are_set(cluster):
    with cluster.topic(configs={**COMPACTED, **KEEPS_A_DAY, "cleanup.policy": "compact,delete"}) as topic:
        log = an_old_segment_and_a_young_one(cluster, topic)
        starts_at(cluster, topic, 2)  # before it is merged with younger segments

        log.write((b"a", b"younger"))
        log.compact()

        expect(log.contents(), "the records").equals([(3, b"b", b"young"), (4, b"a", b"younger")])


@checks("cleaning/retention/compaction-alone-keeps")
def test_compaction_alone_keeps_the_last_values_however_old_they_are(cluster):
    keeps_nothing = {"retention.ms": "1000", "retention.bytes": "0"}
    with cluster.topic(configs={**COMPACTED, **keeps_nothing}) as topic:
        log = SegmentedLog(cluster, topic, LONG_AGO_MS)
        log.write((b"a", b"1"), (b"b", b"1"))
        log.compact()
        log.write((b"a", b"2"))

        log.compact()

        expect(log.contents(), "the records").equals(log.last_values())
