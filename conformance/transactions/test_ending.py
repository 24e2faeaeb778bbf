"""EndTxn: once, again, with the other decision, and where there is nothing to end."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.transactions.reading import committed_values, markers
from kafka_conformance.harness.cases import (
    ApiKey,
    ErrorCode,
    TransactionProtocol,
    checks,
    expect,
    few_examples,
    over_protocols,
    over_versions,
)


@checks("transactions/ending/repeat")
@over_protocols
@given(committed=st.booleans(), repeats=st.integers(1, 4))
def test_an_end_that_is_repeated_ends_nothing_twice(cluster, protocol, committed, repeats):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        transaction.send(topic, [b"a"])
        first = transaction.end(committed)

        again = [transaction.wait_until_complete(committed) for _ in range(repeats)]

        expect([(answer.producer_id, answer.producer_epoch) for answer in again], "producer ids and epochs").equals(
            [(first.producer_id, first.producer_epoch)] * repeats
        )
        expect([entry.committed for entry in markers(topic)], "the decisions of the markers").equals([committed])


@checks("transactions/ending/repeat")
@over_protocols
@given(committed=st.booleans())
def test_until_an_end_is_complete_its_repeat_is_told_to_wait(cluster, protocol, committed):
    with cluster.topic(4) as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        for partition in range(4):
            transaction.send(topic, [b"a"], partition=partition)
        transaction.end(committed)

        again = producer.end_once(committed, producer_id=transaction.producer_id, epoch=transaction.epoch)

        expect(ErrorCode(again.error_code), "the error of the repeat").is_one_of(
            ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.NONE
        )


@checks("transactions/ending/other-decision")
@over_protocols
@given(committed=st.booleans())
def test_a_decision_is_not_changed_by_the_other_one(cluster, protocol, committed):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        transaction.send(topic, [b"a"])
        transaction.end(committed)

        early = producer.end(not committed, producer_id=transaction.producer_id, epoch=transaction.epoch)
        transaction.wait_until_complete(committed)
        late = producer.end(not committed, producer_id=transaction.producer_id, epoch=transaction.epoch)

        expect([ErrorCode(early.error_code), ErrorCode(late.error_code)], "the errors").equals(
            [ErrorCode.INVALID_TXN_STATE] * 2
        )
        expect([entry.committed for entry in markers(topic)], "the decisions of the markers").equals([committed])


@checks("transactions/ending/nothing-to-commit")
@over_protocols
@given(before=st.sampled_from([None, True, False]))
def test_there_is_nothing_to_commit_in_a_transaction_to_which_nothing_was_added(cluster, protocol, before):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        end_one(producer, topic, {None: None, True: True, False: False}[before])
        fresh = {TransactionProtocol.V1: producer.init, TransactionProtocol.V2: lambda: None}
        fresh[protocol]()

        answer = producer.end(True)

        expect(ErrorCode(answer.error_code), "the error").equals(ErrorCode.INVALID_TXN_STATE)


def end_one(producer, topic, committed):
    """A transaction of the producer, complete; none if there is no decision."""
    if committed is not None:
        transaction = producer.begin()
        transaction.send(topic, [b"a"])
        transaction.end(committed)
        transaction.wait_until_complete(committed)


@checks("transactions/ending/nothing-to-abort-v1")
@over_versions(ApiKey.END_TXN, "0-4")
def test_in_the_first_protocol_there_is_nothing_to_abort_either(cluster, version):
    with cluster.transactional_producer(protocol=TransactionProtocol.V1) as producer:
        answer = producer.end_once(False, version=version)

        expect(ErrorCode(answer.error_code), "the error").equals(ErrorCode.INVALID_TXN_STATE)


@checks("transactions/ending/nothing-to-abort-v2")
@given(before=st.sampled_from([None, True, False]), aborts=st.integers(1, 3))
def test_in_the_second_protocol_an_abort_of_nothing_gives_the_next_epoch(cluster, before, aborts):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=TransactionProtocol.V2) as producer:
        end_one(producer, topic, before)
        epoch, end = producer.epoch, topic.end_offset()

        for _ in range(aborts):
            producer.begin().abort()

        expect(producer.epoch, "the epoch").equals(epoch + aborts)
        expect(topic).ends_at(end)


@checks("transactions/ending/next-epoch")
@given(ends=st.lists(st.booleans(), min_size=1, max_size=6))
def test_each_end_gives_the_same_producer_its_next_epoch(cluster, ends):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=TransactionProtocol.V2) as producer:
        began, answers = (producer.producer_id, producer.epoch), []
        for committed in ends:
            transaction = producer.begin()
            transaction.send(topic, [b"a"])
            answers.append(transaction.end(committed))

        given_ids = [(answer.producer_id, answer.producer_epoch) for answer in answers]
        expect(given_ids, "producer ids and epochs").equals(
            [(began[0], began[1] + number) for number in range(1, len(ends) + 1)]
        )


@checks("transactions/ending/same-epoch")
@over_versions(ApiKey.END_TXN, "0-4")
@few_examples
@given(ends=st.lists(st.booleans(), min_size=2, max_size=4))
def test_in_the_first_protocol_a_producer_keeps_its_epoch_and_its_sequences(cluster, version, ends):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=TransactionProtocol.V1) as producer:
        for number, committed in enumerate(ends):
            transaction = producer.begin()
            expect(transaction.send(topic, [b"%d" % number])).succeeds()
            expect(ErrorCode(producer.end_once(committed, version=version).error_code), "the error").equals(
                ErrorCode.NONE
            )
            transaction.wait_until_complete(committed)

        expect({entry.epoch for entry in markers(topic)}, "the epochs of the markers").equals({producer.epoch})
        expect(committed_values(topic), "what is shown at read_committed").equals(
            [b"%d" % number for number, committed in enumerate(ends) if committed]
        )


@checks("transactions/ending/of-an-earlier-transaction")
@given(late=st.booleans(), between=st.integers(1, 3))
def test_an_end_that_comes_late_does_not_end_a_later_transaction(cluster, late, between):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=TransactionProtocol.V2) as producer:
        first = producer.begin()
        first.send(topic, [b"first"])
        first.commit()
        for _ in range(between):
            later = producer.begin()
            later.send(topic, [b"later"])
            later.commit()
        current = producer.begin()
        current.send(topic, [b"current"])
        ended = len(markers(topic))

        answer = producer.end_once(late, producer_id=first.producer_id, epoch=first.epoch)

        expect(ErrorCode(answer.error_code), "the error").equals(ErrorCode.PRODUCER_FENCED)
        expect(len(markers(topic)), "the markers").equals(ended)


@checks("transactions/markers/form")
@over_protocols
@given(committed=st.booleans(), count=st.integers(1, 3))
def test_a_marker_is_one_record_in_a_control_batch_of_its_producer(cluster, protocol, committed, count):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        transaction.send(topic, [b"a"] * count)
        (transaction.commit if committed else transaction.abort)()

        (marker,) = markers(topic)

        header = marker.header
        expect([marker.offset, header.record_count, topic.end_offset()], "offset, records and end").equals(
            [count, 1, count + 1]
        )
        expect([header.is_control, header.is_transactional, header.base_sequence], "attributes and sequence").equals(
            [True, True, -1]
        )
        expect([marker.producer_id, marker.committed], "producer id and decision").equals(
            [transaction.producer_id, committed]
        )


@checks("transactions/markers/epoch")
@over_protocols
@given(ends=st.lists(st.booleans(), min_size=1, max_size=3))
def test_a_marker_has_the_epoch_in_which_the_producer_goes_on(cluster, protocol, ends):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        epochs = []
        for committed in ends:
            transaction = producer.begin()
            transaction.send(topic, [b"a"])
            (transaction.commit if committed else transaction.abort)()
            epochs.append(producer.epoch)

        expect([marker.epoch for marker in markers(topic)], "the epochs of the markers").equals(epochs)
