"""Consumers that read from followers (KIP-392): what they are shown, and who sends them there."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.written_log import write
from kafka_conformance.conformance.replication.failing import (
    REPLICAS,
    followers_of,
    log_end_at,
    racks_of,
    rackwise_fetch,
    shown_by,
    shown_everywhere,
    wait_for_isr,
)
from kafka_conformance.conformance.replication.leading import controller_first, replicas_from
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.harness.strategies import batch_lists

ALL = {"min.insync.replicas": str(REPLICAS)}
NOBODY = -1


@checks("replication/followers/serve-consumers")
@given(batches=batch_lists(max_size=3))
def test_every_replica_shows_consumers_what_is_committed(cluster, batches):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        log = write(topic, batches)

        shown = shown_everywhere(topic, log.end)

        expect(shown, "the records at each node").equals([log.from_offset(0)] * REPLICAS)


@checks("replication/followers/serve-consumers")
@over_versions(ApiKey.FETCH, "4-10")
def test_a_follower_refuses_consumers_that_do_not_know_of_other_replicas(cluster, version):
    with cluster.topic(replication_factor=REPLICAS) as topic, cluster.connect(followers_of(topic)[0]) as connection:
        answer = topic.fetch(0, version=version, on=connection)

        expect(answer).fails_with(ErrorCode.NOT_LEADER_OR_FOLLOWER)


@checks("replication/followers/show-what-is-committed")
def test_a_follower_does_not_show_what_it_has_and_what_is_not_committed(cluster):
    leader, follower, frozen = controller_first(cluster)
    with cluster.topic(assignment=[[leader, follower, frozen]], configs=ALL) as topic:
        topic.produce([b"a"])
        shown_everywhere(topic, 1)
        with cluster.paused(frozen):
            wait_for_isr(topic, leader, follower, node=leader)
            topic.produce([b"b"], acks=1)
            cluster.settled(
                lambda: log_end_at(topic, follower) == 2, step="replication", what=f"node {follower} has the record"
            )
            shown = [value for *_, value in shown_by(topic, follower)]
        wait_for_isr(topic, *cluster.node_ids, node=leader)
        later = shown_everywhere(topic, 2)

        expect(shown, "what the follower shows").equals([b"a"])
        expect([len(each) for each in later], "how many records each node shows in the end").equals([2] * REPLICAS)


@checks("replication/followers/nearest-is-preferred")
@given(place=st.integers(0, REPLICAS - 1), first=st.integers(0, REPLICAS - 1))
def test_a_consumer_is_sent_to_the_replica_in_its_rack(cluster, place, first):
    racks = racks_of(cluster)
    with cluster.topic(assignment=[replicas_from(cluster, first, 2)]) as topic:
        topic.produce([b"a"])
        node = cluster.node_ids[place]
        shown_by_followers = {each: racks[each] for each in followers_of(topic)}
        cluster.settled(
            lambda: all(log_end_at(topic, each) == 1 for each in shown_by_followers),
            step="replication",
            what="the followers have the record",
        )

        answer = rackwise_fetch(topic, 0, racks[node], node=topic.leader())

        expected = node if node in shown_by_followers else NOBODY
        expect(answer.partition.preferred_read_replica, "the preferred replica").equals(expected)
        expect(len(answer.records), "the records that come with it").equals(0 if node in shown_by_followers else 1)


@checks("replication/followers/only-in-sync-ones-are-preferred")
def test_a_consumer_is_not_sent_to_a_replica_that_is_not_in_sync(cluster):
    racks = racks_of(cluster)
    leader, follower = pair = controller_first(cluster)[1:]
    with cluster.topic(assignment=[pair]) as topic:
        topic.produce([b"a"])
        with cluster.paused(follower):
            wait_for_isr(topic, leader, node=leader)
            answer = rackwise_fetch(topic, 0, racks[follower], node=leader)

        expect(answer.partition.preferred_read_replica, "the preferred replica").equals(NOBODY)
        expect(answer).holds_exactly([b"a"])
        wait_for_isr(topic, *pair, node=leader)
