"""Which partitions are in a transaction: added by its producer (KIP-98), or as they are written to (KIP-890)."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.transactions.reading import await_stability, committed_values, markers
from kafka_conformance.harness.cases import (
    ApiKey,
    ErrorCode,
    NewRecord,
    TransactionProtocol,
    build_batch,
    checks,
    expect,
    few_examples,
    over_protocols,
    over_versions,
)

V1, V2 = TransactionProtocol.V1, TransactionProtocol.V2
NOT_ADDED = dict.fromkeys(range(3, 11), ErrorCode.INVALID_TXN_STATE) | {11: ErrorCode.TRANSACTION_ABORTABLE}
"""What Produce answers for a partition that is not in the transaction: later clients know that they must abort."""


@checks("transactions/adding/all-or-nothing")
@over_versions(ApiKey.ADD_PARTITIONS_TO_TXN, "0-3")
@few_examples
@given(known=st.sets(st.integers(0, 3), min_size=1), unknown=st.sets(st.integers(4, 9), min_size=1))
def test_no_partition_is_added_where_one_of_them_does_not_exist(cluster, version, known, unknown):
    with cluster.topic(4) as topic, cluster.transactional_producer(protocol=V1) as producer:
        errors = producer.add_once({topic.name: sorted(known | unknown)}, version=version)
        nothing = producer.end(True)

        expect(errors, "the error of each partition").equals(
            {(topic.name, index): ErrorCode.OPERATION_NOT_ATTEMPTED for index in known}
            | {(topic.name, index): ErrorCode.UNKNOWN_TOPIC_OR_PARTITION for index in unknown}
        )
        expect(ErrorCode(nothing.error_code), "the answer to EndTxn").equals(ErrorCode.INVALID_TXN_STATE)


@checks("transactions/adding/all-or-nothing")
def test_no_partition_is_added_where_one_of_the_topics_does_not_exist(cluster):
    absent = cluster.unique("absent")
    with cluster.topic() as topic, cluster.transactional_producer(protocol=V1) as producer:
        errors = producer.add_once({topic.name: [0], absent: [0]})
        nothing = producer.end(True)

        expect(errors, "the error of each partition").equals(
            {(topic.name, 0): ErrorCode.OPERATION_NOT_ATTEMPTED, (absent, 0): ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
        )
        expect(ErrorCode(nothing.error_code), "the answer to EndTxn").equals(ErrorCode.INVALID_TXN_STATE)


@checks("transactions/adding/again")
@given(turns=st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=2, max_size=4), committed=st.booleans())
def test_partitions_may_be_added_again_and_get_one_marker_each(cluster, turns, committed):
    with cluster.topic(4) as topic, cluster.transactional_producer(protocol=V1) as producer:
        transaction = producer.begin()
        for partitions in turns:
            transaction.add(topic, *sorted(partitions))
        (transaction.commit if committed else transaction.abort)()

        found = [[entry.committed for entry in markers(topic, partition)] for partition in range(4)]
        added = set().union(*turns)
        expect(found, "the decisions of the markers of each partition").equals(
            [[committed] if partition in added else [] for partition in range(4)]
        )


@checks("transactions/adding/produce-is-verified")
@over_versions(ApiKey.PRODUCE, "3-11")
def test_a_batch_to_a_partition_that_was_not_added_is_refused(cluster, version):
    with cluster.topic(2) as topic, cluster.transactional_producer(protocol=V1) as producer:
        producer.begin().add(topic, 0)

        refused = producer.send(topic, [b"not added"], partition=1, version=version)
        accepted = producer.send(topic, [b"added"], partition=0, version=version)

        expect(refused).refused_with(NOT_ADDED[version])
        expect(topic).is_empty(partition=1)
        expect(accepted).succeeds()


@checks("transactions/adding/produce-is-verified")
@over_versions(ApiKey.PRODUCE, "3-11")
@given(committed=st.booleans())
def test_what_was_added_to_a_transaction_is_not_in_the_next_one(cluster, version, committed):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=V1) as producer:
        transaction = producer.begin()
        transaction.send(topic, [b"added"])
        (transaction.commit if committed else transaction.abort)()

        late = producer.send(topic, [b"not added"], version=version)

        expect(late).refused_with(NOT_ADDED[version])
        expect(topic).ends_at(2)


@checks("transactions/adding/by-produce")
@over_versions(ApiKey.PRODUCE, "12-13")
@given(partitions=st.sets(st.integers(0, 3), min_size=1), committed=st.booleans())
def test_a_transactional_batch_adds_its_partition(cluster, version, partitions, committed):
    with cluster.topic(4) as topic, cluster.transactional_producer(protocol=V2) as producer:
        transaction = producer.begin()
        for partition in sorted(partitions):
            expect(producer.send(topic, [b"a"], partition=partition, version=version)).succeeds()
        (transaction.commit if committed else transaction.abort)()

        found = [[entry.committed for entry in markers(topic, partition)] for partition in range(4)]
        expect(found, "the decisions of the markers of each partition").equals(
            [[committed] if partition in partitions else [] for partition in range(4)]
        )


@checks("transactions/producing/after-the-end")
@given(committed=st.booleans(), new=st.booleans())
def test_a_batch_that_comes_after_the_end_of_its_transaction_is_refused(cluster, committed, new):
    with cluster.topic(2) as topic, cluster.transactional_producer(protocol=V2) as producer:
        transaction = producer.begin()
        transaction.send(topic, [b"in time"])
        late = producer.batch(topic, [b"late"], partition=int(new))
        (transaction.commit if committed else transaction.abort)()

        answer = topic.produce_batch(late, partition=int(new), transactional_id=producer.transactional_id, version=12)

        expect(answer).refused_with(ErrorCode.INVALID_PRODUCER_EPOCH)
        await_stability(cluster, topic, int(new))
        expect(topic).ends_at([2, 0][new], partition=int(new))


@checks("transactions/producing/sequences-begin-again")
@given(ends=st.lists(st.booleans(), min_size=1, max_size=3), early=st.integers(1, 5))
def test_in_each_epoch_the_sequences_of_a_producer_begin_at_0(cluster, ends, early):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=V2) as producer:
        for committed in ends:
            transaction = producer.begin()
            transaction.send(topic, [b"a", b"b"])
            (transaction.commit if committed else transaction.abort)()
        transaction = producer.begin()

        refused = transaction.send(topic, [b"early"], sequence=early)
        accepted = transaction.send(topic, [b"first"], sequence=0)

        expect(refused).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(accepted).acknowledged_at(3 * len(ends))


@checks("transactions/producing/first-sequence")
@given(early=st.integers(1, 100))
def test_a_producer_that_a_partition_does_not_know_begins_with_sequence_0(cluster, early):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=V2) as producer:
        transaction = producer.begin()

        refused = transaction.send(topic, [b"early"], sequence=early)
        accepted = transaction.send(topic, [b"first"], sequence=0)

        expect(refused).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(accepted).acknowledged_at(0)


@checks("transactions/producing/repeats")
@over_protocols
@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=5), data=st.data())
def test_a_batch_that_is_sent_again_in_its_transaction_is_committed_once(cluster, protocol, sizes, data):
    again = data.draw(st.lists(st.integers(0, len(sizes) - 1), min_size=1, max_size=4), label="the batches sent again")
    written = [[b"%d.%d" % (number, place) for place in range(size)] for number, size in enumerate(sizes)]
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        sent = [transaction.send(topic, batch) for batch in written]

        repeats = [producer.resend(topic, sent[number]) for number in again]
        transaction.commit()

        expect([answer.base_offset for answer in repeats], "the base offsets of the repeats").equals(
            [sent[number].base_offset for number in again]
        )
        expect(committed_values(topic), "what is shown at read_committed").equals(list(chain(*written)))


@checks("transactions/producing/without-transactional-id")
@over_versions(ApiKey.PRODUCE, "3+")
def test_a_transactional_batch_in_a_request_without_a_transactional_id_is_refused(cluster, version):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        producer.begin()

        answer = topic.produce_batch(producer.batch(topic, [b"a"]), version=version)

        expect(answer).refused_with(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        expect(topic).is_empty()


@checks("transactions/producing/another-transactional-id")
@over_versions(ApiKey.PRODUCE, "12-13")
def test_a_batch_under_another_transactional_id_than_its_producers_is_refused(cluster, version):
    with cluster.topic() as topic, cluster.transactional_producer() as one, cluster.transactional_producer() as other:
        batch = one.batch(topic, [b"a"])

        others = topic.produce_batch(batch, transactional_id=other.transactional_id, version=version)
        nobodys = topic.produce_batch(batch, transactional_id=cluster.unique("nobody"), version=version)

        expect(others).refused_with(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        expect(nobodys).refused_with(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        expect(topic).is_empty()


@checks("transactions/producing/plain-batch-in-a-transaction")
@over_protocols
def test_a_batch_outside_of_the_producers_open_transaction_is_refused(cluster, protocol):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        transaction.send(topic, [b"in it"])

        plain = topic.produce_batch(producer.batch(topic, [b"outside"], transactional=False))
        following = transaction.send(topic, [b"in it, too"])
        transaction.commit()

        expect(plain).refused_with(ErrorCode.INVALID_TXN_STATE)
        expect(following).acknowledged_at(1)
        expect(committed_values(topic), "what is shown at read_committed").equals([b"in it", b"in it, too"])


@checks("transactions/producing/others-go-on")
@given(others=st.lists(st.booleans(), min_size=1, max_size=5))
def test_producers_without_a_transaction_go_on_writing_where_one_is_open(cluster, others):
    with (
        cluster.topic() as topic,
        cluster.transactional_producer() as producer,
        cluster.idempotent_producer() as idempotent,
    ):
        transaction = producer.begin()
        transaction.send(topic, [b"open"])
        write = {
            True: lambda value: idempotent.send(topic, [value]),
            False: lambda value: topic.produce_batch(build_batch([NewRecord(None, value)])),
        }

        answers = [write[is_idempotent](b"%d" % number) for number, is_idempotent in enumerate(others)]
        transaction.abort()

        expect([answer.base_offset for answer in answers], "the base offsets").equals(list(range(1, len(others) + 1)))
        expect(committed_values(topic), "what is shown at read_committed").equals(
            [b"%d" % number for number in range(len(others))]
        )
