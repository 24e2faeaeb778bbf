"""Coordinators that die or move: groups and transactions go on at the next one, as if nothing had happened."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.gathering import stable
from kafka_conformance.conformance.replication.coordinators import OFFSETS, TRANSACTIONS, go_on, move_coordinator
from kafka_conformance.conformance.replication.failing import REPLICAS, killed
from kafka_conformance.conformance.replication.leading import lead_from, replicas_from
from kafka_conformance.conformance.transactions.interleaving import PARTITIONS, interleavings, played
from kafka_conformance.conformance.transactions.reading import await_stability, committed_values, markers
from kafka_conformance.harness.cases import (
    READ_COMMITTED,
    ErrorCode,
    checks,
    expect,
    few_examples,
    over_protocols,
)
from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.harness.subject.group_requests import offset_fetch_request
from kafka_conformance.harness.subject.member import Member
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest

SHORT_MS = 2_000
ABORTED_WITHIN_S = 40.0
SAID = {True: ErrorCode.NONE, False: ErrorCode.NOT_COORDINATOR}
"""By whether it coordinates."""
FENCED = (ErrorCode.PRODUCER_FENCED, ErrorCode.INVALID_PRODUCER_EPOCH)


@contextlib.contextmanager
def coordinator_killed(cluster, *subjects):
    """The coordinator of the first is killed; all of them find theirs again, and it comes back afterwards."""
    with killed(cluster, subjects[0].coordinator):
        for subject in subjects:
            subject.find_coordinator()
        yield


def await_committed(group, topic, offsets):
    """Waits until OffsetFetch gives these. A coordinator that has just taken over shows what it knows to be replicated,
    and its high watermark may be half a second old (CoordinatorLoaderImpl; observed on Apache Kafka 4.3.1)."""
    group.cluster.settled(
        lambda: {index: group.committed(topic, index).offset for index in offsets} == offsets,
        step="committed offsets",
        what=f"{group.name} has committed {offsets}",
    )


def member_at(connection, member):
    """The same member, on another connection."""
    found = Member(
        member.group_id,
        connection,
        session_timeout_ms=member.session_timeout_ms,
        rebalance_timeout_ms=member.rebalance_timeout_ms,
        instance_id=None,
        topics=member.topics,
    )
    found.member_id, found.generation_id = member.member_id, member.generation_id
    return found


def init_request(producer):
    """An InitProducerId that goes on with the producer's own id and epoch."""
    return InitProducerIdRequest(
        transactional_id=producer.transactional_id,
        transaction_timeout_ms=producer.timeout_ms,
        producer_id=producer.producer_id,
        producer_epoch=producer.epoch,
    )


@checks("replication/coordinators/members-stay")
def test_members_and_offsets_are_there_at_the_next_coordinator(cluster):
    with cluster.topic(2, replication_factor=REPLICAS) as topic, cluster.group() as group:
        before = stable(group, 2)
        before[0].commit(topic, {0: 7}, metadata="seven")
        before[1].commit(topic, {1: 8})
        with coordinator_killed(cluster, group):
            after = go_on(group, before)
            beats = [member.heartbeat() for member in after]
            assignments = [member.sync().assignment for member in after]
            await_committed(group, topic, {0: 7, 1: 8})
            kept = [group.committed(topic, index).metadata for index in range(2)]
            errors = after[0].commit(topic, {0: 9})

        expect(beats, "their heartbeats in the generation that they had").equals([ErrorCode.NONE] * 2)
        expect(assignments, "their assignments").equals([member.member_id.encode() for member in before])
        expect(kept, "the metadata of the committed offsets").equals(["seven", ""])
        expect(errors, "what is said of another commit").equals({0: ErrorCode.NONE})
        go_on(group, after)


@checks("replication/coordinators/last-commit-wins")
@few_examples
@given(rounds=st.lists(st.lists(st.integers(0, 100), min_size=1, max_size=3), min_size=1, max_size=3))
def test_the_last_commit_is_found_wherever_the_coordinator_has_moved(cluster, rounds):
    with cluster.topic(replication_factor=REPLICAS) as topic, cluster.group() as group:
        group.find_coordinator()
        for offsets in rounds:
            for offset in offsets:
                expect(group.commit(topic, {0: offset}), "the commit").equals({0: ErrorCode.NONE})
                expect(group.committed(topic).offset, "the committed offset").equals(offset)
            move_coordinator(cluster, group.name, OFFSETS)
            group.find_coordinator()
            await_committed(group, topic, {0: offsets[-1]})


@checks("replication/coordinators/others-refuse")
def test_brokers_that_do_not_coordinate_refuse_groups_and_transactions(cluster):
    with cluster.topic() as topic, cluster.group() as group, cluster.transactional_producer() as producer:
        (member,) = stable(group)
        for node in cluster.node_ids:
            with cluster.connect(node) as connection:
                stranger = member_at(connection, member)
                of_group = {
                    stranger.heartbeat(),
                    *stranger.commit(topic, {0: 1}).values(),
                    error_code(connection.send(offset_fetch_request(group.name, None)).groups[0].error_code),
                }
                of_transaction = error_code(connection.send(init_request(producer)).error_code)
            coordinates = node == group.coordinator, node == producer.coordinator

            expect(of_group, f"what node {node} says of the group").equals({SAID[coordinates[0]]})
            expect(of_transaction, f"what node {node} says of the transactional id").equals(SAID[coordinates[1]])


