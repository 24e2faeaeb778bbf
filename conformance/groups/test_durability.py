"""What of a group survives its coordinator."""

from kafka_conformance.conformance.groups.gathering import await_rebalance, error_of, rejoin, stable
from kafka_conformance.harness.cases import ErrorCode, checks, expect


def shape_of(described):
    """What DescribeGroups says, whatever the order of the members."""
    members = sorted(
        (shown.member_id, shown.client_id, bytes(shown.member_metadata), bytes(shown.member_assignment))
        for shown in described.members
    )
    return described.group_state, described.protocol_type, described.protocol_data, members


@checks("groups/durability/survives-the-coordinator")
def test_members_go_on_where_they_were_after_their_coordinator_was_killed(cluster):
    with cluster.group() as group:
        before = stable(group, 2)
        described = shape_of(group.describe())
        cluster.kill(group.coordinator)
        cluster.restart(group.coordinator)
        group.find_coordinator()
        after = [group.member() for _ in before]
        for old, new in zip(before, after, strict=True):
            new.member_id, new.generation_id, new.leader_id = old.member_id, old.generation_id, old.leader_id

        expect([member.heartbeat() for member in after], "their heartbeats").equals([ErrorCode.NONE] * 2)
        expect([member.sync().assignment for member in after], "their assignments").equals(
            [member.member_id.encode() for member in before]
        )
        expect(shape_of(group.describe()), "the group").equals(described)
        leader, follower = after
        joining = leader.start_join()
        await_rebalance(group, [follower])
        rejoin([follower])
        expect(error_of(joining.result()), "the leader's join").equals(ErrorCode.NONE)
        expect(leader.generation_id, "the next generation").equals(before[0].generation_id + 1)
