"""Records that say that a key is gone."""

from kafka_conformance.conformance.cleaning.closing import COMPACTED, HOUR_MS, SegmentedLog
from kafka_conformance.harness.cases import checks, expect


def compact_again_and_again(log, times):
    """So many rounds, each with something new to clean."""
    for place in range(times):
        log.write((b"other", b"%d" % place))
        log.compact()


@checks("cleaning/tombstones/remove-their-key")
def test_a_tombstone_removes_the_older_values(cluster):
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        log.write((b"a", b"1"), (b"b", b"1"))
        log.write((b"a", b"2"))
        log.write((b"a", None))

        log.compact()

        expect(log.contents(), "the records").equals([(1, b"b", b"1"), (3, b"a", None)])


@checks("cleaning/tombstones/wait-for-readers")
def test_a_tombstone_outlives_rounds_until_its_time_is_over(cluster):
    with cluster.topic(configs={**COMPACTED, "delete.retention.ms": str(24 * HOUR_MS)}) as topic:
        log = SegmentedLog(cluster, topic)
        log.write((b"a", b"1"))
        tombstone = log.write((b"a", None))

        compact_again_and_again(log, times=3)

        expect(log.contents()[0], "the first record").equals((tombstone, b"a", None))


@checks("cleaning/tombstones/wait-for-readers")
def test_a_tombstone_keeps_its_timestamp_while_it_waits(cluster):
    with cluster.topic(configs=COMPACTED) as topic:
        log = SegmentedLog(cluster, topic)
        written_ms = log.time_ms
        log.write((b"a", None), (b"b", b"1"))

        compact_again_and_again(log, times=2)

        timestamps = [record.timestamp for record in log.records()[:2]]
        expect(timestamps, "the timestamps").equals([written_ms, written_ms])


@checks("cleaning/tombstones/go-in-the-end")
def test_a_tombstone_goes_in_a_round_after_its_time(cluster):
    with cluster.topic(configs={**COMPACTED, "delete.retention.ms": "0"}) as topic:
        log = SegmentedLog(cluster, topic)
        log.write((b"a", b"1"))
        log.write((b"a", None), (b"b", b"1"))

        compact_again_and_again(log, times=3)

        expect(log.contents()[0], "the first record").equals((2, b"b", b"1"))
