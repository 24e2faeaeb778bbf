"""Transactions across the end of a broker that coordinates them and leads their partitions: replayed from its logs."""

from kafka_conformance.conformance.transactions.reading import await_stability, committed_values, last_stable_offset
from kafka_conformance.harness.cases import ErrorCode, checks, expect, over_protocols

PARTITIONS = range(4)
DECISIONS = [True, False]
COMPLETED_WITHIN_S = 30.0


def kill_and_restart(cluster, topic, *producers):
    """Ends the coordinators and the leaders without warning and starts them again; all are found again after it."""
    nodes = {producer.coordinator for producer in producers} | {topic.leader(index) for index in PARTITIONS}
    for node in sorted(nodes):
        cluster.kill(node)
    come_back(cluster, nodes, topic, *producers)


def come_back(cluster, nodes, topic, *producers):
    """Starts the nodes again, after an orderly stop where they run."""
    for node in sorted(nodes):
        cluster.restart(node)
    topic.refresh()
    for producer in producers:
        producer.find_coordinator()


def open_transactions(cluster, topic, protocol=None):
    """Two, one that is to be committed and one to be aborted, each with a record in every partition."""
    transactions = [cluster.transactional_producer(protocol=protocol).begin() for _ in DECISIONS]
    for transaction, committed in zip(transactions, DECISIONS, strict=True):
        write(transaction, topic, before(committed))
    return transactions


def write(transaction, topic, value):
    """One record in every partition; the base offsets."""
    return [transaction.send(topic, [value], partition=index).base_offset for index in PARTITIONS]


def before(committed):
    """What is written before the fault."""
    return b"before: %d" % committed


def seen(topic):
    """What each partition shows at read_committed."""
    return [committed_values(topic, index) for index in PARTITIONS]


def end_all(transactions):
    """Commits and aborts them as it is to be, and waits."""
    transactions[0].commit()
    transactions[1].abort()


@checks("transactions/durability/open")
@over_protocols
def test_open_transactions_go_on_after_their_brokers_were_killed(cluster, protocol):
    with cluster.topic(len(PARTITIONS)) as topic:
        transactions = open_transactions(cluster, topic, protocol)
        kill_and_restart(cluster, topic, *(transaction.producer for transaction in transactions))

        hidden = seen(topic)
        again = [write(transaction, topic, b"after") for transaction in transactions]
        end_all(transactions)

        expect(hidden, "what each partition shows while they are open").equals([[] for _ in PARTITIONS])
        expect(again, "the base offsets").equals([[2 for _ in PARTITIONS], [3 for _ in PARTITIONS]])
        expect(seen(topic), "what each partition shows after their ends").equals(
            [[before(True), b"after"] for _ in PARTITIONS]
        )


@checks("transactions/durability/open")
def test_open_transactions_go_on_after_their_brokers_were_restarted(cluster):
    with cluster.topic(len(PARTITIONS)) as topic:
        transactions = open_transactions(cluster, topic)
        producers = [transaction.producer for transaction in transactions]
        nodes = {producer.coordinator for producer in producers} | {topic.leader(index) for index in PARTITIONS}
        come_back(cluster, nodes, topic, *producers)

        hidden = seen(topic)
        again = [write(transaction, topic, b"after") for transaction in transactions]
        end_all(transactions)

        expect(hidden, "what each partition shows while they are open").equals([[] for _ in PARTITIONS])
        expect(again, "the base offsets").equals([[2 for _ in PARTITIONS], [3 for _ in PARTITIONS]])
        expect(seen(topic), "what each partition shows after their ends").equals(
            [[before(True), b"after"] for _ in PARTITIONS]
        )


