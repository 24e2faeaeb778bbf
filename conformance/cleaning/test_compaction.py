"""What compaction leaves of a log."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.cleaning.closing import (
    COMPACTED,
    HOUR_MS,
    LONG_AGO_MS,
    PROBE,
    SEGMENT_MS,
    SegmentedLog,
)
from kafka_conformance.conformance.produce.broker_clock import broker_now_ms
from kafka_conformance.harness.cases import Compression, NewRecord, checks, expect, few_examples

pairs = st.tuples(st.sampled_from([b"a", b"b", b"c", b""]), st.binary(max_size=20))
keyed_batches = st.lists(st.lists(pairs, min_size=1, max_size=4), min_size=1, max_size=5)


@checks("cleaning/compaction/last-values-survive")
@few_examples
@given(batches=keyed_batches)
def test_of_each_key_the_last_value_survives(cluster, batches):
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        for batch in batches:
            log.write(*batch)

        log.compact()

        expect(log.contents(), "the records").equals(log.last_values())


@checks("cleaning/compaction/last-values-survive")
def test_the_last_value_survives_however_many_segments_and_rounds_there_were(cluster):
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        log.write((b"a", b"1"), (b"b", b"1"))
        log.close_segment((b"b", b"2"), (b"c", b"1"))
        log.compact()
        log.write((b"a", b"2"))

        log.compact()

        expect(log.contents(), "the records").equals(log.last_values())


@checks("cleaning/compaction/records-stay-as-they-are")
@few_examples
@given(times=st.lists(st.integers(0, SEGMENT_MS), min_size=2, max_size=6))
def test_what_survives_keeps_offset_timestamp_and_headers(cluster, times):
    records = [
        NewRecord(b"%d" % (place % 3), b"%d" % place, (("place", b"%d" % place),), LONG_AGO_MS + time)
        for place, time in enumerate(times)
    ]
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        base = log.write_records(records)

        log.compact()

        kept = range(max(len(records) - 3, 0), len(records))
        expect(
            [(each.offset, each.timestamp, each.headers) for each in log.records()], "offset, timestamp and headers"
        ).equals([(base + place, records[place].timestamp, records[place].headers) for place in kept])


@checks("cleaning/compaction/offsets-are-not-given-again")
def test_the_next_record_gets_the_next_offset_after_compaction(cluster):
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        log.write((b"a", b"1"), (b"a", b"2"), (b"a", b"3"))
        log.compact((b"a", b"4"))
        given_offsets = len(log.written)

        next_offset = log.write((b"a", b"5"))

        expect(next_offset, "the offset of the next record").equals(given_offsets)
        expect(topic).ends_at(given_offsets + 1)


@checks("cleaning/compaction/removed-offsets-can-be-fetched")
def test_a_fetch_at_a_removed_offset_gives_the_next_records(cluster):
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        for value in range(4):
            log.write((b"a", b"%d" % value), (b"b", b"%d" % value))
        log.compact()
        expected = [next(each for each in log.contents() if each[0] >= offset) for offset in range(8)]

        fetched = [topic.fetch(offset) for offset in range(8)]

        expect([answer.error for answer in fetched], "the errors").equals([0] * 8)
        first = [
            next((each.offset, each.key, each.value) for each in answer.records if each.offset >= offset)
            for offset, answer in enumerate(fetched)
        ]
        expect(first, "the first record from each offset on").equals(expected)


@checks("cleaning/compaction/log-start-stays")
def test_the_log_starts_where_it_started_though_its_first_records_are_gone(cluster):
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        log.write((b"a", b"1"))
        log.write((b"a", b"2"))

        log.compact()

        expect(log.contents(), "the records").equals([(1, b"a", b"2")])
        expect(topic.start_offset(0), "the start of the log").equals(0)


@checks("cleaning/compaction/active-segment-is-left-alone")
def test_older_values_in_the_active_segment_stay_and_remove_nothing(cluster):
    active = [(b"a", b"3"), (b"a", b"4"), (b"a", b"5")]
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        log.write((b"a", b"1"), (b"a", b"2"))

        log.compact(*active)

        expect([(key, value) for _, key, value in log.contents()], "the records").equals([(b"a", b"2"), *active])


@checks("cleaning/compaction/min-lag")
def test_segments_with_younger_records_are_not_compacted(cluster):
    now_ms = broker_now_ms(cluster)
    with cluster.topic(configs={**COMPACTED, "min.compaction.lag.ms": str(HOUR_MS)}) as topic:
        log = SegmentedLog(cluster, topic, now_ms - 10 * HOUR_MS)
        old = log.write((PROBE, b"1"), (PROBE, b"2"))
        log.time_ms = now_ms
        log.write((b"a", b"1"), (b"a", b"2"))
        log.close_segment((b"a", b"3"))

        log.await_removal(old)

        expect(log.contents(), "the records").equals([(2, b"a", b"1"), (3, b"a", b"2"), (4, b"a", b"3")])


@checks("cleaning/compaction/max-lag")
def test_what_has_been_dirty_for_too_long_is_compacted(cluster):
    lag = {"min.cleanable.dirty.ratio": "1.0", "max.compaction.lag.ms": "1000"}
    with cluster.topic(configs={**COMPACTED, **lag}) as topic:
        log = SegmentedLog(cluster, topic)
        log.write((b"a", b"1"), (b"a", b"2"))

        log.compact()

        expect(log.contents(), "the records").equals([(1, b"a", b"2")])


@checks("cleaning/compaction/clean-enough-is-left-alone")
def test_a_log_that_is_not_dirty_enough_is_not_compacted(cluster):
    never = {**COMPACTED, "min.cleanable.dirty.ratio": "1.0"}
    with cluster.topic(configs=never) as clean_enough, cluster.topic(configs=COMPACTED) as dirty:
        left_alone = SegmentedLog(cluster, clean_enough)
        left_alone.write((b"a", b"1"), (b"a", b"2"))
        left_alone.close_segment()

        SegmentedLog(cluster, dirty).compact()

        expect(left_alone.contents(), "the records").equals([(0, b"a", b"1"), (1, b"a", b"2")])


@checks("cleaning/compaction/codecs-stay")
def test_a_compressed_batch_is_compressed_again(cluster):
    codecs = list(Compression)
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        for codec in codecs:
            records = [NewRecord(key, b"v", (), log.time_ms) for key in (b"a", codec.name.encode())]
            expect(topic.produce(records, compression=codec)).succeeds()
        log.write((b"a", b"last"))

        log.compact()

        batches = topic.fetch(0).batches
        expect([header.compression for header, _ in batches][: len(codecs)], "the codecs").equals(codecs)
        expect([each.key for each in log.records()][: len(codecs)], "the keys").equals(
            [codec.name.encode() for codec in codecs]
        )


@checks("cleaning/compaction/times-find-survivors")
def test_a_time_gives_the_first_survivor_that_is_not_older(cluster):
    keys = [b"a", b"b", b"a", b"c"]
    records = [NewRecord(key, b"v", (), LONG_AGO_MS + place) for place, key in enumerate(keys)]
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        log.write_records(records)

        log.compact()

        found = [topic.list_offset(LONG_AGO_MS + place).offset for place in range(-1, 4)]
        expect(found, "the offsets").equals([1, 1, 1, 2, 3])
