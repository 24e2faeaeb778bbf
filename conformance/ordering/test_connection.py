"""One connection: what is asked first is done first and answered first."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.ordering.pipelines import produced, start_produce
from kafka_conformance.harness.cases import build_batch, checks, expect, results
from kafka_conformance.harness.strategies import batches
from kafka_conformance.harness.subject.partition_requests import fetch_request, list_offsets_request, produce_request
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest
from kafka_conformance.protocol.records import NewRecord

WAIT_MS = 20
BATCH = bytes(build_batch([NewRecord(b"k", b"v")]))
KINDS = ("produce", "fetch that waits", "fetch", "list offsets", "versions")


def request_of(kind, topic):
    """A request of each kind. The fetch that waits does so for records that will not come."""
    return {
        "produce": produce_request(topic, {0: BATCH}),
        "fetch that waits": fetch_request(topic, {0: 0}, max_wait_ms=WAIT_MS, min_bytes=1 << 20),
        "fetch": fetch_request(topic, {0: 0}),
        "list offsets": list_offsets_request(topic, {0: -1}),
        "versions": ApiVersionsRequest(client_software_name="kafka-conformance", client_software_version="1"),
    }[kind]


@checks("ordering/answers/follow-requests")
@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=7))
def test_answers_come_in_the_order_of_the_requests(cluster, kinds):
    kinds = ["fetch that waits", *kinds]
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        handles = [connection.start(request_of(kind, topic)) for kind in kinds]
        results(handles)

        arrivals = [handle.exchange.arrival for handle in handles]
        expect(arrivals, "the places in which the answers came").equals(sorted(arrivals))


@checks("ordering/appends/follow-requests")
@given(written=st.lists(st.tuples(batches(max_size=2), st.sampled_from((-1, 0, 1))), min_size=2, max_size=12))
def test_batches_on_their_way_are_appended_in_the_order_in_which_they_were_sent(cluster, written):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        for records, acks in written:
            request = produce_request(topic, {0: bytes(build_batch(records))}, acks=acks)
            send = connection.start if acks else connection.send_unanswered
            send(request)
        last = produced([start_produce(connection, topic, BATCH)])[0]

        expect(last).acknowledged_at(sum(len(records) for records, _ in written))
        expect(topic).holds_exactly(*(records for records, _ in written), [NewRecord(b"k", b"v")])
