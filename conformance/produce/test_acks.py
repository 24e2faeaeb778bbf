"""What an acknowledgement promises, and what happens where none was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.request_topics import NamedTopic
from kafka_conformance.harness.cases import ErrorCode, NewRecord, build_batch, checks, expect
from kafka_conformance.harness.strategies import batch_lists, batches
from kafka_conformance.harness.subject.partition_requests import produce_request

CRC_POSITION = 17


@checks("produce/acks/leader-acknowledges")
@given(written=batch_lists(max_size=4))
def test_the_leader_alone_may_acknowledge(cluster, written):
    with cluster.topic() as topic:
        answers = [topic.produce(batch, acks=1) for batch in written]

        first_offsets = [sum(map(len, written[:place])) for place in range(len(written))]
        expect([answer.error for answer in answers], "the errors").equals([ErrorCode.NONE] * len(written))
        expect([answer.base_offset for answer in answers], "the base offsets").equals(first_offsets)
        expect(topic).holds_exactly(*written)


@checks("produce/acks/all-is-readable-at-once")
@given(written=batch_lists(max_size=4))
def test_what_all_in_sync_replicas_have_can_be_fetched_at_once(cluster, written):
    with cluster.topic() as topic:
        for batch in written:
            answer = topic.produce(batch, acks=-1)

            found = topic.fetch(answer.base_offset, max_wait_ms=0)

            expect(answer).succeeds()
            expect(found).holds_exactly(batch)
            expect(found.high_watermark, "the high watermark").equals(answer.base_offset + len(batch))


# Requests on a connection are served in their order: the one behind the error tells at once whether it was closed.


@checks("produce/acks/none-closes-on-error")
@given(written=batches(max_size=3), flipped=st.integers(0, 31))
def test_acks_0_with_a_wrong_checksum_closes_the_connection(cluster, written, flipped):
    batch = build_batch(written)
    batch[CRC_POSITION + flipped // 8] ^= 1 << flipped % 8
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        connection.send_unanswered(produce_request(topic, {0: bytes(batch)}, acks=0))

        expect(connection.is_usable(), "whether a further request is answered").equals(False)
        expect(connection).is_closed()
        expect(topic).is_empty()


@checks("produce/acks/none-closes-on-error")
def test_acks_0_to_a_topic_that_nobody_knows_closes_the_connection(cluster):
    batch = bytes(build_batch([NewRecord(None, b"lost")]))
    with cluster.connect() as connection:
        connection.send_unanswered(produce_request(NamedTopic(cluster.unique("nowhere")), {0: batch}, acks=0))

        expect(connection.is_usable(), "whether a further request is answered").equals(False)
        expect(connection).is_closed()
