"""Elections: on request (KIP-460), and where nobody is left who has everything."""

import contextlib

from kafka_conformance.conformance.fetch.epochs import current_epoch
from kafka_conformance.conformance.replication.failing import (
    REPLICAS,
    followers_of,
    killed_already,
    leader_after,
    shown_everywhere,
    wait_for_end,
    wait_for_isr,
    wait_for_leader,
)
from kafka_conformance.conformance.replication.leading import (
    PREFERRED,
    UNCLEAN,
    controller_first,
    elect,
    prefer,
    wait_until_led_by,
)
from kafka_conformance.harness.cases import ErrorCode, checks, expect
from kafka_conformance.protocol.messages.elect_leaders import ElectLeadersRequest, TopicPartitions

NOBODY = -1
UNKNOWN_TYPE = 5


@contextlib.contextmanager
def left_behind(cluster, topic):
    """Of two replicas the leader is killed after it has acknowledged b"b" alone; the other one lives, and lacks it."""
    leader, (behind,) = topic.leader(), followers_of(topic)
    topic.produce([b"a"])
    with contextlib.ExitStack() as stack:
        with cluster.paused(behind):
            wait_for_isr(topic, leader, node=leader)
            expect(topic.produce([b"b"])).acknowledged_at(1)
            cluster.kill(leader)
            stack.enter_context(killed_already(cluster, leader))
        yield leader, behind


@checks("replication/elections/preferred")
def test_the_first_replica_leads_in_the_next_epoch_when_it_is_asked_for(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        topic.produce([b"a"])
        epoch, chosen = current_epoch(topic), followers_of(topic)[-1]
        prefer(topic, chosen)

        answer = elect(cluster, topic.name)
        wait_until_led_by(topic, chosen)

        expect(answer, "the answer").equals(ErrorCode.NONE)
        expect(current_epoch(topic), "the leader epoch").equals(epoch + 1)
        expect(topic.produce([b"b"])).acknowledged_at(1)


@checks("replication/elections/not-needed")
def test_nobody_is_elected_where_the_wanted_leader_leads(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        epoch = current_epoch(topic)

        answers = [elect(cluster, topic.name, kind) for kind in (PREFERRED, UNCLEAN)]

        expect(answers, "the answers").equals([ErrorCode.ELECTION_NOT_NEEDED] * 2)
        expect(current_epoch(topic), "the leader epoch").equals(epoch)


@checks("replication/elections/preferred-is-away")
def test_the_first_replica_is_not_elected_while_it_is_not_in_sync(cluster):
    controller, preferred, other = controller_first(cluster)
    with cluster.topic(assignment=[[preferred, other, controller]]) as topic:
        with cluster.paused(preferred):
            leader = wait_for_leader(topic, instead_of=preferred).leader_id
            topic.refresh()
            answer = elect(cluster, topic.name)
            epoch = current_epoch(topic)
        wait_for_isr(topic, *cluster.node_ids, node=leader)

        expect(answer, "the answer").equals(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE)
        expect((topic.leader(), current_epoch(topic)), "leader and epoch").equals((leader, epoch))
        expect(elect(cluster, topic.name), "the answer when it is back").equals(ErrorCode.NONE)


@checks("replication/elections/nobody-is-left")
def test_nobody_is_elected_where_no_replica_is_alive(cluster):
    *_, only = controller_first(cluster)
    with cluster.topic(assignment=[[only]]) as topic:
        with cluster.paused(only):
            found = leader_after(topic, only, node=cluster.node_ids[0])
            answer = elect(cluster, topic.name, UNCLEAN)
        topic.refresh()

        expect(found, "the leader").equals(NOBODY)
        expect(answer, "the answer").equals(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE)
        expect(topic.leader(), "the leader when it is back").equals(only)


@checks("replication/elections/unknown-partitions")
def test_an_election_for_what_is_not_there_is_refused(cluster):
    with cluster.topic() as topic:
        answers = [elect(cluster, topic.name, partition=1), elect(cluster, cluster.unique("nothing"))]

        expect(answers, "the answers").equals([ErrorCode.UNKNOWN_TOPIC_OR_PARTITION] * 2)


@checks("replication/elections/unknown-types")
def test_an_election_of_a_type_that_is_not_there_is_refused(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        wanted = [TopicPartitions(topic=topic.name, partitions=[0])]

        answer = cluster.send(ElectLeadersRequest(election_type=UNKNOWN_TYPE, topic_partitions=wanted))

        (result,) = answer.replica_election_results[0].partition_result
        expect((answer.error_code, result.error_code), "the errors").equals((ErrorCode.INVALID_REQUEST,) * 2)


@checks("replication/only-who-has-all-leads")
def test_a_replica_that_lacks_acknowledged_records_does_not_lead(cluster):
    with cluster.topic(assignment=[controller_first(cluster)[1:]]) as topic:
        with left_behind(cluster, topic) as (leader, behind):
            found = leader_after(topic, leader, node=behind)
        topic.refresh()
        wait_for_end(topic, 2)

        expect(found, "the leader while the last one is down").equals(NOBODY)
        expect(topic).holds_exactly([b"a"], [b"b"])


@checks("replication/elections/unclean-on-request")
def test_a_replica_that_lacks_records_leads_when_that_is_asked_for(cluster):
    _, *pair = controller_first(cluster)
    with cluster.topic(assignment=[pair]) as topic:
        with left_behind(cluster, topic) as (leader, behind):
            leader_after(topic, leader, node=behind)
            answer = elect(cluster, topic.name, UNCLEAN)
            wait_until_led_by(topic, behind)
            after = topic.produce([b"c"])
        wait_for_isr(topic, *pair, node=behind)

        expect(answer, "the answer").equals(ErrorCode.NONE)
        expect(after).acknowledged_at(1)
        expect(shown_everywhere(topic, 2, pair), "what each replica shows").equals(
            [[(0, None, b"a"), (1, None, b"c")]] * 2
        )


@checks("replication/elections/unclean-where-configured")
def test_a_replica_that_lacks_records_leads_where_the_topic_allows_it(cluster):
    _, *pair = controller_first(cluster)
    with cluster.topic(assignment=[pair], configs={"unclean.leader.election.enable": "true"}) as topic:
        with left_behind(cluster, topic) as (_, behind):
            wait_until_led_by(topic, behind)
            after = topic.produce([b"c"])
        wait_for_isr(topic, *pair, node=behind)

        expect(after).acknowledged_at(1)
        expect(shown_everywhere(topic, 2, pair), "what each replica shows").equals(
            [[(0, None, b"a"), (1, None, b"c")]] * 2
        )
