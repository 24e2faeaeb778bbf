"""WriteTxnMarkers: as coordinators send it, and as an administrator does to end what hangs (KIP-664)."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.transactions.reading import committed_values, last_stable_offset, markers
from kafka_conformance.harness.cases import ErrorCode, checks, expect, needs, over_protocols
from kafka_conformance.harness.subject.transaction_requests import markers_in, write_markers_request

V2 = 2
"""The transaction version in WriteTxnMarkers of markers under the second protocol."""


def write_markers(cluster, topic, producer_id, epoch, *, partitions=(0,), version=1, **fields):
    """The error of each partition, by the leader of the first."""
    request = write_markers_request(producer_id, epoch, {topic.name: partitions}, **fields)
    answer = markers_in(cluster.send(request, version, node=topic.leader(partitions[0])))
    return {partition: error for (_, partition), error in answer.items()}


@checks("transactions/markers/from-outside")
@over_protocols
@given(committed=st.booleans(), count=st.integers(1, 3))
def test_a_marker_from_outside_ends_what_is_open_in_its_partition(cluster, protocol, committed, count):
    with cluster.topic(2) as topic, cluster.transactional_producer(protocol=protocol) as producer:
        transaction = producer.begin()
        for partition in range(2):
            transaction.send(topic, [b"open"] * count, partition=partition)

        errors = write_markers(
            cluster, topic, producer.producer_id, producer.epoch, committed=committed, coordinator_epoch=0
        )

        expect(errors, "the errors").equals({0: ErrorCode.NONE})
        expect([entry.committed for entry in markers(topic)], "the decisions of the markers").equals([committed])
        stable = [last_stable_offset(topic, partition) for partition in range(2)]
        expect(stable, "the last stable offsets").equals([count + 1, 0])
        expect(committed_values(topic), "what is shown at read_committed").equals([b"open"] * count * committed)


@checks("transactions/markers/old-coordinator")
@given(newer=st.integers(1, 5), older=st.integers(0, 4), committed=st.booleans())
def test_a_coordinator_that_was_succeeded_writes_no_marker(cluster, newer, older, committed):
    late = min(older, newer - 1)
    with cluster.topic() as topic, cluster.idempotent_producer() as producer:
        write_markers(cluster, topic, producer.producer_id, 0, committed=True, coordinator_epoch=newer)

        errors = write_markers(cluster, topic, producer.producer_id, 0, committed=committed, coordinator_epoch=late)
        again = write_markers(cluster, topic, producer.producer_id, 0, committed=committed, coordinator_epoch=newer)

        expect(errors, "the errors of the old one").equals({0: ErrorCode.TRANSACTION_COORDINATOR_FENCED})
        expect(again, "the errors of the current one").equals({0: ErrorCode.NONE})
        expect(topic).ends_at(2)


@checks("transactions/markers/old-epoch")
@given(epoch=st.integers(1, 5), older=st.integers(0, 4), committed=st.booleans())
def test_a_marker_of_an_earlier_epoch_is_refused(cluster, epoch, older, committed):
    with cluster.topic() as topic, cluster.idempotent_producer() as producer:
        producer.epoch = epoch
        producer.send(topic, [b"a"])

        errors = write_markers(
            cluster, topic, producer.producer_id, min(older, epoch - 1), committed=committed, coordinator_epoch=0
        )

        expect(errors, "the errors").equals({0: ErrorCode.INVALID_PRODUCER_EPOCH})
        expect(topic).ends_at(1)


@checks("transactions/markers/fences-its-epoch")
@given(epoch=st.integers(1, 100), committed=st.booleans())
def test_a_marker_of_a_later_epoch_fences_the_earlier_ones(cluster, epoch, committed):
    with cluster.topic() as topic, cluster.idempotent_producer() as producer:
        producer.send(topic, [b"a"])
        write_markers(cluster, topic, producer.producer_id, epoch, committed=committed, coordinator_epoch=0)

        late = producer.send(topic, [b"late"])
        producer.epoch = epoch
        following = producer.send(topic, [b"b"], sequence=0)

        expect(late).refused_with(ErrorCode.INVALID_PRODUCER_EPOCH)
        expect(following).acknowledged_at(2)


@checks("transactions/markers/later-epoch-only")
@needs("transactions-v2")
@given(committed=st.booleans())
def test_in_the_second_protocol_a_marker_of_the_open_transactions_own_epoch_is_refused(cluster, committed):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        producer.begin().send(topic, [b"open"])

        errors = write_markers(
            cluster,
            topic,
            producer.producer_id,
            producer.epoch,
            version=2,
            committed=committed,
            coordinator_epoch=0,
            transaction_version=V2,
        )

        expect(errors, "the errors").equals({0: ErrorCode.INVALID_PRODUCER_EPOCH})
        expect(last_stable_offset(topic), "the last stable offset").equals(0)


@checks("transactions/markers/without-producer")
@given(has_id=st.booleans(), committed=st.booleans())
def test_a_marker_without_producer_id_or_epoch_is_refused(cluster, has_id, committed):
    with cluster.topic() as topic, cluster.idempotent_producer() as producer:
        producer_id, epoch = (producer.producer_id, -1) if has_id else (-1, 0)

        errors = write_markers(cluster, topic, producer_id, epoch, committed=committed, coordinator_epoch=0)

        expect(errors[0] is not ErrorCode.NONE, "whether it is refused").equals(True)
        expect(topic).ends_at(0)


@checks("transactions/markers/unknown-partition")
@given(committed=st.booleans())
def test_a_marker_for_a_partition_that_is_not_there_is_refused_alone(cluster, committed):
    with cluster.topic() as topic, cluster.idempotent_producer() as producer:
        errors = write_markers(
            cluster, topic, producer.producer_id, 0, partitions=(0, 7), committed=committed, coordinator_epoch=0
        )

        expect(errors, "the errors").equals({0: ErrorCode.NONE, 7: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
