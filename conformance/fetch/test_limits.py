"""How much a fetch gives: the limits of bytes, and the first batch, which goes out whole whatever they are (KIP-74)."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.several_partitions import fetch_each, led_together
from kafka_conformance.conformance.fetch.written_log import contents, write
from kafka_conformance.harness.cases import build_batch, checks, expect
from kafka_conformance.harness.strategies import batch_lists, batches

PLENTY = 1 << 20


@checks("fetch/limits/first-batch-is-whole")
@given(written=batch_lists(min_size=2, max_size=3), data=st.data())
def test_the_first_batch_is_given_whole_however_few_bytes_are_asked_for(cluster, written, data):
    too_few = st.integers(0, len(build_batch(written[0])) - 1)
    partition_max_bytes = data.draw(too_few | st.just(PLENTY), label="partition_max_bytes")
    max_bytes = data.draw(too_few, label="max_bytes")
    with cluster.topic() as topic:
        write(topic, written)

        fetched = topic.fetch(0, partition_max_bytes=partition_max_bytes, max_bytes=max_bytes)

        expect(fetched).holds_exactly(written[0])
        expect(len(fetched.raw), "bytes of the answer").equals(len(build_batch(written[0])))


@checks("fetch/limits/partition-max-bytes")
@given(written=batch_lists(min_size=2, max_size=4), data=st.data())
def test_a_partition_gives_no_more_bytes_than_asked_for(cluster, written, data):
    sizes = [len(build_batch(batch)) for batch in written]
    limit = data.draw(st.integers(sizes[0], sum(sizes) - 1), label="partition_max_bytes")
    with cluster.topic() as topic:
        log = write(topic, written)

        fetched = topic.fetch(0, partition_max_bytes=limit)

        found = contents(fetched.records)
        expect(fetched).succeeds()
        expect(len(fetched.raw), "bytes of the partition").is_at_most(limit)
        expect(found, "the whole batches").equals(log.from_offset(0)[: len(found)])
        expect(len(found), "the records of the whole batches").is_at_least(len(written[0]))


@checks("fetch/limits/max-bytes")
@given(written=st.lists(batch_lists(max_size=2), min_size=2, max_size=3), data=st.data())
def test_all_partitions_together_give_no_more_bytes_than_asked_for(cluster, written, data):
    sizes = [sum(len(build_batch(batch)) for batch in each) for each in written]
    limit = data.draw(st.integers(len(build_batch(written[0][0])), sum(sizes)), label="max_bytes")
    with led_together(cluster, len(written)) as (topic, partitions, connection):
        logs = {index: write(topic, each, partition=index) for index, each in zip(partitions, written, strict=True)}

        fetched = fetch_each(connection, topic, dict.fromkeys(partitions, 0), max_bytes=limit)

        found = {index: contents(each.records) for index, each in fetched.items()}
        begun = {index: logs[index].from_offset(0)[: len(found[index])] for index in found}
        expect(sum(len(each.raw) for each in fetched.values()), "bytes of all partitions").is_at_most(limit)
        expect(found, "the whole batches").equals(begun)
        expect(len(fetched[partitions[0]].records), "records of the first partition").is_at_least(len(written[0][0]))


@checks("fetch/limits/later-partition-is-not-cut")
@given(first=batches(max_size=2), second=batches(max_size=2), data=st.data())
def test_a_later_partition_whose_first_batch_does_not_fit_gives_nothing(cluster, first, second, data):
    left = data.draw(st.integers(0, len(build_batch(second)) - 1), label="bytes left behind the first partition")
    with led_together(cluster, 2) as (topic, (one, other), connection):
        write(topic, [first], partition=one)
        write(topic, [second], partition=other)

        fetched = fetch_each(connection, topic, {one: 0, other: 0}, max_bytes=len(build_batch(first)) + left)

        expect(fetched[one], "the first partition").holds_exactly(first)
        expect(fetched[other], "the later partition").is_empty()


@checks("fetch/limits/partitions-are-served-in-order")
@given(shuffled=st.permutations(range(3)), empty=st.booleans(), written=batches(max_size=2))
def test_the_first_partition_of_the_request_that_has_data_is_served_first(cluster, shuffled, empty, written):
    with led_together(cluster, 3) as (topic, partitions, connection):
        asked = [partitions[place] for place in shuffled]
        filled = asked[empty:]
        for index in filled:
            write(topic, [written], partition=index)

        fetched = fetch_each(connection, topic, dict.fromkeys(asked, 0), max_bytes=1)

        sizes = {index: len(each.records) for index, each in fetched.items()}
        expect(sizes, "records of each partition").equals(dict.fromkeys(asked, 0) | {filled[0]: len(written)})
