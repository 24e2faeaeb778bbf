"""Idempotent producers whose partition is led by one broker after the other: each batch once, in its order."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.ordering.pipelines import produced, start_produce
from kafka_conformance.conformance.replication.failing import REPLICAS, followers_of, wait_for_end
from kafka_conformance.conformance.replication.leading import election, lead_from, prefer, wait_until_led_by
from kafka_conformance.harness.cases import ErrorCode, checks, expect

REMEMBERED = 5
AFTER_A_CHANGE = {ErrorCode.NONE, ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER}
"""What may be said of batches that arrive while leaders change: those behind a refused one are out of order."""


@checks("replication/idempotence/known-at-the-next-leader")
@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=7), moves=st.integers(1, 2))
def test_repeats_of_the_last_five_batches_are_known_at_the_next_leader(cluster, sizes, moves):
    with cluster.topic(replication_factor=REPLICAS) as topic, cluster.idempotent_producer() as producer:
        sent = [producer.send(topic, [b"%d.%d" % (n, place) for place in range(size)]) for n, size in enumerate(sizes)]
        for _ in range(moves):
            lead_from(topic, followers_of(topic)[0])
        known = sent[-REMEMBERED:]

        again = [producer.resend(topic, answer) for answer in known]
        after = producer.send(topic, [b"after"])

        expect([answer.error for answer in again], "the errors").equals([ErrorCode.NONE] * len(known))
        offsets = [answer.base_offset for answer in known]
        expect([answer.base_offset for answer in again], "the offsets of the repeats").equals(offsets)
        expect(after).acknowledged_at(sum(sizes))


@checks("replication/idempotence/gaps-at-the-next-leader")
@given(ahead=st.integers(1, 5), epochs=st.integers(0, 1))
def test_a_gap_is_refused_at_the_next_leader(cluster, ahead, epochs):
    with cluster.topic(replication_factor=REPLICAS) as topic, cluster.idempotent_producer() as producer:
        producer.send(topic, [b"a", b"b"])
        lead_from(topic, followers_of(topic)[0])

        beyond = producer.next_sequence(topic) * (1 - epochs) + ahead
        refused = producer.send(topic, [b"gap"], sequence=beyond, producer_epoch=producer.epoch + epochs)

        expect(refused).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(producer.send(topic, [b"c"])).acknowledged_at(2)


@checks("replication/idempotence/older-epochs-at-the-next-leader")
def test_an_older_epoch_is_fenced_at_the_next_leader(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic, cluster.idempotent_producer() as producer:
        producer.send(topic, [b"a"])
        producer.bump_epoch()
        producer.send(topic, [b"b"])
        lead_from(topic, followers_of(topic)[0])

        refused = producer.send(topic, [b"c"], sequence=1, producer_epoch=producer.epoch - 1)

        wait_for_end(topic, 2)
        expect(refused).refused_with(ErrorCode.INVALID_PRODUCER_EPOCH)
        expect(topic).holds_exactly([b"a"], [b"b"])


@checks("replication/idempotence/five-in-flight")
@given(shares=st.lists(st.integers(0, REMEMBERED), min_size=3, max_size=3).filter(any))
def test_batches_in_flight_while_leaders_change_are_there_once_and_in_order(cluster, shares):
    with (
        cluster.topic(replication_factor=REPLICAS) as topic,
        cluster.idempotent_producer() as producer,
        cluster.connect(leader_of=topic) as connection,
    ):
        values = [b"%d" % number for number in range(min(sum(shares), REMEMBERED))]
        batches = [producer.batch(topic, [value], sequence=number) for number, value in enumerate(values)]
        before, begun = shares[0], shares[0] + shares[1]
        chosen = followers_of(topic)[0]
        prefer(topic, chosen)
        flying = [start_produce(connection, topic, batch) for batch in batches[:before]]
        electing = cluster.shared(chosen).start(election(topic.name))
        flying += [start_produce(connection, topic, batch) for batch in batches[before:begun]]
        electing.result()
        flying += [start_produce(connection, topic, batch) for batch in batches[begun:]]
        answers = produced(flying)
        wait_until_led_by(topic, chosen)

        refused = (place for place, answer in enumerate(answers) if answer.error is not ErrorCode.NONE)
        again = [producer.resend(topic, answer) for answer in answers[next(refused, len(answers)) :]]
        wait_for_end(topic, len(values))

        expect({answer.error for answer in answers} - AFTER_A_CHANGE, "other errors in flight").equals(set())
        expect([answer.error for answer in again], "what is said of them again").equals([ErrorCode.NONE] * len(again))
        expect(topic).holds_exactly(*[[value] for value in values])