@checks("replication/coordinators/open-transactions-go-on")
def test_an_open_transaction_is_committed_through_the_next_coordinator(cluster):
    with (
        cluster.topic(2, replication_factor=REPLICAS) as topic,
        cluster.transactional_producer() as first,
        cluster.transactional_producer() as second,
    ):
        committed, aborted = first.begin(), second.begin()
        for transaction, value in ((committed, b"kept"), (aborted, b"dropped")):
            transaction.send(topic, [value], partition=0)
        with coordinator_killed(cluster, first, second):
            topic.refresh()
            committed.send(topic, [b"kept, too"], partition=1)
            aborted.send(topic, [b"dropped, too"], partition=1)
            committed.commit()
            aborted.abort()
            seen = [committed_values(topic, index) for index in range(2)]

        expect(seen, "what each partition shows at read_committed").equals([[b"kept"], [b"kept, too"]])


@checks("replication/coordinators/decisions-are-carried-out")
def test_a_decision_is_carried_out_although_its_coordinator_dies(cluster):
    with (
        cluster.topic(PARTITIONS, replication_factor=REPLICAS) as topic,
        cluster.transactional_producer() as first,
        cluster.transactional_producer() as second,
    ):
        decided = {first.begin(): True, second.begin(): False}
        for transaction, committed in decided.items():
            for index in range(PARTITIONS):
                transaction.send(topic, [b"%d" % committed], partition=index)
        for transaction, committed in decided.items():
            transaction.end(committed)
        with coordinator_killed(cluster, second, first):
            topic.refresh()
            for transaction, committed in decided.items():
                transaction.wait_until_complete(committed)

            for index in range(PARTITIONS):
                await_stability(cluster, topic, index)
                found = {(entry.producer_id, entry.committed) for entry in markers(topic, index)}
                expect(found, "what the markers say").equals(
                    {(transaction.producer_id, committed) for transaction, committed in decided.items()}
                )
                expect(committed_values(topic, index), "what is shown").equals([b"1"])


@checks("replication/coordinators/timeouts-go-on")
@over_protocols
def test_a_transaction_times_out_although_its_coordinator_has_moved(cluster, protocol):
    with (
        cluster.topic(replication_factor=REPLICAS) as topic,
        cluster.transactional_producer(protocol=protocol, timeout_ms=SHORT_MS) as producer,
    ):
        transaction = producer.begin()
        transaction.send(topic, [b"forgotten"])
        move_coordinator(cluster, producer.transactional_id, TRANSACTIONS)

        await_stability(cluster, topic, within_s=ABORTED_WITHIN_S)

        expect([entry.committed for entry in markers(topic)], "the decisions of the markers").equals([False])
        expect(committed_values(topic), "what is shown").equals([])
        producer.find_coordinator()


@checks("replication/coordinators/fencing-stays")
@over_protocols
def test_a_producer_that_was_replaced_is_fenced_by_the_next_coordinator(cluster, protocol):
    name = cluster.unique("transactional-id")
    with (
        cluster.topic(replication_factor=REPLICAS) as topic,
        cluster.transactional_producer(name, protocol=protocol) as zombie,
    ):
        zombie.begin().send(topic, [b"of the zombie"])
        with cluster.transactional_producer(name, protocol=protocol) as newcomer:
            epoch = newcomer.epoch
            transaction = newcomer.begin()
            transaction.send(topic, [b"of the newcomer"])
            move_coordinator(cluster, name, TRANSACTIONS)
            for each in (zombie, newcomer):
                each.find_coordinator()

            ended = zombie.end(True)
            late = zombie.send(topic, [b"late"])
            transaction.commit()

        expect(ErrorCode(ended.error_code), "what is said of the zombie's end").is_one_of(*FENCED)
        expect(late).refused_with(ErrorCode.INVALID_PRODUCER_EPOCH)
        expect(committed_values(topic), "what is shown").equals([b"of the newcomer"])
        expect(epoch, "the newcomer's epoch").is_at_least(zombie.epoch + 1)


@checks("replication/transactions/same-at-the-next-leader")
@given(steps=interleavings(max_size=10), place=st.integers(0, REPLICAS - 1))
def test_what_is_stable_and_what_was_aborted_is_the_same_at_the_next_leader(cluster, steps, place):
    with played(cluster, steps, replication_factor=REPLICAS) as outcome:
        topic = outcome.topic
        (node,) = replicas_from(cluster, place, 1)
        for index in range(PARTITIONS):
            lead_from(topic, node, partition=index)
            end = outcome.end(index)
            cluster.settled(
                lambda index=index, end=end: topic.end_offset(index) == end,
                step="high watermark",
                what=f"partition {index} ends at {end}",
            )
            fetched = topic.fetch(0, partition=index, isolation_level=READ_COMMITTED)

            expect(fetched.last_stable_offset, "the last stable offset").equals(outcome.last_stable_offset(index))
            listed = {*fetched.aborted_transactions} - outcome.aborted_from(index, 0)
            expect(listed, "what is listed although it was not aborted").equals(set())
            expect(committed_values(topic, index), "what is shown").equals(outcome.committed_values(index))
