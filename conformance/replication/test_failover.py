"""A partition whose leader is killed: what was acknowledged is there, and the next leader says so."""

from contextlib import ExitStack

from hypothesis import given

from kafka_conformance.conformance.fetch.written_log import write
from kafka_conformance.conformance.replication.failing import (
    REPLICAS,
    followers_of,
    killed_already,
    led_by_another,
    partition_of,
    read_all,
    read_committed_again,
    shown_everywhere,
    wait_for_isr,
    wait_for_leader,
)
from kafka_conformance.harness.cases import NewRecord, checks, expect, few_examples, needs
from kafka_conformance.harness.strategies import batch_lists


@checks("replication/acknowledged-records-survive-their-leader")
@few_examples
@given(batches=batch_lists(min_size=1, max_size=3))
def test_acknowledged_records_are_at_the_next_leader(cluster, batches):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        log = write(topic, batches)

        with led_by_another(cluster, topic) as leader:
            found = read_committed_again(topic, log.end, leader)

        expect(found, "the records at the next leader").equals(log.from_offset(0))


@checks("replication/acknowledged-records-survive-their-leader")
def test_acknowledged_records_survive_one_leader_after_the_other(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        sent = []
        for number in range(3):
            sent.append(b"%d" % number)
            topic.produce([sent[-1]])
            with led_by_another(cluster, topic):
                pass
            topic.refresh()
            wait_for_isr(topic, *cluster.node_ids, node=topic.leader())

        expect([record.value for record in topic.records()], "the records").equals(sent)


@checks("replication/offsets-go-on-at-the-next-leader")
def test_the_next_record_gets_the_next_offset_at_the_next_leader(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        topic.produce([b"a", b"b"])

        with led_by_another(cluster, topic) as leader:
            answer = topic.produce([b"c"], on=leader)

        expect(answer).acknowledged_at(2)


@checks("replication/a-new-leader-has-a-new-epoch")
def test_the_next_leader_leads_in_a_higher_epoch_and_stamps_it(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        topic.produce([b"a"])
        before = partition_of(topic, node=topic.leader()).leader_epoch

        with led_by_another(cluster, topic) as leader:
            topic.produce([b"b"], on=leader)
            epochs = [header.partition_leader_epoch for header, _ in topic.fetch(0, on=leader).batches]

        expect(epochs[0], "the epoch of the first batch").equals(before)
        expect(epochs[1] > before, "whether the epoch of the second is higher").is_true()


@checks("replication/replicas-agree")
def test_all_replicas_show_the_same_records_after_a_leader_has_come_back(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        topic.produce([NewRecord(b"k", b"a"), NewRecord(None, b"b")])
        with led_by_another(cluster, topic) as leader:
            topic.produce([b"c"], on=leader)
            log = read_all(topic, leader)
        topic.refresh()

        wait_for_isr(topic, *cluster.node_ids, node=topic.leader())

        expect(shown_everywhere(topic, len(log)), "the records at each node").equals([log] * REPLICAS)


@checks("replication/replicas-agree")
@needs("pause")
def test_a_leader_that_comes_back_gives_up_what_no_other_replica_had(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        topic.produce([b"a"])
        leader = topic.leader()
        with ExitStack() as stack:
            for follower in followers_of(topic):
                stack.enter_context(cluster.paused(follower))
            topic.produce([b"lost"], acks=1)
            topic.produce([b"lost, too"], acks=1)
            cluster.kill(leader)
        with killed_already(cluster, leader):
            described = wait_for_leader(topic, instead_of=leader)
            with cluster.connect(described.leader_id) as connection:
                for number in range(3):
                    topic.produce([b"%d" % number], on=connection)
                log = read_all(topic, connection)
        topic.refresh()

        wait_for_isr(topic, *cluster.node_ids, node=topic.leader())

        expect(shown_everywhere(topic, len(log)), "the records at each node").equals([log] * REPLICAS)
