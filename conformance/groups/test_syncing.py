"""SyncGroup and Heartbeat: how the leader's assignment reaches the members, and what each is told in each state."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.gathering import (
    await_rebalance,
    error_of,
    gather,
    rejoin,
    settle,
    stable,
    sync_request,
)
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions

SHORT_MS = 100


@checks("groups/sync/everybody-gets-what-the-leader-gave")
@given(assignments=st.lists(st.binary(max_size=40) | st.none(), min_size=1, max_size=3))
def test_each_member_gets_the_bytes_that_the_leader_gave_it_and_none_if_it_forgot_it(cluster, assignments):
    with cluster.group() as group:
        members = gather(group, len(assignments))
        given = dict(zip([member.member_id for member in members], assignments, strict=True))

        got = settle(members, {member: wanted for member, wanted in given.items() if wanted is not None})

        expect([bytes(assigned) for assigned in got], "the assignments").equals([each or b"" for each in assignments])


@checks("groups/sync/waits-for-the-leader")
@over_versions(ApiKey.SYNC_GROUP)
def test_a_follower_is_answered_when_the_leader_has_assigned(cluster, version):
    with cluster.group() as group:
        leader, follower = gather(group, 2)
        waiting = follower.start_sync(version=version)
        expect(follower.connection.wire.is_busy, "whether the follower waits").is_true()
        expect(leader.heartbeat(), "the leader's heartbeat").equals(ErrorCode.NONE)
        expect(waiting.done, "whether the follower was answered before the leader assigned").equals(False)

        leader.sync({follower.member_id: b"yours"}, version=version)

        expect(waiting.result().assignment, "the follower's assignment").equals(b"yours")


@checks("groups/sync/repeated-is-answered-again")
@given(repeats=st.integers(1, 3))
def test_a_repeated_sync_of_a_stable_group_gives_the_same_assignment(cluster, repeats):
    with cluster.group() as group:
        members = gather(group, 2)
        first = settle(members)

        again = [[member.sync().assignment for member in members] for _ in range(repeats)]

        expect(again, "the assignments given again").equals([first] * repeats)
        expect([member.heartbeat() for member in members], "the heartbeats").equals([ErrorCode.NONE] * 2)


@checks("groups/sync/rebalance-interrupts-it")
def test_a_follower_that_waits_for_its_assignment_is_told_of_the_next_rebalance(cluster):
    with cluster.group() as group:
        leader, follower = gather(group, 2)
        waiting = follower.start_sync()
        joining = group.member().start_join()
        await_rebalance(group, [leader])

        expect(error_of(waiting.result()), "the answer to the sync that waited").equals(ErrorCode.REBALANCE_IN_PROGRESS)
        rejoin([leader, follower])
        expect(error_of(joining.result()), "the newcomer's join").equals(ErrorCode.NONE)


@checks("groups/sync/protocol-must-match")
@over_versions(ApiKey.SYNC_GROUP, "5-5")
def test_a_sync_that_names_another_protocol_is_refused(cluster, version):
    with cluster.group() as group:
        (member,) = gather(group)
        request = sync_request(member)
        of_another_type, of_another_name, of_none = (sync_request(member) for _ in range(3))
        of_another_type.protocol_type = "connect"
        of_another_name.protocol_name = "sticky"
        of_none.protocol_type = of_none.protocol_name = None

        refused = [member.connection.send(each, version) for each in (of_another_type, of_another_name, of_none)]

        expect([error_of(answer) for answer in refused], "the answers").equals(
            [ErrorCode.INCONSISTENT_GROUP_PROTOCOL] * 3
        )
        expect(error_of(member.connection.send(request, version)), "the right sync after them").equals(ErrorCode.NONE)


@checks("groups/sync/silent-members-are-dropped")
def test_a_leader_that_never_assigns_is_dropped_after_the_rebalance_timeout(cluster):
    with cluster.group() as group:
        leader = group.member(rebalance_timeout_ms=SHORT_MS)
        leader.join()

        cluster.eventually(
            lambda: leader.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID, within_s=20, what="the leader is dropped"
        )

        expect(group.describe().group_state, "the group's state").equals("Empty")


@checks("groups/heartbeat/tells-of-the-rebalance")
@over_versions(ApiKey.HEARTBEAT)
def test_a_heartbeat_is_fine_but_while_the_members_have_to_rejoin(cluster, version):
    with cluster.group() as group:
        (member,) = gather(group)
        expect(member.heartbeat(version=version), "awaiting the assignment").equals(ErrorCode.NONE)
        settle([member])
        expect(member.heartbeat(version=version), "in a stable group").equals(ErrorCode.NONE)
        joining = group.member().start_join()

        cluster.eventually(
            lambda: member.heartbeat(version=version) is ErrorCode.REBALANCE_IN_PROGRESS, what="a rebalance is told"
        )

        rejoin([member])
        joining.result()
        expect(member.heartbeat(version=version), "awaiting the next assignment").equals(ErrorCode.NONE)


@checks("groups/fencing/unknown-member")
def test_who_is_no_member_is_told_so_in_every_state(cluster):
    with cluster.group() as group, cluster.group() as unknown_group:
        stranger, nobody = group.member(), unknown_group.member()
        stranger.member_id = nobody.member_id = "made-up"
        stranger.generation_id = nobody.generation_id = 1
        (member,) = gather(group)
        while_completing = [stranger.heartbeat(), error_of(stranger.sync()), stranger.leave()]
        settle([member])
        while_stable = [stranger.heartbeat(), error_of(stranger.sync()), stranger.leave()]
        without_group = [nobody.heartbeat(), error_of(nobody.sync()), nobody.leave()]

        unknown = [ErrorCode.UNKNOWN_MEMBER_ID] * 3
        expect(while_completing, "Heartbeat, SyncGroup, LeaveGroup before the assignment").equals(unknown)
        expect(while_stable, "the same in a stable group").equals(unknown)
        expect(without_group, "the same in a group that does not exist").equals(unknown)


@checks("groups/fencing/stale-generation")
@given(distance=st.integers(-3, 3).filter(bool))
def test_a_member_of_another_generation_is_told_so(cluster, distance):
    with cluster.group() as group:
        (member,) = gather(group)
        current = member.generation_id
        member.generation_id = current + distance
        while_completing = [member.heartbeat(), error_of(member.sync({member.member_id: b"stale"}))]
        member.generation_id = current
        settle([member])
        member.generation_id = current + distance
        while_stable = [member.heartbeat(), error_of(member.sync())]

        expect(while_completing, "Heartbeat and SyncGroup before the assignment").equals(
            [ErrorCode.ILLEGAL_GENERATION] * 2
        )
        expect(while_stable, "the same in a stable group").equals([ErrorCode.ILLEGAL_GENERATION] * 2)


@checks("groups/fencing/stale-generation")
def test_a_member_that_missed_a_generation_cannot_assign_in_the_next(cluster):
    with cluster.group() as group:
        leader, follower = stable(group, 2)
        rejoining = leader.start_join()
        await_rebalance(group, [follower])
        rejoin([follower])
        rejoining.result()
        leader.generation_id -= 1

        expect(error_of(leader.sync({follower.member_id: b"stale"})), "the late assignment").equals(
            ErrorCode.ILLEGAL_GENERATION
        )

        leader.generation_id += 1
        expect(settle([leader, follower])[1], "the follower's assignment").equals(follower.member_id.encode())
