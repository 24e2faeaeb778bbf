"""An idempotent producer with up to five batches in flight: what becomes of them when something goes wrong."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.ordering.pipelines import produced, start_produce
from kafka_conformance.conformance.produce.broker_clock import LOG_APPEND_TIME
from kafka_conformance.harness.cases import ErrorCode, checks, expect
from kafka_conformance.harness.strategies import compressions
from kafka_conformance.harness.subject.partition_requests import produce_request

IN_FLIGHT = st.lists(st.integers(1, 3), min_size=1, max_size=5)
CRC_POSITION = 17


def window_of(topic, producer, sizes, compression):
    """Batches that follow one another, and the records in them; the producer has sent none of them."""
    first = producer.next_sequence(topic)
    written = [[f"{number}.{place}".encode() for place in range(size)] for number, size in enumerate(sizes)]
    batches = [
        producer.batch(topic, records, sequence=first + sum(sizes[:number]), compression=compression)
        for number, records in enumerate(written)
    ]
    return batches, written


def spoiled(batch):
    """The batch with a wrong checksum, as if it had suffered on its way."""
    changed = bytearray(batch)
    changed[CRC_POSITION] ^= 1
    return bytes(changed)


@checks("ordering/retries/window-is-appended-once")
@given(sizes=IN_FLIGHT, compression=compressions(), attempts=st.integers(1, 3))
def test_a_window_that_is_sent_again_is_appended_once(cluster, sizes, compression, attempts):
    with (
        cluster.topic(configs=LOG_APPEND_TIME) as topic,
        cluster.idempotent_producer() as producer,
        cluster.connect(leader_of=topic) as connection,
    ):
        expect(producer.send(topic, [b"before"])).acknowledged_at(0)
        batches, written = window_of(topic, producer, sizes, compression)

        rounds = [produced([start_produce(connection, topic, batch) for batch in batches]) for _ in range(1 + attempts)]

        first_offsets = [1 + sum(sizes[:number]) for number in range(len(sizes))]
        expect([[answer.base_offset for answer in answers] for answers in rounds], "the base offsets").equals(
            [first_offsets] * (1 + attempts)
        )
        expect(topic).holds_exactly([b"before"], *written)


@checks("ordering/retries/window-is-appended-once")
@given(sizes=IN_FLIGHT, compression=compressions(), data=st.data())
def test_a_window_whose_answers_are_lost_with_the_connection_is_appended_once(cluster, sizes, compression, data):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        batches, written = window_of(topic, producer, sizes, compression)
        got_through = data.draw(st.integers(0, len(batches)), label="batches that are sent before the connection ends")
        with cluster.connect(leader_of=topic) as lost:
            for batch in batches[:got_through]:
                lost.write(lost.encode(produce_request(topic, {0: batch})))

        with cluster.connect(leader_of=topic) as connection:
            answers = produced([start_produce(connection, topic, batch) for batch in batches])

        expect([answer.error for answer in answers], "the errors").equals([ErrorCode.NONE] * len(batches))
        expect(topic).holds_exactly(*written)


@checks("ordering/retries/nothing-overtakes")
@given(sizes=st.lists(st.integers(1, 3), min_size=2, max_size=5), compression=compressions(), data=st.data())
def test_what_is_behind_a_refused_batch_waits_for_it(cluster, sizes, compression, data):
    refused = data.draw(st.integers(0, len(sizes) - 2), label="the batch that suffers on its way")
    with (
        cluster.topic(configs=LOG_APPEND_TIME) as topic,
        cluster.idempotent_producer() as producer,
        cluster.connect(leader_of=topic) as connection,
    ):
        expect(producer.send(topic, [b"before"])).acknowledged_at(0)
        batches, written = window_of(topic, producer, sizes, compression)
        damaged = [spoiled(batch) if number == refused else batch for number, batch in enumerate(batches)]

        first = produced([start_produce(connection, topic, batch) for batch in damaged])
        second = produced([start_produce(connection, topic, batch) for batch in batches[refused:]])

        expect([answer.error for answer in first], "the errors at first").equals(
            [ErrorCode.NONE] * refused
            + [ErrorCode.CORRUPT_MESSAGE]
            + [ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER] * (len(sizes) - refused - 1)
        )
        expect([answer.error for answer in second], "the errors when they are sent again").equals(
            [ErrorCode.NONE] * (len(sizes) - refused)
        )
        expect(topic).holds_exactly([b"before"], *written)
