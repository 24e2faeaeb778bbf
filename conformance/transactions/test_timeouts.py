"""Transactions that nobody ends: the coordinator aborts them, and their producer is fenced (KIP-98)."""

from kafka_conformance.conformance.protocol.broker_limits import broker_config
from kafka_conformance.conformance.transactions.reading import await_stability, committed_values, markers
from kafka_conformance.harness.cases import ErrorCode, NotApplicable, checks, expect, needs, over_protocols

SHORT_MS = 500
LONG_MS = 60_000
ABORTED_WITHIN_S = 40.0
"""The timeout, and two rounds of a coordinator that looks as seldom as Kafka's."""
ROUND_MS = 10_000
"""Kafka's transaction.abort.timed.out.transaction.cleanup.interval.ms."""
SPARE_MS = 3_000
"""What a timeout has above a round: time for a slow broker between the first partition and the end of the case."""


def round_ms(cluster):
    """How often the coordinator looks for transactions that timed out; as often as Kafka's where it does not tell."""
    try:
        told = broker_config(cluster, "transaction.abort.timed.out.transaction.cleanup.interval.ms")
    except NotApplicable:
        told = None
    return ROUND_MS if told is None else int(told)


@checks("transactions/timeouts/abort")
@over_protocols
def test_a_transaction_that_is_open_for_longer_than_its_timeout_is_aborted(cluster, protocol):
    with cluster.topic(2) as topic, cluster.transactional_producer(protocol=protocol, timeout_ms=SHORT_MS) as producer:
        transaction = producer.begin()
        for partition in range(2):
            transaction.send(topic, [b"forgotten"], partition=partition)
            topic.produce([b"behind"], partition=partition)

        for partition in range(2):
            await_stability(cluster, topic, partition, within_s=ABORTED_WITHIN_S)

        seen = [committed_values(topic, partition) for partition in range(2)]
        expect(seen, "what each partition shows at read_committed").equals([[b"behind"]] * 2)
        decisions = [[entry.committed for entry in markers(topic, partition)] for partition in range(2)]
        expect(decisions, "the decisions of the markers").equals([[False]] * 2)


@checks("transactions/timeouts/fence")
@over_protocols
def test_a_producer_whose_transaction_timed_out_is_fenced_until_it_is_initialised_again(cluster, protocol):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol, timeout_ms=SHORT_MS) as producer:
        transaction = producer.begin()
        transaction.send(topic, [b"forgotten"])
        await_stability(cluster, topic, within_s=ABORTED_WITHIN_S)

        late = producer.send(topic, [b"late"])
        ended = producer.end(True)
        granted = producer.init()
        following = producer.begin()
        following.send(topic, [b"again"])
        following.commit()

        expect(late).refused_with(ErrorCode.INVALID_PRODUCER_EPOCH)
        expect(ErrorCode(ended.error_code), "the error of EndTxn").is_one_of(
            ErrorCode.PRODUCER_FENCED, ErrorCode.INVALID_TXN_STATE
        )
        expect(granted.producer_id, "the producer id").equals(transaction.producer_id)
        expect(granted.producer_epoch, "the epoch").is_at_least(transaction.epoch + 1)
        expect(committed_values(topic), "what is shown at read_committed").equals([b"again"])


@checks("transactions/timeouts/offsets")
@needs("transactional-offsets")
@over_protocols
def test_offsets_of_a_transaction_that_timed_out_are_dropped(cluster, protocol):
    with (
        cluster.topic() as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol, timeout_ms=SHORT_MS) as producer,
    ):
        group.commit(topic, {0: 1})
        producer.begin().send_offsets(group, topic, {0: 2})

        def is_stable():
            return group.committed(topic, require_stable=True).error is ErrorCode.NONE

        cluster.settled(is_stable, within_s=ABORTED_WITHIN_S, step="stable offsets", what="the offsets are stable")

        expect(group.committed(topic).offset, "the committed offset").equals(1)


@checks("transactions/timeouts/not-before-its-time")
def test_a_transaction_stays_open_until_its_timeout_since_its_first_partition(cluster):
    a_round = round_ms(cluster)
    timeout_ms = a_round + SPARE_MS
    with (
        cluster.topic() as topic,
        cluster.transactional_producer(timeout_ms=LONG_MS) as patient,
        cluster.transactional_producer(timeout_ms=timeout_ms) as idle,
    ):
        transactions = [patient.begin(), idle.begin()]
        transactions[0].send(topic, [b"patient"])
        cluster.throughout(lambda: not markers(topic), for_s=timeout_ms / 1000, what="the one is open")
        transactions[1].send(topic, [b"idle before"])
        cluster.throughout(lambda: not markers(topic), for_s=(a_round + 500) / 1000, what="both are open")

        for transaction in transactions:
            transaction.commit()

        expect(committed_values(topic), "what is shown at read_committed").equals([b"patient", b"idle before"])
