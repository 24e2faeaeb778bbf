"""What a consumer sees of what a producer of the same library sent."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.partitioning.reading import grouped, received
from kafka_conformance.harness.cases import checks, expect
from kafka_conformance.harness.client import Message

KEYS = st.sampled_from([b"", b"a", b"b", b"c", b"d"])
CONTENTS = st.tuples(st.none() | st.binary(max_size=8), st.none() | st.binary(max_size=24)).filter(
    lambda content: content != (None, None)
)
NAMES = st.text(st.characters(codec="utf-8", min_codepoint=1), max_size=8)
"""Without NUL: libraries on top of C cut a header's name there."""
HEADERS = st.lists(st.tuples(NAMES, st.binary(max_size=8)), max_size=3).map(tuple)


@checks("partitioning/order/by-key")
@given(keys=st.lists(KEYS, min_size=2, max_size=30), cut=st.integers(0, 30))
def test_a_consumer_gets_the_records_of_a_key_in_the_order_in_which_they_were_sent(cluster, client, keys, cut):
    messages = [Message(b"%d" % number, key) for number, key in enumerate(keys)]
    with cluster.topic(partitions=4) as topic, client.producer() as producer, client.consumer() as consumer:
        for part in (messages[:cut], messages[cut:]):
            producer.send(topic.name, part)

        records = received(cluster, consumer, topic, len(messages))

        expect(grouped((record.key, record.value) for record in records), "the records of each key").equals(
            grouped((message.key, message.value) for message in messages)
        )


def sent_and_received(cluster, client, messages):
    """What a client sends to one partition, and what it reads there."""
    with cluster.topic() as topic, client.producer() as producer, client.consumer() as consumer:
        producer.send(topic.name, messages)
        records = received(cluster, consumer, topic, len(messages))
    found = [(record.key, record.value, record.headers, record.offset) for record in records]
    return [(each.key, each.value, each.headers, offset) for offset, each in enumerate(messages)], found


@checks("partitioning/records/round-trip")
@given(contents=st.lists(st.tuples(CONTENTS, HEADERS), min_size=1, max_size=6))
def test_a_consumer_gets_keys_values_and_headers_as_they_were_sent(cluster, client, contents):
    messages = [Message(value, key, 0, with_headers) for (key, value), with_headers in contents]

    sent, found = sent_and_received(cluster, client, messages)

    expect(found, "the records").equals(sent)


@checks("partitioning/records/null-header-value")
def test_a_header_without_a_value_is_sent_and_received_as_such(cluster, client):
    sent, found = sent_and_received(cluster, client, [Message(b"v", b"k", 0, (("null", None), ("empty", b"")))])

    expect(found, "the records").equals(sent)


@checks("partitioning/records/nothing-in-it")
def test_a_record_without_key_and_value_is_sent_and_received_as_such(cluster, client):
    sent, found = sent_and_received(cluster, client, [Message(None, None, 0), Message(b"v", None, 0)])

    expect(found, "the records").equals(sent)
