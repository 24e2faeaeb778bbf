"""Where records go: by their key, by their partition, by neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.partitioning.reading import grouped, sent_until_everywhere, stored_values
from kafka_conformance.conformance.partitioning.vectors import JAVA_HASHES, OF_TWELVE, of_hash
from kafka_conformance.harness.cases import checks, expect
from kafka_conformance.harness.client import Message
from kafka_conformance.protocol.partitioner import partition_for_key

KEYS = st.binary(max_size=24)


@checks("partitioning/keys/hash-is-murmur")
def test_keys_go_to_the_partitions_of_twelve_that_java_chooses(cluster, client):
    with cluster.topic(partitions=12) as topic, client.producer() as producer:
        placed = producer.send(topic.name, [Message(b"v", key) for key in OF_TWELVE])

        found = dict(zip(OF_TWELVE, (place.partition for place in placed), strict=True))
        expect(found, "the partitions").equals(OF_TWELVE)


@checks("partitioning/keys/hash-is-murmur")
@pytest.mark.parametrize("count", [1, 2, 3, 7, 16])
def test_keys_go_to_the_partition_of_their_hash_whatever_the_number_of_partitions(cluster, client, count):
    with cluster.topic(partitions=count) as topic, client.producer() as producer:
        placed = producer.send(topic.name, [Message(b"v", key) for key in JAVA_HASHES])

        found = dict(zip(JAVA_HASHES, (place.partition for place in placed), strict=True))
        wanted = {key: of_hash(java_hash, count) for key, java_hash in JAVA_HASHES.items()}
        expect(found, "the partitions").equals(wanted)


@checks("partitioning/keys/hash-is-murmur")
@given(keys=st.lists(KEYS, min_size=1, max_size=20), count=st.integers(1, 20))
def test_any_key_goes_where_java_would_put_it(cluster, client, keys, count):
    with cluster.topic(partitions=count) as topic, client.producer() as producer:
        placed = producer.send(topic.name, [Message(b"v", key) for key in keys])

        found = [place.partition for place in placed]
        expect(found, "the partitions").equals([partition_for_key(key, count) for key in keys])


@checks("partitioning/keys/same-key-same-partition")
@given(keys=st.lists(KEYS, min_size=1, max_size=4, unique=True), order=st.lists(st.integers(0, 3), max_size=12))
def test_a_key_has_one_partition_whoever_sends_it_and_when(cluster, client, keys, order):
    sent = [*keys, *(keys[place % len(keys)] for place in order)]
    with cluster.topic(partitions=6) as topic:
        with client.producer() as producer:
            first = producer.send(topic.name, [Message(b"v", key) for key in sent])
        with client.producer() as producer:
            second = producer.send(topic.name, [Message(b"v", key) for key in reversed(sent)])

        places = grouped(zip([*sent, *reversed(sent)], (place.partition for place in [*first, *second]), strict=True))
        scattered = {key: partitions for key, partitions in places.items() if len(set(partitions)) > 1}
        expect(scattered, "keys with several partitions").equals({})


@checks("partitioning/keys/empty-is-a-key")
@given(times=st.integers(2, 10), count=st.integers(2, 12))
def test_the_empty_key_is_hashed_like_any_other(cluster, client, times, count):
    with cluster.topic(partitions=count) as topic, client.producer() as producer:
        placed = [producer.send(topic.name, [Message(b"v", b"")])[0].partition for _ in range(times)]

        expect(placed, "the partitions").equals([partition_for_key(b"", count)] * times)
        stored = topic.records(placed[0])
        expect([record.key for record in stored], "the keys").equals([b""] * times)


@checks("partitioning/explicit/wins")
@given(wanted=st.lists(st.tuples(st.none() | KEYS, st.integers(0, 4)), min_size=1, max_size=10))
def test_a_record_goes_to_the_partition_that_it_names(cluster, client, wanted):
    with cluster.topic(partitions=5) as topic, client.producer() as producer:
        placed = producer.send(topic.name, [Message(b"v", key, partition) for key, partition in wanted])

        partitions = [partition for _, partition in wanted]
        expect([place.partition for place in placed], "the partitions").equals(partitions)
        ends = {partition: topic.end_offset(partition) for partition in range(5)}
        expect(ends, "the numbers of records").equals({index: partitions.count(index) for index in range(5)})


@checks("partitioning/keyless/reaches-every-partition")
@pytest.mark.parametrize("count", [2, 3])
def test_records_without_a_key_reach_every_partition(cluster, client, count):
    with cluster.topic(partitions=count) as topic, client.producer() as producer:
        placed = sent_until_everywhere(producer, topic)

        reached = {place.partition for place in placed}
        expect(reached, f"the partitions that {len(placed)} records reached").equals(set(range(count)))


@checks("partitioning/placement/is-as-reported")
@given(sent=st.lists(st.tuples(st.none() | KEYS, st.binary(max_size=8)), min_size=1, max_size=12))
def test_a_record_lies_where_its_producer_was_told(cluster, client, sent):
    values = [b"%d:%b" % (number, value) for number, (_, value) in enumerate(sent)]
    with cluster.topic(partitions=3) as topic, client.producer() as producer:
        messages = [Message(value, key) for value, (key, _) in zip(values, sent, strict=True)]
        placed = producer.send(topic.name, messages)

        reported = {(place.partition, place.offset): value for place, value in zip(placed, values, strict=True)}
        expect(reported, "what was reported").equals(stored_values(topic))
