"""Replicas that are moved to other brokers (KIP-455): records stay, and what is under way can be seen and stopped."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.written_log import contents
from kafka_conformance.conformance.replication.failing import REPLICAS, partition_of, shown_everywhere, wait_for_end
from kafka_conformance.conformance.replication.leading import (
    Moving,
    controller_first,
    reassign,
    reassignment_of,
    replicas_from,
    wait_for_replicas,
)
from kafka_conformance.harness.cases import ErrorCode, checks, expect
from kafka_conformance.harness.strategies import batches

PLACES = st.lists(st.integers(0, REPLICAS - 1), min_size=1, max_size=REPLICAS, unique=True)


@contextlib.contextmanager
def under_way(cluster, topic, target):
    """A reassignment that does not come to its end, because the replica that is added stands still."""
    added = next(node for node in target if node not in partition_of(topic, node=topic.leader()).replica_nodes)
    with cluster.paused(added):
        expect(reassign(cluster, topic.name, target), "the answer").equals(ErrorCode.NONE)
        yield


@checks("replication/reassignment/keeps-records")
@given(first=PLACES, moves=st.lists(st.tuples(batches(max_size=2), PLACES), min_size=1, max_size=3), last=batches())
def test_records_stay_where_replicas_are_moved(cluster, first, moves, last):
    nodes = cluster.node_ids
    with cluster.topic(assignment=[[nodes[place] for place in first]]) as topic:
        written = []
        for batch, places in moves:
            written += batch
            topic.produce(batch)
            target = [nodes[place] for place in places]
            expect(reassign(cluster, topic.name, target), "the answer").equals(ErrorCode.NONE)
            wait_for_replicas(topic, target)
            topic.refresh()
        topic.produce(last)
        written += last

        shown = shown_everywhere(topic, len(written), target)

        expected = [(place, record.key, record.value) for place, record in enumerate(written)]
        expect(shown, "the records at each replica").equals([expected] * len(target))
        expect(contents(topic.records()), "the records at the leader").equals(expected)


@checks("replication/reassignment/is-listed")
def test_a_reassignment_is_listed_until_it_is_complete(cluster):
    old, kept, new = controller_first(cluster)
    with cluster.topic(assignment=[[old, kept]]) as topic:
        topic.produce([b"a"])
        with under_way(cluster, topic, [new, kept]):
            listed = reassignment_of(cluster, topic.name)
            described = partition_of(topic, node=kept)
            meanwhile = topic.produce([b"b"])
        wait_for_replicas(topic, [new, kept])
        topic.refresh()
        wait_for_end(topic, 2)

        expect(listed, "what is listed").equals(Moving([new, kept, old], adding=[new], removing=[old]))
        expect(described.replica_nodes, "the replicas").equals([new, kept, old])
        expect(described.leader_id, "the leader meanwhile").equals(old)
        expect(meanwhile).acknowledged_at(1)
        expect(topic).holds_exactly([b"a"], [b"b"])


@checks("replication/reassignment/is-cancelled")
def test_a_reassignment_that_is_cancelled_leaves_the_replicas_that_there_were(cluster):
    kept, old, new = controller_first(cluster)
    with cluster.topic(assignment=[[old, kept]]) as topic:
        topic.produce([b"a"])
        with under_way(cluster, topic, [new, kept]):
            answer = reassign(cluster, topic.name, None)
            wait_for_replicas(topic, [kept, old])  # those that were to be kept stood before those to be removed
            again = reassign(cluster, topic.name, None)
        topic.refresh()

        expect(answer, "the answer").equals(ErrorCode.NONE)
        expect(again, "the answer where nothing is under way").equals(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
        expect(partition_of(topic, node=topic.leader()).leader_id, "the leader").equals(old)
        expect(topic).holds_exactly([b"a"])


@checks("replication/reassignment/impossible-targets")
def test_a_reassignment_to_what_cannot_be_is_refused_and_changes_nothing(cluster):
    one, two, _ = nodes = replicas_from(cluster, 0, REPLICAS)
    with cluster.topic(assignment=[[one, two]]) as topic:
        impossible = [[], [one, one], [one, max(nodes) + 1000], [-1]]

        answers = [reassign(cluster, topic.name, target) for target in impossible]

        expect(answers, "the answers").equals([ErrorCode.INVALID_REPLICA_ASSIGNMENT] * len(impossible))
        expect(reassignment_of(cluster, topic.name), "what is under way").equals(None)
        expect(partition_of(topic, node=topic.leader()).replica_nodes, "the replicas").equals([one, two])


@checks("replication/reassignment/unknown-partitions")
def test_a_reassignment_of_what_is_not_there_is_refused(cluster):
    with cluster.topic() as topic:
        target = replicas_from(cluster, 0, 1)

        answers = [
            reassign(cluster, topic.name, target, partition=1),
            reassign(cluster, cluster.unique("nothing"), target),
        ]

        expect(answers, "the answers").equals([ErrorCode.UNKNOWN_TOPIC_OR_PARTITION] * 2)
