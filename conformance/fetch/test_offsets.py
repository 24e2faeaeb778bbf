"""Where a fetch begins: at any offset of the log, at its end, outside of it."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.several_partitions import by_partition, fetch_each, led_together
from kafka_conformance.conformance.fetch.written_log import contents, write
from kafka_conformance.harness.cases import ApiKey, ErrorCode, NewRecord, checks, expect, over_versions
from kafka_conformance.harness.strategies import batch_lists, batches
from kafka_conformance.harness.subject.partition_requests import fetch_request

MAX_OFFSET = 2**63 - 1


@checks("fetch/offsets/any-offset-gives-its-batch")
@given(written=batch_lists(max_size=4), data=st.data())
def test_a_fetch_begins_with_the_batch_that_holds_the_offset(cluster, written, data):
    offset = data.draw(st.integers(0, sum(map(len, written)) - 1), label="fetched from")
    with cluster.topic() as topic:
        log = write(topic, written)

        fetched = topic.fetch(offset)

        base_offsets = [header.base_offset for header, _ in fetched.batches]
        expect(fetched).succeeds()
        expect(base_offsets[:1], "the base offset of the first batch").equals([log.base_of(offset)])
        expect(contents(topic.records(from_offset=offset)), "the log from there").equals(log.from_offset(offset))


@checks("fetch/offsets/rewind-gives-the-same")
@given(written=batch_lists(min_size=2, max_size=4), data=st.data())
def test_a_reader_may_seek_back_and_forth_and_reads_the_same_again(cluster, written, data):
    end = sum(map(len, written))
    seeks = data.draw(st.lists(st.integers(0, end), min_size=2, max_size=4), label="fetched from, in this order")
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        log = write(topic, written)

        read = [contents(topic.fetch(offset, on=connection).records, from_offset=offset) for offset in seeks]

        wanted = [log.next_from(offset, len(found)) for offset, found in zip(seeks, read, strict=True)]
        expect(read, "what was read after each seek").equals(wanted)


@checks("fetch/versions-agree")
@over_versions(ApiKey.FETCH)
def test_every_version_reads_the_same_records(cluster, version):
    with cluster.topic() as topic:
        log = write(topic, [[NewRecord(b"k", b"v", (("h", None),))], [NewRecord(None, b"a"), NewRecord(b"", None)]])

        everything = topic.records(version=version)
        second = topic.fetch(2, version=version)

        expect(contents(everything), "the records of the log").equals(log.from_offset(0))
        expect([record.headers for record in everything], "their headers").equals([new.headers for new in log.records])
        expect(second).holds_exactly(log.batches[1])


@checks("fetch/offsets/end-is-empty")
@over_versions(ApiKey.FETCH)
def test_a_fetch_at_the_high_watermark_gives_an_empty_record_set(cluster, version):
    with cluster.topic() as topic:
        write(topic, [[NewRecord(None, b"a")], [NewRecord(None, b"b")]])

        fetched = topic.fetch(2, version=version)

        expect(fetched).is_empty()
        expect(fetched.partition.records, "the record set").differs_from(None)
        expect([fetched.high_watermark, fetched.last_stable_offset], "how far one may read").equals([2, 2])


@checks("fetch/offsets/limits-are-reported")
@given(written=batch_lists(max_size=3), data=st.data())
def test_an_answer_tells_where_the_log_begins_and_how_far_it_may_be_read(cluster, written, data):
    end = sum(map(len, written))
    start = data.draw(st.integers(0, end), label="deleted before")
    with cluster.topic() as topic:
        write(topic, written)
        topic.delete_records(start)

        fetched = topic.fetch(end)

        limits = [fetched.log_start_offset, fetched.last_stable_offset, fetched.high_watermark]
        expect(fetched).is_empty()
        expect(limits, "start, last stable offset, high watermark").equals([start, end, end])


@checks("fetch/offsets/out-of-range")
@given(written=batches(max_size=3), beyond=st.integers(1, MAX_OFFSET - 3), below=st.integers(-(2**63), -1))
def test_an_offset_outside_of_the_log_is_out_of_range(cluster, written, beyond, below):
    with cluster.topic() as topic:
        log = write(topic, [written])

        behind_the_end = topic.fetch(log.end + beyond)
        negative = topic.fetch(below)

        expect(behind_the_end).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)
        expect(negative).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)
        expect([behind_the_end.raw, negative.raw], "what was read").equals([b"", b""])


@checks("fetch/offsets/error-has-no-limits")
@over_versions(ApiKey.FETCH)
def test_an_answer_out_of_range_names_no_offsets(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a"])

        fetched = topic.fetch(2, version=version)

        limits = [fetched.high_watermark, fetched.last_stable_offset, fetched.log_start_offset]
        expect(fetched).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)
        expect(limits, "high watermark, last stable offset, start").equals([-1, -1, -1])


@checks("fetch/partitions/never-mixed")
@given(written=st.lists(batch_lists(max_size=2), min_size=2, max_size=4), shuffled=st.randoms())
def test_each_partition_gives_its_own_records_only(cluster, written, shuffled):
    with led_together(cluster, len(written)) as (topic, partitions, connection):
        logs = {index: write(topic, each, partition=index) for index, each in zip(partitions, written, strict=True)}
        in_any_order = shuffled.sample(partitions, len(partitions))

        fetched = fetch_each(connection, topic, dict.fromkeys(in_any_order, 0))

        found = {index: contents(fetched[index].records) for index in partitions}
        wanted = {index: logs[index].next_from(0, len(found[index])) for index in partitions}
        expect(found, "the records of each partition").equals(wanted)


@checks("fetch/partitions/never-mixed")
def test_each_topic_gives_its_own_records_only(cluster):
    with cluster.topic() as one, cluster.topic() as other:
        one.produce([b"one"])
        other.produce([b"other", b"another"])

        expect(one.fetch(0)).holds_exactly([b"one"])
        expect(other.fetch(0)).holds_exactly([b"other", b"another"])


@checks("fetch/partitions/errors-are-their-own")
@given(written=batches(max_size=2), wrong=st.integers(0, 2), data=st.data())
def test_the_error_of_one_partition_leaves_the_others_alone(cluster, written, wrong, data):
    with led_together(cluster, 3) as (topic, partitions, connection):
        logs = {index: write(topic, [written], partition=index) for index in partitions}
        offsets = dict.fromkeys(partitions, 0) | {
            partitions[wrong]: data.draw(st.sampled_from((-1, 9)), label="offset")
        }

        fetched = fetch_each(connection, topic, offsets, max_wait_ms=0)

        good = [index for index in partitions if index != partitions[wrong]]
        found = {index: contents(fetched[index].records) for index in good}
        expect(fetched[partitions[wrong]]).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)
        expect(found, "what the others gave").equals({index: logs[index].from_offset(0) for index in good})


@checks("fetch/partitions/answer-in-the-order-asked")
@given(shuffled=st.permutations(range(4)))
def test_an_answer_names_partitions_in_the_order_of_the_request(cluster, shuffled):
    with led_together(cluster, 4) as (topic, partitions, connection):
        asked = [partitions[place] for place in shuffled]

        answer = connection.send(fetch_request(topic, dict.fromkeys(asked, 0)))

        expect(list(by_partition(answer)), "partitions of the answer").equals(asked)
