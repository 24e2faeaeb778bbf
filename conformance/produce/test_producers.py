"""Producer ids and epochs: who gets which, and who may still write."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.broker_clock import LOG_APPEND_TIME
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.harness.strategies import batch_lists, batches
from kafka_conformance.harness.subject.producer import init_producer_id
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest


@checks("produce/idempotence/producer-ids-are-fresh")
@over_versions(ApiKey.INIT_PRODUCER_ID)
def test_every_version_gives_a_new_producer_id(cluster, version):
    answers = [init_producer_id(cluster, version=version) for _ in range(3)]

    expect([answer.producer_epoch for answer in answers], "the epochs").equals([0, 0, 0])
    expect(len({answer.producer_id for answer in answers}), "different producer ids").equals(3)
    expect(min(answer.producer_id for answer in answers), "the smallest producer id").is_at_least(0)


@checks("produce/idempotence/producer-ids-are-fresh")
@given(nodes=st.lists(st.integers(0, 100), min_size=2, max_size=12))
def test_no_two_producers_get_the_same_id_whomever_they_ask(cluster, nodes):
    cluster.idempotent_producer()  # by now the brokers have ids to give
    request = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=60_000)
    asked = [cluster.node_ids[number % len(cluster.node_ids)] for number in nodes]

    answers = [cluster.eventually(lambda node=node: given_id(cluster, request, node)) for node in asked]

    expect(len(set(answers)), "different producer ids").equals(len(asked))


def given_id(cluster, request, node):
    """The id in the answer, in a tuple; None as long as the node has to get new ones itself."""
    answer = cluster.send(request, node=node)
    return None if answer.error_code == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS else (answer.producer_id,)


@checks("produce/idempotence/half-a-producer")
@over_versions(ApiKey.INIT_PRODUCER_ID, "3-5")
@given(number=st.integers(0, 30_000), epoch_alone=st.booleans())
def test_a_producer_id_and_an_epoch_only_come_together(cluster, version, number, epoch_alone):
    half = {"producer_epoch": number} if epoch_alone else {"producer_id": number}
    request = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=60_000, **half)

    answer = cluster.send(request, version)

    expect(ErrorCode(answer.error_code), "the error").equals(ErrorCode.INVALID_REQUEST)


@checks("produce/idempotence/new-epoch-begins-at-zero")
@given(before=batch_lists(max_size=3), wrong=st.integers(1, 10) | st.integers(1, 2**31 - 1), after=batches(max_size=3))
def test_a_new_epoch_begins_with_sequence_0(cluster, before, wrong, after):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        for batch in before:
            expect(producer.send(topic, batch)).succeeds()
        producer.bump_epoch()

        not_yet = producer.send(topic, after, sequence=wrong)
        first = producer.send(topic, after, sequence=0)

        expect(not_yet).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(first).acknowledged_at(sum(map(len, before)))
        expect(topic).holds_exactly(*before, after)


@checks("produce/idempotence/new-epoch-begins-at-zero")
@given(before=batch_lists(max_size=3), bumps=st.integers(1, 100))
def test_a_first_batch_of_a_new_epoch_is_no_repeat_of_that_of_the_old_one(cluster, before, bumps):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        for batch in before:
            expect(producer.send(topic, batch)).succeeds()
        producer.epoch += bumps
        producer.sequences.clear()

        answers = [producer.send(topic, batch) for batch in before]

        expect([answer.error for answer in answers], "the errors").equals([ErrorCode.NONE] * len(before))
        expect(topic).holds_exactly(*before, *before)


@checks("produce/idempotence/old-epoch")
@given(before=batch_lists(max_size=3), after=batches(max_size=3), data=st.data())
def test_what_an_older_epoch_sends_is_refused(cluster, before, after, data):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        old = [producer.send(topic, batch) for batch in before]
        following = producer.batch(topic, [b"the zombie goes on"])
        producer.bump_epoch()
        expect(producer.send(topic, after)).succeeds()
        late = data.draw(st.sampled_from([following, *(answer.batch for answer in old)]), label="sent too late")

        answer = topic.produce_batch(late)

        expect(answer).refused_with(ErrorCode.INVALID_PRODUCER_EPOCH)
        expect(topic).holds_exactly(*before, after)
