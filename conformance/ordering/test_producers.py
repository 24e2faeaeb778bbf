"""Several producers at the same time: whose records come where."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.ordering.pipelines import produced, start_produce
from kafka_conformance.harness.cases import ErrorCode, build_batch, checks, expect
from kafka_conformance.harness.subject.topic import new_records
from kafka_conformance.protocol.partitioner import partition_for_key

# Of each turn: which producer sends, and how many records.
TURNS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=2, max_size=16)
PRODUCERS = 4
PARTITIONS = 3


def values_of_turn(number, turn):
    """The records of a turn, each different from all others."""
    producer, size = turn
    return [f"turn {number}, {place} by {producer}".encode() for place in range(size)]


def write_all(cluster, topic, turns):
    """Sends every turn's batch on its producer's connection without waiting; the answers in the order of the turns."""
    connections = [cluster.connect(leader_of=topic) for _ in range(PRODUCERS)]
    batches = [bytes(build_batch(new_records(values_of_turn(number, turn)))) for number, turn in enumerate(turns)]
    pending = [
        start_produce(connections[turn[0]], topic, batch, acks=1) for turn, batch in zip(turns, batches, strict=True)
    ]
    return produced(pending)


@checks("ordering/appends/batches-stay-whole")
@given(turns=TURNS)
def test_batches_of_many_producers_lie_in_one_piece_and_in_their_producers_order(cluster, turns):
    with cluster.topic() as topic:
        answers = write_all(cluster, topic, turns)

        order = sorted(range(len(turns)), key=lambda number: answers[number].base_offset)
        by_producer = [[number for number in order if turns[number][0] == producer] for producer in range(PRODUCERS)]
        expect(by_producer, "each producer's batches by their offsets").equals([sorted(own) for own in by_producer])
        expect(topic).holds_exactly(*(values_of_turn(number, turns[number]) for number in order))


@checks("ordering/offsets/never-given-twice")
@given(turns=TURNS)
def test_producers_that_write_at_the_same_time_get_offsets_of_their_own(cluster, turns):
    with cluster.topic() as topic:
        answers = write_all(cluster, topic, turns)

        given_out = [
            offset
            for answer, (_, size) in zip(answers, turns, strict=True)
            for offset in range(answer.base_offset, answer.base_offset + size)
        ]
        total = sum(size for _, size in turns)
        expect([answer.error for answer in answers], "the errors").equals([ErrorCode.NONE] * len(turns))
        expect(sorted(given_out), "the offsets that were given out").equals(list(range(total)))
        expect(topic).ends_at(total)


@checks("ordering/offsets/count-by-partition")
@given(turns=st.lists(st.tuples(st.integers(0, PARTITIONS - 1), st.integers(1, 3)), min_size=2, max_size=8))
def test_each_partition_counts_from_0(cluster, turns):
    with cluster.topic(partitions=PARTITIONS) as topic:
        answers = [topic.produce([b"x"] * size, partition=index) for index, size in turns]

        earlier = [
            sum(size for other, size in turns[:number] if other == index) for number, (index, _) in enumerate(turns)
        ]
        expect([answer.base_offset for answer in answers], "the base offsets").equals(earlier)


@checks("ordering/keys/same-key-same-order")
@given(keys=st.lists(st.sampled_from((b"a", b"b", b"c", b"d")), min_size=2, max_size=12))
def test_records_with_the_same_key_keep_their_order(cluster, keys):
    with cluster.topic(partitions=PARTITIONS) as topic:
        connections = [cluster.connect(leader_of=topic, partition=index) for index in range(PARTITIONS)]
        sent = [(key, b"%d" % number) for number, key in enumerate(keys)]
        homes = [partition_for_key(key, PARTITIONS) for key in keys]
        batches = [bytes(build_batch(new_records([record]))) for record in sent]

        produced(
            [
                start_produce(connections[home], topic, batch, partition=home)
                for home, batch in zip(homes, batches, strict=True)
            ]
        )

        read = [record for index in range(PARTITIONS) for record in topic.records(index)]
        found = {key: [record.value for record in read if record.key == key] for key in keys}
        wanted = {key: [value for other, value in sent if other == key] for key in keys}
        expect(found, "the values of each key, as they are read").equals(wanted)


@checks("ordering/reads/follow-the-log")
@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=8), data=st.data())
def test_a_read_from_any_offset_is_the_rest_of_the_log(cluster, sizes, data):
    with cluster.topic() as topic:
        for number, size in enumerate(sizes):
            expect(topic.produce(values_of_turn(number, (0, size)))).succeeds()
        position = data.draw(st.integers(0, sum(sizes)), label="read from")

        whole = topic.records()

        expect([record.offset for record in whole], "the offsets from the start on").equals(list(range(sum(sizes))))
        expect(topic.records(from_offset=position), f"what is read from {position} on").equals(whole[position:])
