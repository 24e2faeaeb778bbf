"""Fetches that wait: for how much, for how long, and what ends it."""

from kafka_conformance.conformance.fetch.several_partitions import by_partition, led_together
from kafka_conformance.harness.cases import ErrorCode, NewRecord, build_batch, checks, expect
from kafka_conformance.harness.subject.partition_requests import fetch_request

LONG_MS = 30_000
PROMPTLY_S = 10.0
"""Far less than the long wait, far more than a broker needs that has nothing to wait for."""
MORE_THAN_THERE_IS = 1_000_000
A_MOMENT_S = 0.05


@checks("fetch/long-poll/produce-ends-it")
def test_a_waiting_fetch_is_answered_as_soon_as_a_record_is_there(cluster):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        waiting = connection.start(fetch_request(topic, {0: 0}, max_wait_ms=LONG_MS, min_bytes=1))
        cluster.throughout(lambda: not waiting.done, for_s=A_MOMENT_S, what="the fetch waits")

        topic.produce([b"here"])

        fetched = by_partition(waiting.result(within_s=PROMPTLY_S))[0]
        expect(fetched).holds_exactly([b"here"])
        expect(fetched.high_watermark, "the high watermark").equals(1)


@checks("fetch/long-poll/waits-for-min-bytes")
def test_a_fetch_waits_until_all_the_bytes_that_it_wants_are_there(cluster):
    first, second = [NewRecord(None, b"first")], [NewRecord(None, b"second")]
    wanted = len(build_batch(first)) + len(build_batch(second))
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        topic.produce(first)
        waiting = connection.start(fetch_request(topic, {0: 0}, max_wait_ms=LONG_MS, min_bytes=wanted))
        cluster.throughout(lambda: not waiting.done, for_s=A_MOMENT_S, what="the fetch waits for more")

        topic.produce(second)

        expect(by_partition(waiting.result(within_s=PROMPTLY_S))[0]).holds_exactly(first + second)


@checks("fetch/long-poll/min-bytes-of-all-partitions")
def test_the_bytes_of_all_partitions_together_count(cluster):
    batch = [NewRecord(None, b"a")]
    with led_together(cluster, 2) as (topic, (one, other), connection):
        topic.produce(batch, partition=one)
        topic.produce(batch, partition=other)
        wanted = 2 * len(build_batch(batch))

        answer = connection.start(fetch_request(topic, {one: 0, other: 0}, max_wait_ms=LONG_MS, min_bytes=wanted))

        fetched = by_partition(answer.result(within_s=PROMPTLY_S))
        expect(fetched[one], "one partition").holds_exactly(batch)
        expect(fetched[other], "the other partition").holds_exactly(batch)


@checks("fetch/long-poll/max-wait-ends-it")
def test_when_the_time_is_over_a_fetch_gives_what_there_is(cluster):
    with cluster.topic() as topic:
        nothing_yet = topic.fetch(0, max_wait_ms=50)
        topic.produce([b"little"])

        little = topic.fetch(0, max_wait_ms=50, min_bytes=MORE_THAN_THERE_IS)

        expect(nothing_yet, "the answer without records").is_empty()
        expect(little, "the answer with fewer bytes than wanted").holds_exactly([b"little"])


@checks("fetch/long-poll/no-min-bytes-no-wait")
def test_a_fetch_that_wants_no_bytes_is_answered_at_once(cluster):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        answer = connection.start(fetch_request(topic, {0: 0}, max_wait_ms=LONG_MS, min_bytes=0))

        expect(by_partition(answer.result(within_s=PROMPTLY_S))[0]).is_empty()


@checks("fetch/long-poll/no-max-wait-no-wait")
def test_a_fetch_that_may_not_wait_is_answered_at_once(cluster):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        answer = connection.start(fetch_request(topic, {0: 0}, max_wait_ms=0, min_bytes=MORE_THAN_THERE_IS))

        expect(by_partition(answer.result(within_s=PROMPTLY_S))[0]).is_empty()


@checks("fetch/long-poll/error-ends-it")
def test_an_error_of_one_partition_is_told_at_once(cluster):
    with led_together(cluster, 2) as (topic, (good, wrong), connection):
        answer = connection.start(fetch_request(topic, {good: 0, wrong: 1}, max_wait_ms=LONG_MS))

        fetched = by_partition(answer.result(within_s=PROMPTLY_S))
        expect(fetched[wrong], "the partition whose offset is out of range").fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)
        expect(fetched[good], "the other partition").is_empty()
