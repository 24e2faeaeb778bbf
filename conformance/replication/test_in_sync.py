"""The replicas that are in sync: who leaves, who comes back, and what is refused and hidden while they are too few."""

from kafka_conformance.conformance.replication.failing import (
    REPLICAS,
    eligible_of,
    partition_of,
    produce_for,
    shown_by,
    wait_for_isr,
)
from kafka_conformance.conformance.replication.leading import controller_first
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect

TWO = {"min.insync.replicas": "2"}
ALL = {"min.insync.replicas": str(REPLICAS)}
BRIEFLY_MS = 300


@checks("replication/isr/leaves-and-comes-back")
def test_a_frozen_follower_leaves_the_isr_and_comes_back_when_it_goes_on(cluster):
    leader, other, frozen = controller_first(cluster)
    with cluster.topic(assignment=[[leader, other, frozen]]) as topic:
        before = partition_of(topic, node=leader)
        with cluster.paused(frozen):
            wait_for_isr(topic, leader, other, node=leader)
            written = [topic.produce([b"%d" % number]) for number in range(3)]
        wait_for_isr(topic, *cluster.node_ids, node=leader)
        after = partition_of(topic, node=leader)

        expect([answer.error for answer in written], "what is said of batches meanwhile").equals([ErrorCode.NONE] * 3)
        led = (after.leader_id, after.leader_epoch)
        expect(led, "the leader and its epoch").equals((before.leader_id, before.leader_epoch))
        expect(after.replica_nodes, "the replicas").equals(before.replica_nodes)


@checks("replication/too-few-replicas-are-refused")
def test_what_is_to_be_on_all_replicas_is_refused_where_too_few_are_in_sync(cluster):
    leader, follower = pair = controller_first(cluster)[1:]
    with cluster.topic(assignment=[pair], configs=TWO) as topic:
        topic.produce([b"a"])
        with cluster.paused(follower):
            wait_for_isr(topic, leader, node=leader)
            refused = topic.produce([b"refused"])
            alone = topic.produce([b"b"], acks=1)
        wait_for_isr(topic, *pair, node=leader)
        topic.produce([b"c"])

        expect(refused).refused_with(ErrorCode.NOT_ENOUGH_REPLICAS)
        expect(alone).acknowledged_at(1)
        expect(topic).holds_exactly([b"a"], [b"b"], [b"c"])


@checks("replication/isr/answer-says-what-was-appended")
def test_of_batches_while_a_replica_is_missed_those_are_there_that_were_appended(cluster):
    leader, follower = pair = controller_first(cluster)[1:]
    with cluster.topic(assignment=[pair], configs=TWO) as topic:
        answers = []
        with cluster.paused(follower):

            def is_refused():
                value = b"%d" % len(answers)
                answers.append((value, produce_for(topic, value, timeout_ms=BRIEFLY_MS)))
                return answers[-1][1].error is ErrorCode.NOT_ENOUGH_REPLICAS

            cluster.settled(is_refused, step="refusal", what="a batch is refused")
        wait_for_isr(topic, *pair, node=leader)
        topic.produce([b"the last"])

        timed_out = [answer for _, answer in answers[:-1]]
        expect({answer.error for answer in timed_out}, "what is said of those that were appended").is_one_of(
            {ErrorCode.REQUEST_TIMED_OUT}, set()
        )
        expect([answer.base_offset for answer in timed_out], "their offsets").equals([*range(len(timed_out))])
        expect(answers[-1][1].base_offset, "the offset of the refused one").equals(-1)
        expect(topic).holds_exactly([value for value, _ in answers[:-1]], [b"the last"])


@checks("replication/nothing-is-shown-before-it-is-committed")
def test_a_record_is_not_shown_while_too_few_replicas_are_in_sync(cluster):
    leader, follower = pair = controller_first(cluster)[1:]
    with cluster.topic(assignment=[pair], configs=TWO) as topic:
        topic.produce([b"a"])
        with cluster.paused(follower):
            wait_for_isr(topic, leader, node=leader)
            topic.produce([b"b"], acks=1)
            shown = [value for *_, value in shown_by(topic, leader)]
            end = topic.end_offset()
        wait_for_isr(topic, *pair, node=leader)
        cluster.settled(lambda: topic.end_offset() == 2, step="high watermark", what="both records are committed")

        expect(shown, "the records that are shown").equals([b"a"])
        expect(end, "the end that ListOffsets gives").equals(1)
        expect(topic).holds_exactly([b"a"], [b"b"])


@checks("replication/isr/eligible-leaders")
def test_who_leaves_an_isr_that_is_too_small_stays_eligible(cluster):
    cluster.require(ApiKey.DESCRIBE_TOPIC_PARTITIONS)
    leader, other, frozen = controller_first(cluster)
    with cluster.topic(assignment=[[leader, other, frozen]], configs=ALL) as topic:
        at_first = eligible_of(topic, node=leader)
        with cluster.paused(frozen):
            wait_for_isr(topic, leader, other, node=leader)
            meanwhile = eligible_of(topic, node=leader)
        wait_for_isr(topic, *cluster.node_ids, node=leader)

        expect(meanwhile, "the eligible leaders while it is away").equals([frozen])
        expect([at_first, eligible_of(topic, node=leader)], "those before and after").equals([[], []])
