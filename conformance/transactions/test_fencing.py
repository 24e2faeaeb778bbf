"""A producer whose transactional id somebody else has initialised can do nothing more with it (KIP-98, KIP-588)."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.transactions.reading import await_stability, committed_values, markers
from kafka_conformance.harness.cases import (
    ApiKey,
    ErrorCode,
    TransactionProtocol,
    checks,
    expect,
    few_examples,
    needs,
    over_protocols,
    over_versions,
)

BY_VERSION = [ErrorCode.INVALID_PRODUCER_EPOCH] * 2 + [ErrorCode.PRODUCER_FENCED] * 4
"""What a coordinator answers a fenced producer: clients before version 2 do not know the newer error."""


@checks("transactions/fencing/produce")
@over_protocols
@given(newcomers=st.integers(1, 3))
def test_a_batch_of_a_transaction_that_a_newcomer_aborted_is_refused(cluster, protocol, newcomers):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as fenced:
        transaction = fenced.begin()
        transaction.send(topic, [b"before"])
        for _ in range(newcomers):
            cluster.transactional_producer(fenced.transactional_id, protocol=protocol)
        await_stability(cluster, topic)

        late = fenced.send(topic, [b"late"])

        expect(late).refused_with(ErrorCode.INVALID_PRODUCER_EPOCH)
        expect(topic).ends_at(2)


@checks("transactions/fencing/produce")
@over_protocols
@given(newcomers=st.integers(1, 3))
def test_a_batch_of_a_producer_that_was_between_two_transactions_is_refused(cluster, protocol, newcomers):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as fenced:
        transaction = fenced.begin()
        transaction.send(topic, [b"before"])
        transaction.commit()
        for _ in range(newcomers):
            cluster.transactional_producer(fenced.transactional_id, protocol=protocol)

        late = fenced.send(topic, [b"late"])

        expect(late).refused_with(ErrorCode.INVALID_PRODUCER_EPOCH)
        expect(topic).ends_at(2)


@checks("transactions/fencing/produce")
def test_a_successor_that_wrote_fences_its_predecessor_in_the_same_partition(cluster):
    with cluster.topic() as topic, cluster.transactional_producer() as fenced:
        fenced.begin()
        with cluster.transactional_producer(fenced.transactional_id) as successor:
            transaction = successor.begin()
            transaction.send(topic, [b"successor's"])

            late = fenced.send(topic, [b"late"])
            transaction.commit()

        expect(late).refused_with(ErrorCode.INVALID_PRODUCER_EPOCH)
        expect(committed_values(topic), "what is shown at read_committed").equals([b"successor's"])


@checks("transactions/fencing/end")
@over_versions(ApiKey.END_TXN, "0-5")
@given(committed=st.booleans())
def test_a_fenced_producer_cannot_end_its_successors_transaction(cluster, version, committed):
    protocol = TransactionProtocol.V2 if version >= 5 else TransactionProtocol.V1
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as fenced:
        with cluster.transactional_producer(fenced.transactional_id, protocol=protocol) as successor:
            transaction = successor.begin()
            transaction.send(topic, [b"successor's"])

            answer = fenced.end_once(committed, version=version)

            expect(ErrorCode(answer.error_code), "the error").equals(BY_VERSION[version])
            expect(markers(topic), "the markers").equals([])
            transaction.commit()
        expect(committed_values(topic), "what is shown at read_committed").equals([b"successor's"])


@checks("transactions/fencing/end")
@over_versions(ApiKey.END_TXN, "0-5")
@few_examples
@given(ahead=st.integers(1, 100))
def test_an_epoch_that_was_never_given_cannot_end_a_transaction(cluster, version, ahead):
    protocol = TransactionProtocol.V2 if version >= 5 else TransactionProtocol.V1
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        producer.begin().send(topic, [b"open"])

        answer = producer.end_once(True, epoch=producer.epoch + ahead, version=version)

        expect(ErrorCode(answer.error_code), "the error").equals(BY_VERSION[version])


@checks("transactions/fencing/add-partitions")
@over_versions(ApiKey.ADD_PARTITIONS_TO_TXN, "0-3")
def test_a_fenced_producer_cannot_add_partitions(cluster, version):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=TransactionProtocol.V1) as fenced:
        cluster.transactional_producer(fenced.transactional_id, protocol=TransactionProtocol.V1)

        errors = fenced.add_once({topic.name: [0]}, version=version)

        expect(errors, "the errors").equals({(topic.name, 0): BY_VERSION[version]})


@checks("transactions/fencing/add-offsets")
@needs("transactional-offsets")
@over_versions(ApiKey.ADD_OFFSETS_TO_TXN, "0-4")
def test_a_fenced_producer_cannot_add_groups(cluster, version):
    with cluster.group() as group, cluster.transactional_producer(protocol=TransactionProtocol.V1) as fenced:
        cluster.transactional_producer(fenced.transactional_id, protocol=TransactionProtocol.V1)

        error = fenced.add_group_once(group, version=version)

        expect(error, "the error").equals(BY_VERSION[version])


@checks("transactions/fencing/unknown-producer")
@given(other=st.integers(1, 1_000_000))
def test_a_producer_id_that_is_not_the_transactional_ids_is_refused(cluster, other):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=TransactionProtocol.V1) as producer:
        transaction = producer.begin()
        transaction.send(topic, [b"open"])

        ended = producer.end_once(True, producer_id=producer.producer_id + other)
        own, producer.producer_id = producer.producer_id, producer.producer_id + other
        added = producer.add_once({topic.name: [0]})
        producer.producer_id = own

        expect(ErrorCode(ended.error_code), "the error of EndTxn").equals(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        expect(added, "the errors of AddPartitionsToTxn").equals(
            {(topic.name, 0): ErrorCode.INVALID_PRODUCER_ID_MAPPING}
        )


@checks("transactions/fencing/unknown-producer")
def test_a_transactional_id_that_was_never_initialised_is_refused(cluster):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=TransactionProtocol.V1) as producer:
        producer.transactional_id = cluster.unique("never-initialised")
        producer.find_coordinator()

        ended = producer.end_once(True)
        added = producer.add_once({topic.name: [0]})

        expect(ErrorCode(ended.error_code), "the error of EndTxn").equals(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        expect(added, "the errors of AddPartitionsToTxn").equals(
            {(topic.name, 0): ErrorCode.INVALID_PRODUCER_ID_MAPPING}
        )
