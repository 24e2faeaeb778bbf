"""What one connection sends harms no other."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.protocol.frames import SIZE_BYTES, resized
from kafka_conformance.harness.cases import LATEST, checks, expect
from kafka_conformance.harness.strategies import batches
from kafka_conformance.harness.subject.partition_requests import fetch_request, list_offsets_request

FIRST_MUTABLE_BYTE = 6
"""Behind size and API key: a mutant of a request that changes nothing changes nothing either."""


def reading_requests(topic):
    """Requests that change nothing."""
    return st.sampled_from([fetch_request(topic, {0: 0}), list_offsets_request(topic, {0: LATEST})])


@st.composite
def mutated(draw, frame):
    """A frame with some bytes changed, cut, or more of them than its size says."""
    content = bytearray(frame)
    places = st.integers(FIRST_MUTABLE_BYTE, len(frame) - 1)
    for place, value in draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4)):
        content[place] = value
    end = draw(st.integers(FIRST_MUTABLE_BYTE + 2, len(content)))
    whole = bytes(content[:end])
    return draw(st.sampled_from([whole, resized(whole[SIZE_BYTES:])])) + draw(st.binary(max_size=6))


@checks("protocol/isolation/malformed-bytes-harm-nobody-else")
@given(data=st.data(), written=batches())
def test_others_produce_and_fetch_while_one_sends_malformed_bytes(cluster, data, written):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as good, cluster.connect(leader_of=topic) as bad:
        frame = bad.encode(data.draw(reading_requests(topic), label="the request"))
        bad.write(data.draw(mutated(frame), label="the bytes"))

        expect(topic.produce(written, on=good)).acknowledged_at(0)
        expect(topic.fetch(0, on=good)).holds_exactly(written)
        expect(cluster.connect(), "a new connection").is_usable()


@checks("protocol/isolation/incomplete-frame-holds-up-nobody")
@given(announced=st.integers(2, 1 << 20), sent=st.binary(max_size=8), written=batches())
def test_others_produce_and_fetch_while_one_has_announced_more_than_it_sent(cluster, announced, sent, written):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as good, cluster.connect(leader_of=topic) as slow:
        slow.write((announced + len(sent)).to_bytes(SIZE_BYTES, "big") + sent)

        expect(topic.produce(written, on=good)).acknowledged_at(0)
        expect(topic.fetch(0, on=good)).holds_exactly(written)
        expect(cluster.connect(), "a new connection").is_usable()
