"""Static members (KIP-345): a member with a name keeps its place when it comes back, and nobody else can use it."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.gathering import (
    admit,
    await_rebalance,
    error_of,
    rejoin,
    settle,
    stable,
    sync_request,
)
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions, results, subscription

SHORT_MS = 100
instance_ids = st.text("abcXYZ019._-", min_size=1, max_size=20).filter(lambda name: name not in (".", ".."))


def static_and_dynamic(group, instance_id="blue", rebalance_timeout_ms=30_000):
    """A stable group of a dynamic leader and a static follower, whose rebalance timeout it is."""
    leader = group.member()
    follower = group.member(instance_id=instance_id, rebalance_timeout_ms=rebalance_timeout_ms)
    admit(group, [], leader)
    admit(group, [leader], follower)
    settle([leader, follower])
    return leader, follower


@checks("groups/static/comes-back-without-rebalance")
@given(instance_id=instance_ids)
def test_a_static_member_that_restarts_gets_its_assignment_and_nobody_rejoins(cluster, instance_id):
    with cluster.group() as group:
        leader, follower = static_and_dynamic(group, instance_id)
        restarted = group.member(instance_id=instance_id)

        answer = restarted.join_once()
        expect(error_of(answer), "the answer to the join").equals(ErrorCode.NONE)
        expect(answer.generation_id, "the generation").equals(follower.generation_id)
        expect(answer.member_id, "the new member id").differs_from(follower.member_id)
        expect(restarted.sync().assignment, "the assignment").equals(follower.member_id.encode())
        expect(leader.heartbeat(), "the leader's heartbeat").equals(ErrorCode.NONE)


@checks("groups/static/comes-back-without-rebalance")
@over_versions(ApiKey.JOIN_GROUP, "5-9")
def test_in_every_version_a_static_member_that_restarts_keeps_its_generation(cluster, version):
    with cluster.group() as group:
        leader, follower = static_and_dynamic(group)
        restarted = group.member(instance_id="blue")

        answer = restarted.join_once(version=version)

        expect(answer.generation_id, "the generation").equals(follower.generation_id)
        expect(answer.members, "the members that a follower is told").equals([])
        expect(leader.heartbeat(), "the leader's heartbeat").equals(ErrorCode.NONE)


@checks("groups/static/leader-skips-the-assignment")
@over_versions(ApiKey.JOIN_GROUP, "9-9")
def test_a_static_leader_that_restarts_leads_without_assigning_anew(cluster, version):
    with cluster.group() as group:
        leader = group.member(instance_id="blue")
        admit(group, [], leader)
        settle([leader], {leader.member_id: b"kept"})
        restarted = group.member(instance_id="blue")

        answer = restarted.join_once(version=version)

        expect(answer.leader, "the leader").equals(restarted.member_id)
        expect(answer.skip_assignment, "whether it skips the assignment").equals(True)
        expect([entry.group_instance_id for entry in answer.members], "the members it learns").equals(["blue"])
        expect(restarted.sync({restarted.member_id: b"new"}).assignment, "the assignment").equals(b"kept")


@checks("groups/static/changed-protocol-rebalances")
def test_a_static_member_that_comes_back_with_another_protocol_starts_a_rebalance(cluster):
    both = {"sticky": subscription([]), "range": subscription([])}
    with cluster.group() as group:
        first, second = group.member(), group.member(instance_id="blue")
        first.join(both)
        joining = second.start_join(both)
        await_rebalance(group, [first])
        rejoin([first], both)
        joining.result()
        requests = [sync_request(first, "sticky"), sync_request(second, "sticky")]
        syncs = [first.connection.start(requests[0]), second.connection.start(requests[1])]
        expect([error_of(answer) for answer in results(syncs)], "the syncs").equals([ErrorCode.NONE] * 2)
        restarted = group.member(instance_id="blue")
        returning = restarted.start_join()

        await_rebalance(group, [first])
        (answer,) = rejoin([first], both)

        expect(answer.protocol_name, "the protocol that both support").equals("range")
        expect(returning.result().generation_id, "the next generation").equals(answer.generation_id)


@checks("groups/static/duplicate-is-fenced")
def test_the_former_self_of_a_static_member_is_fenced(cluster):
    with cluster.group() as group, cluster.topic() as topic:
        _, follower = static_and_dynamic(group)
        group.member(instance_id="blue").join_once()

        expect(follower.heartbeat(), "its heartbeat").equals(ErrorCode.FENCED_INSTANCE_ID)
        expect(error_of(follower.sync()), "its sync").equals(ErrorCode.FENCED_INSTANCE_ID)
        expect(error_of(follower.join_once()), "its join").equals(ErrorCode.FENCED_INSTANCE_ID)
        expect(follower.commit(topic, {0: 7}), "its commit").equals({0: ErrorCode.FENCED_INSTANCE_ID})
        expect(follower.leave(), "its leave").equals(ErrorCode.FENCED_INSTANCE_ID)


@checks("groups/static/duplicate-is-fenced")
def test_a_join_that_waits_is_fenced_when_another_takes_its_name(cluster):
    with cluster.group() as group:
        (leader,) = stable(group)
        waiting = group.member(instance_id="blue")
        first = waiting.start_join()
        await_rebalance(group, [leader])
        usurper = group.member(instance_id="blue")
        second = usurper.start_join()

        expect(error_of(first.result()), "the join that waited").equals(ErrorCode.FENCED_INSTANCE_ID)
        rejoin([leader])
        expect(error_of(second.result()), "the later join").equals(ErrorCode.NONE)


@checks("groups/static/outlives-the-rebalance")
def test_a_static_member_that_does_not_rejoin_in_time_stays_a_member(cluster):
    with cluster.group() as group:
        leader, follower = static_and_dynamic(group, rebalance_timeout_ms=SHORT_MS)
        leader.rebalance_timeout_ms = SHORT_MS  # the longest counts: nobody had to hurry so far

        answer = leader.join(within_s=20)

        expect(sorted(entry.member_id for entry in answer.members), "the members").equals(
            sorted([leader.member_id, follower.member_id])
        )


@checks("groups/static/leaves-by-its-name")
@over_versions(ApiKey.LEAVE_GROUP, "3-5")
def test_a_static_member_can_be_removed_by_its_name_alone(cluster, version):
    with cluster.group() as group:
        leader, follower = static_and_dynamic(group)
        operator = group.member(instance_id="blue")

        expect(operator.leave(version=version), "the answer to LeaveGroup").equals(ErrorCode.NONE)

        await_rebalance(group, [leader])
        expect(follower.heartbeat(), "the removed member's heartbeat").equals(ErrorCode.UNKNOWN_MEMBER_ID)
        expect(operator.leave(version=version), "the same name again").equals(ErrorCode.UNKNOWN_MEMBER_ID)
