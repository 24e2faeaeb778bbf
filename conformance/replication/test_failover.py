"""Brokers that die, stand still and stop while clients go on: what was acknowledged is there, once and in order."""

from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.epochs import current_epoch
from kafka_conformance.conformance.fetch.written_log import write
from kafka_conformance.conformance.replication.epochs import Led, stints
from kafka_conformance.conformance.replication.failing import (
    REPLICAS,
    followers_of,
    killed_already,
    led_by_another,
    read_all,
    read_committed_again,
    shown_everywhere,
    wait_for_end,
    wait_for_isr,
    wait_for_leader,
)
from kafka_conformance.conformance.replication.faults import faults, under_load
from kafka_conformance.conformance.replication.leading import call_for_leader, lead_from
from kafka_conformance.harness.cases import LATEST, ErrorCode, checks, expect, few_examples, needs
from kafka_conformance.harness.checkers.anomalies import anomalies
from kafka_conformance.harness.strategies import batch_lists
from kafka_conformance.harness.subject.partition_requests import fetch_request, produce_request
from kafka_conformance.harness.subject.waiting import reachable
from kafka_conformance.protocol.records import NewRecord, build_batch

LONGER_THAN_ANYBODY_WAITS_MS = 600_000


@checks("replication/acknowledged-records-survive-their-leader")
@few_examples
@given(batches=batch_lists(min_size=1, max_size=3))
def test_acknowledged_records_are_at_the_next_leader(cluster, batches):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        log = write(topic, batches)

        with led_by_another(cluster, topic) as leader:
            found = read_committed_again(topic, log.end, leader)

        expect(found, "the records at the next leader").equals(log.from_offset(0))


@checks("replication/under-faults/one-log")
@few_examples
@given(schedule=faults())
def test_what_clients_did_and_saw_while_brokers_failed_is_one_log(cluster, schedule):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        load = under_load(cluster, topic, schedule)

        expect(anomalies(load.history), "the anomalies of the history").equals([])


@checks("replication/offsets-go-on-at-the-next-leader")
@given(done=stints(min_size=2))
def test_the_next_record_gets_the_next_offset_at_the_next_leader(cluster, done):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        led = Led(topic, done)

        expect(topic.produce([b"next"])).acknowledged_at(led.end)
        expect([record.offset for record in topic.records()], "all offsets").equals([*range(led.end + 1)])


@checks("replication/a-new-leader-has-a-new-epoch")
@given(done=stints())
def test_each_batch_carries_the_epoch_of_the_leader_that_took_it(cluster, done):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        led = Led(topic, done)
        wait_for_end(topic, led.end)

        found = [header.partition_leader_epoch for header, _ in topic.fetch(0).batches]

        expect(found, "the epochs of the batches").equals(led.written)
        expect(sorted(set(led.epochs)), "the epochs of the leaders, in their order").equals(led.epochs)


@checks("replication/latest-never-goes-back")
@given(rounds=st.lists(st.integers(0, 2), min_size=1, max_size=4))
def test_the_latest_offset_does_not_go_back_when_another_leads(cluster, rounds):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        written = 0
        for place, count in enumerate(rounds):
            for _ in range(count):
                topic.produce([b"a"])
            written += count
            expect(topic.end_offset(), "the latest offset at the leader").equals(written)
            follower = followers_of(topic)[place % 2]
            call_for_leader(topic, follower)
            with cluster.connect(follower) as connection:
                found = cluster.settled(
                    lambda connection=connection: told_end(topic, connection),
                    step="latest offset",
                    what="the next leader tells the latest offset",
                )
            topic.refresh()

            expect(found[0], "the first latest offset that the next leader tells").is_at_least(written)


def told_end(topic, connection):
    """The latest offset, once the broker tells one: not before it leads, nor while it does not know (KIP-207)."""
    listed = topic.list_offset(LATEST, on=connection)
    not_yet = (ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.OFFSET_NOT_AVAILABLE)
    return None if listed.error in not_yet else (listed.offset,)


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


@checks("replication/deposed-leader-acknowledges-nothing")
def test_a_leader_that_was_replaced_while_it_stood_still_does_not_acknowledge(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic, cluster.connect(leader_of=topic) as connection:
        topic.produce([b"a"])
        deposed = topic.leader()
        with cluster.paused(deposed):
            wait_for_leader(topic, instead_of=deposed)
            topic.refresh()
            topic.produce([b"b"])
            late = connection.start(produce_request(topic, {0: bytes(build_batch([NewRecord(None, b"late")]))}))
        said = reachable(lambda: late.result().responses[0].partition_responses[0].error_code)()
        wait_for_isr(topic, *cluster.node_ids, node=topic.leader())
        topic.produce([b"c"])

        expect(said, "what the deposed leader says (None: it closes the connection)").is_one_of(
            ErrorCode.NOT_LEADER_OR_FOLLOWER, None
        )
        expect(topic).holds_exactly([b"a"], [b"b"], [b"c"])


@checks("replication/orderly-stop-hands-over")
def test_a_broker_that_stops_in_order_lets_others_lead_before_it_goes(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic, cluster.connect(leader_of=topic) as connection:
        topic.produce([b"a"])
        before, epoch = topic.leader(), current_epoch(topic)
        request = fetch_request(topic, {0: 1}, max_wait_ms=LONGER_THAN_ANYBODY_WAITS_MS, current_leader_epoch=epoch)
        waiting = connection.start(request)
        cluster.restart(before)
        said = reachable(lambda: waiting.result().responses[0].partitions[0].error_code)()
        topic.refresh()
        wait_for_isr(topic, *cluster.node_ids, node=topic.leader())

        expect(said, "what a fetch is told that waited there").equals(ErrorCode.FENCED_LEADER_EPOCH)
        expect(topic.leader(), "the leader").differs_from(before)
        expect(current_epoch(topic), "its epoch").equals(epoch + 1)
        expect(topic.produce([b"b"])).acknowledged_at(1)
        lead_from(topic, before)
        wait_for_end(topic, 2)
        expect(topic).holds_exactly([b"a"], [b"b"])