@checks("transactions/durability/decision-is-final")
@over_protocols
def test_a_decision_that_was_acknowledged_before_a_kill_is_not_taken_back(cluster, protocol):
    with cluster.topic(len(PARTITIONS)) as topic:
        transactions = open_transactions(cluster, topic, protocol)
        for transaction, committed in zip(transactions, DECISIONS, strict=True):
            transaction.end(committed)
        kill_and_restart(cluster, topic, *(transaction.producer for transaction in transactions))

        others = [
            transaction.producer.end(not committed, producer_id=transaction.producer_id, epoch=transaction.epoch)
            for transaction, committed in zip(transactions, DECISIONS, strict=True)
        ]
        same = [
            transaction.wait_until_complete(committed)
            for transaction, committed in zip(transactions, DECISIONS, strict=True)
        ]
        shown = [(last_stable_offset(topic, index) >= 2, committed_values(topic, index)) for index in PARTITIONS]
        allowed = {True: [[before(True)]], False: [[], [before(True)]]}

        expect([ErrorCode(answer.error_code) for answer in others], "the errors of the other decisions").equals(
            [ErrorCode.INVALID_TXN_STATE] * 2
        )
        expect([answer.error_code for answer in same], "the errors of the same ones").equals([ErrorCode.NONE] * 2)
        contradicting = [values for is_stable, values in shown if values not in allowed[is_stable]]
        expect(contradicting, "what partitions show that contradicts the decisions").equals([])


@checks("transactions/durability/decision-is-carried-out")
def test_a_decision_that_was_acknowledged_before_a_kill_reaches_every_partition(cluster):
    with cluster.topic(len(PARTITIONS)) as topic:
        transactions = open_transactions(cluster, topic)
        for transaction, committed in zip(transactions, DECISIONS, strict=True):
            transaction.end(committed)
        kill_and_restart(cluster, topic, *(transaction.producer for transaction in transactions))

        for index in PARTITIONS:
            await_stability(cluster, topic, index, within_s=COMPLETED_WITHIN_S)

        expect(seen(topic), "what each partition shows").equals([[before(True)] for _ in PARTITIONS])


@checks("transactions/durability/ended")
@over_protocols
def test_what_was_kept_and_what_was_dropped_is_still_known_after_a_kill(cluster, protocol):
    with cluster.topic(len(PARTITIONS)) as topic:
        end_all(open_transactions(cluster, topic, protocol))
        end_all(open_transactions(cluster, topic, protocol))
        transactions = open_transactions(cluster, topic, protocol)
        kill_and_restart(cluster, topic, *(transaction.producer for transaction in transactions))

        expect(seen(topic), "what each partition shows").equals([[before(True)] * 2 for _ in PARTITIONS])
        end_all(transactions)


@checks("transactions/durability/offsets")
def test_offsets_of_open_transactions_are_still_pending_after_a_kill(cluster):
    with cluster.topic(len(PARTITIONS)) as topic, cluster.group() as group:
        group.commit(topic, {0: 1, 1: 1, 2: 1})
        transactions = open_transactions(cluster, topic)
        for index, transaction in enumerate(transactions):
            transaction.send_offsets(group, topic, {index: 2})
        kill_and_restart(cluster, topic, *(transaction.producer for transaction in transactions))
        group.find_coordinator()

        during = [group.committed(topic, index, require_stable=True).error for index in range(3)]
        end_all(transactions)
        after = [group.committed(topic, index, require_stable=True) for index in range(3)]

        unstable = ErrorCode.UNSTABLE_OFFSET_COMMIT
        expect(during, "the errors while they are open").equals([unstable, unstable, ErrorCode.NONE])
        expect([(entry.error, entry.offset) for entry in after], "what is given after their ends").equals(
            [(ErrorCode.NONE, 2), (ErrorCode.NONE, 1), (ErrorCode.NONE, 1)]
        )


@checks("transactions/durability/ids")
@over_protocols
def test_a_transactional_id_keeps_its_producer_id_and_gets_the_next_epoch_after_a_kill(cluster, protocol):
    with (
        cluster.topic(len(PARTITIONS)) as topic,
        cluster.transactional_producer(protocol=protocol) as idle,
        cluster.transactional_producer(protocol=protocol) as busy,
    ):
        for _ in range(3):
            transaction = busy.begin()
            transaction.send(topic, [b"a"])
            transaction.commit()
        known = [(idle.producer_id, idle.epoch), (busy.producer_id, busy.epoch)]
        kill_and_restart(cluster, topic, idle, busy)

        idle.init()
        busy.init()

        expect([(idle.producer_id, idle.epoch), (busy.producer_id, busy.epoch)], "producer ids and epochs").equals(
            [(producer_id, epoch + 1) for producer_id, epoch in known]
        )
