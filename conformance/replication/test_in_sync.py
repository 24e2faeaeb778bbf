"""Too few replicas in sync: what is refused, what is hidden, and who is told to go elsewhere."""

from kafka_conformance.conformance.replication.failing import (
    REPLICAS,
    followers_of,
    killed,
    killed_already,
    leader_after,
    shown_by,
    wait_for_isr,
)
from kafka_conformance.harness.cases import ErrorCode, NewRecord, build_batch, checks, expect
from kafka_conformance.harness.subject.partition_requests import produce_request

TWO = {"min.insync.replicas": "2"}


@checks("replication/too-few-replicas-are-refused")
def test_what_is_to_be_on_all_replicas_is_refused_where_too_few_are_in_sync(cluster):
    with cluster.topic(replication_factor=REPLICAS, configs=TWO) as topic:
        topic.produce([b"a"])
        with killed(cluster, *followers_of(topic)):
            wait_for_isr(topic, topic.leader(), node=topic.leader())
            refused = topic.produce([b"refused"])
            alone = topic.produce([b"b"], acks=1)

        expect(refused).refused_with(ErrorCode.NOT_ENOUGH_REPLICAS)
        expect(alone).acknowledged_at(1)


@checks("replication/nothing-is-shown-before-it-is-committed")
def test_a_record_is_not_shown_while_too_few_replicas_are_in_sync(cluster):
    with cluster.topic(replication_factor=REPLICAS, configs=TWO) as topic:
        topic.produce([b"a"])
        leader = topic.leader()
        with killed(cluster, *followers_of(topic)):
            wait_for_isr(topic, leader, node=leader)
            topic.produce([b"b"], acks=1)
            shown = [value for *_, value in shown_by(topic, leader)]
            end = topic.end_offset()
        topic.refresh()
        cluster.settled(lambda: topic.end_offset() == 2, step="high watermark", what="both records are committed")

        expect(shown, "the records that are shown").equals([b"a"])
        expect(end, "the end that ListOffsets gives").equals(1)


@checks("replication/the-leader-is-named")
def test_a_replica_that_does_not_lead_refuses_a_batch_and_names_the_leader(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        batch = bytes(build_batch([NewRecord(None, b"a")]))
        for follower in followers_of(topic):
            answer = cluster.send(produce_request(topic, {0: batch}), 10, node=follower)
            (partition,) = answer.responses[0].partition_responses

            told = partition.error_code, partition.current_leader.leader_id
            expect(told, "the error and the leader").equals((ErrorCode.NOT_LEADER_OR_FOLLOWER, topic.leader()))
            named = [each.node_id for each in answer.node_endpoints]
            expect(named, "the brokers whose address is told").equals([topic.leader()])


@checks("replication/only-who-has-all-leads")
def test_a_replica_that_lacks_acknowledged_records_does_not_lead(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        topic.produce([b"a"])
        leader, (behind, other) = topic.leader(), followers_of(topic)
        with killed(cluster, other):
            with killed(cluster, behind):
                wait_for_isr(topic, leader, node=leader)
                topic.produce([b"b"])
                cluster.kill(leader)
            with killed_already(cluster, leader):
                next_leader = leader_after(topic, leader, node=behind)
        topic.refresh()

        expect(next_leader, "the leader while the last one is down").equals(-1)
        expect(topic).holds_exactly([b"a"], [b"b"])
