"""DescribeGroups, ListGroups and DeleteGroups of classic groups."""

from kafka_conformance.conformance.groups.gathering import await_rebalance, error_of, gather, rejoin, settle, stable
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions, subscription
from kafka_conformance.protocol.messages.describe_groups import DescribeGroupsRequest
from kafka_conformance.protocol.messages.list_groups import ListGroupsRequest


def listed(group, version=None, *, states=(), types=()):
    """What ListGroups shows of the group: a list of one entry, or of none."""
    request = ListGroupsRequest(states_filter=list(states), types_filter=list(types))
    answer = group.connection().send(request, version)
    expect(error_of(answer), "the answer to ListGroups").equals(ErrorCode.NONE)
    return [entry for entry in answer.groups if entry.group_id == group.name]


@checks("groups/describe/shows-the-state")
def test_a_group_is_described_in_each_state_that_it_goes_through(cluster):
    with cluster.group() as group:
        (member,) = gather(group)
        states = [group.describe().group_state]
        settle([member])
        states.append(group.describe().group_state)
        newcomer = group.member()
        joining = newcomer.start_join()
        await_rebalance(group, [member])
        states.append(group.describe().group_state)
        rejoin([member])
        joining.result()
        expect([member.leave(), newcomer.leave()], "the answers to LeaveGroup").equals([ErrorCode.NONE] * 2)
        states.append(group.describe().group_state)

        expect(states, "the states").equals(["CompletingRebalance", "Stable", "PreparingRebalance", "Empty"])


@checks("groups/describe/shows-the-members")
@over_versions(ApiKey.DESCRIBE_GROUPS)
def test_a_stable_group_is_described_with_members_metadata_and_assignments(cluster, version):
    with cluster.group() as group:
        member = group.member(topics=("a",), client_id="the-client")
        member.join()
        settle([member], {member.member_id: b"assigned"})

        described = group.describe(version)

        (shown,) = described.members
        expect(error_of(described), "the answer").equals(ErrorCode.NONE)
        expect((described.group_state, described.protocol_type, described.protocol_data), "the group").equals(
            ("Stable", "consumer", "range")
        )
        expect((shown.member_id, shown.client_id), "the member").equals((member.member_id, "the-client"))
        expect(bytes(shown.member_metadata), "its metadata").equals(subscription(["a"]))
        expect(bytes(shown.member_assignment), "its assignment").equals(b"assigned")


@checks("groups/describe/unknown-group-is-dead")
@over_versions(ApiKey.DESCRIBE_GROUPS, "0-5")
def test_before_version_6_a_group_that_does_not_exist_is_dead_without_an_error(cluster, version):
    with cluster.group() as group:
        described = group.describe(version)

        expect((described.group_state, described.members), "the group").equals(("Dead", []))
        expect(error_of(described), "the answer").equals(ErrorCode.NONE)


@checks("groups/describe/unknown-group-is-dead")
@over_versions(ApiKey.DESCRIBE_GROUPS, "6-6")
def test_from_version_6_on_a_group_that_does_not_exist_is_dead_and_not_found(cluster, version):
    with cluster.group() as group, cluster.group() as other:
        stable(other)
        request = DescribeGroupsRequest(groups=[group.name])

        (described,) = cluster.send(request, version, node=group.coordinator).groups

        expect((described.group_state, described.members), "the group").equals(("Dead", []))
        expect(error_of(described), "the answer").equals(ErrorCode.GROUP_ID_NOT_FOUND)


@checks("groups/list/shows-every-group")
@over_versions(ApiKey.LIST_GROUPS)
def test_a_group_is_listed_with_its_protocol_type_in_every_version(cluster, version):
    with cluster.group() as group:
        stable(group)

        found = listed(group, version)

        expect([entry.protocol_type for entry in found], "the protocol type of the one entry").equals(["consumer"])


@checks("groups/list/filters-by-state-and-type")
@over_versions(ApiKey.LIST_GROUPS, "5-5")
def test_only_groups_of_the_wanted_states_and_types_are_listed(cluster, version):
    with cluster.group() as group:
        (member,) = stable(group)
        expect([(entry.group_state, entry.group_type) for entry in listed(group, version)], "the entry").equals(
            [("Stable", "classic")]
        )

        expect(len(listed(group, version, states=["Empty", "Stable"], types=["classic"])), "it is wanted").equals(1)
        expect(len(listed(group, version, states=["stable"], types=["CLASSIC"])), "in another case").equals(1)
        expect(listed(group, version, states=["Empty"]), "another state").equals([])
        expect(listed(group, version, types=["consumer"]), "another type").equals([])
        expect(listed(group, version, states=["NoSuchState"]), "a state that does not exist").equals([])
        member.leave()
        expect(len(listed(group, version, states=["Empty"])), "once it is empty").equals(1)


@checks("groups/delete/needs-an-empty-group")
def test_a_group_with_members_is_not_deleted(cluster):
    with cluster.group() as group:
        (member,) = gather(group)
        expect(group.delete(), "before the assignment").equals(ErrorCode.NON_EMPTY_GROUP)
        settle([member])
        expect(group.delete(), "of a stable group").equals(ErrorCode.NON_EMPTY_GROUP)

        expect(member.heartbeat(), "the member's heartbeat").equals(ErrorCode.NONE)


@checks("groups/delete/removes-the-group")
def test_an_empty_group_is_deleted_with_its_offsets_and_then_unknown(cluster):
    with cluster.group() as group, cluster.topic() as topic:
        (member,) = stable(group)
        member.commit(topic, {0: 42})
        member.leave()

        expect(group.delete(), "the first deletion").equals(ErrorCode.NONE)

        cluster.eventually(lambda: group.describe().group_state == "Dead", what="the group is gone")
        expect(group.committed(topic).offset, "the committed offset").equals(-1)
        expect(listed(group), "its entry among the groups").equals([])
        expect(group.delete(), "a second deletion").equals(ErrorCode.GROUP_ID_NOT_FOUND)
