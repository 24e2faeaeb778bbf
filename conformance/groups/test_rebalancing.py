"""Rebalances: what starts one, who is in the next generation, and what its members are told."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.gathering import (
    admit,
    await_rebalance,
    error_of,
    gather,
    rejoin,
    settle,
    stable,
)
from kafka_conformance.conformance.groups.sharing import SharedTopic
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions, subscription

SHORT_MS = 100
steps = st.lists(st.sampled_from(["join", "join", "leave", "rejoin"]), min_size=1, max_size=5)
preferences = st.sets(st.sampled_from(["range", "sticky", "roundrobin"])).flatmap(
    lambda names: st.permutations(sorted({*names, "common"}))
)


@checks("groups/rebalance/generation-grows-by-one")
def test_a_group_that_became_empty_goes_on_counting(cluster):
    with cluster.group() as group:
        (member,) = stable(group)
        member.leave()
        successor = group.member()

        admit(group, [], successor)

        expect(successor.generation_id, "the generation after: one for the empty group, one for the new member").equals(
            member.generation_id + 2
        )


@checks("groups/rebalance/one-owner", "groups/rebalance/generation-grows-by-one")
@given(steps=steps, partitions=st.integers(1, 6), data=st.data())
def test_in_a_generation_each_partition_has_one_owner_whoever_comes_and_goes(cluster, steps, partitions, data):
    with cluster.group() as group:
        shared = SharedTopic(group, cluster.unique("topic"), partitions)
        shared.step("join", 0)
        for step in steps:
            shared.step(step, data.draw(st.integers(0, 9), label="which member"))

        generations = range(1, len(shared.generations) + 1)
        expect([seen.generation_ids for seen in shared.generations], "the generations of the members").equals(
            [{number} for number in generations]
        )
        expect([seen.owned for seen in shared.generations], "the partitions owned in each generation").equals(
            [list(range(partitions)) for _ in generations]
        )


@checks("groups/rebalance/leader-learns-the-members")
@over_versions(ApiKey.JOIN_GROUP)
def test_the_leader_is_told_all_members_with_their_metadata_and_the_others_none(cluster, version):
    with cluster.group() as group:
        first, second = group.member(topics=("a",)), group.member(topics=("a", "b"))
        first.join(version=version)
        joining = second.start_join(version=version)
        await_rebalance(group, [first])
        answers = [first.join(version=version), joining.result()]

        leading, following = sorted(answers, key=lambda answer: answer.member_id != answer.leader)
        expect({entry.member_id: bytes(entry.metadata) for entry in leading.members}, "what the leader learns").equals(
            {first.member_id: subscription(["a"]), second.member_id: subscription(["a", "b"])}
        )
        expect(following.members, "what the follower learns").equals([])
        expect({answer.leader for answer in answers}, "the leader that both are told").equals({leading.member_id})


@checks("groups/rebalance/members-agree-on-the-protocol")
@given(offered=st.lists(preferences, min_size=2, max_size=3))
def test_all_members_are_told_the_same_protocol_and_all_support_it(cluster, offered):
    offers = [{name: subscription([]) for name in names} for names in offered]
    with cluster.group() as group:
        members = [group.member() for _ in offers]
        members[0].join(offers[0])
        joins = [member.start_join(offer) for member, offer in zip(members[1:], offers[1:], strict=True)]
        await_rebalance(group, members[:1])
        answers = [members[0].join(offers[0]), *[joining.result() for joining in joins]]

        chosen = {answer.protocol_name for answer in answers}
        expect(len(chosen), "different protocols").equals(1)
        expect([chosen <= offer.keys() for offer in offers], f"who supports {chosen}").equals([True] * len(offers))


@checks("groups/rebalance/most-preferred-protocol-wins")
def test_the_protocol_that_most_members_prefer_is_chosen(cluster):
    likes_range = {"range": subscription([]), "sticky": subscription([])}
    likes_sticky = {"sticky": subscription([]), "range": subscription([])}
    with cluster.group() as group:
        members = [group.member() for _ in range(3)]
        alone = members[0].join(likes_range)
        joins = [member.start_join(likes_sticky) for member in members[1:]]
        await_rebalance(group, members[:1])
        together = [members[0].join(likes_range), *[joining.result() for joining in joins]]

        expect(alone.protocol_name, "the protocol of one member").equals("range")
        expect([answer.protocol_name for answer in together], "the protocol of three").equals(["sticky"] * 3)


@checks("groups/rebalance/join-starts-one")
def test_a_new_member_makes_the_others_rejoin(cluster):
    with cluster.group() as group:
        members = stable(group, 2)
        newcomer = group.member()
        joining = newcomer.start_join()
        await_rebalance(group, members)
        expect(joining.done, "whether the newcomer was answered before the others rejoined").equals(False)
        expect([error_of(member.sync()) for member in members], "syncs meanwhile").equals(
            [ErrorCode.REBALANCE_IN_PROGRESS] * 2
        )

        answers = [*rejoin(members), joining.result()]

        expect([answer.generation_id for answer in answers], "the generations").equals([members[0].generation_id] * 3)


@checks("groups/rebalance/leave-starts-one")
@over_versions(ApiKey.LEAVE_GROUP)
def test_a_member_that_leaves_makes_the_others_rejoin(cluster, version):
    with cluster.group() as group:
        first, second = stable(group, 2)

        expect(first.leave(version=version), "the answer to LeaveGroup").equals(ErrorCode.NONE)

        await_rebalance(group, [second])
        (answer,) = rejoin([second])
        expect(answer.leader, "the leader after the leader left").equals(second.member_id)
        expect([entry.member_id for entry in answer.members], "the members").equals([second.member_id])


@checks("groups/rebalance/absent-members-are-dropped")
def test_a_member_that_does_not_rejoin_in_time_is_left_behind(cluster):
    with cluster.group() as group:
        first, second = group.member(), group.member(rebalance_timeout_ms=SHORT_MS)
        admit(group, [], first)
        admit(group, [first], second)
        settle([first, second])
        first.rebalance_timeout_ms = SHORT_MS  # the longest counts: nobody had to hurry so far

        answer = first.join()

        expect([entry.member_id for entry in answer.members], "the members").equals([first.member_id])
        expect(second.heartbeat(), "the heartbeat of who was left behind").equals(ErrorCode.UNKNOWN_MEMBER_ID)


@checks("groups/rebalance/pending-members-do-not-block")
def test_an_id_that_never_comes_back_does_not_hold_up_a_rebalance_for_ever(cluster):
    with cluster.group() as group:
        (member,) = stable(group)
        expect(error_of(group.member().join_once()), "the answer to who never comes back").equals(
            ErrorCode.MEMBER_ID_REQUIRED
        )

        member.rebalance_timeout_ms = SHORT_MS
        answer = member.join(within_s=20)

        expect(error_of(answer), "the answer to the rejoin").equals(ErrorCode.NONE)
        expect([entry.member_id for entry in answer.members], "the members").equals([member.member_id])


@checks("groups/rejoin/unchanged-follower-stays")
@over_versions(ApiKey.JOIN_GROUP)
def test_a_follower_that_rejoins_with_the_same_metadata_disturbs_nobody(cluster, version):
    with cluster.group() as group:
        leader, follower = stable(group, 2)
        generation = follower.generation_id

        answer = follower.join(version=version)

        expect(answer.generation_id, "the generation").equals(generation)
        expect(answer.members, "what the follower learns").equals([])
        expect(leader.heartbeat(), "the leader's heartbeat").equals(ErrorCode.NONE)


@checks("groups/rejoin/changed-follower-rebalances")
def test_a_follower_that_rejoins_with_other_metadata_starts_a_rebalance(cluster):
    with cluster.group() as group:
        leader, follower = stable(group, 2)
        generation, follower.topics = follower.generation_id, ("another",)
        joining = follower.start_join()

        await_rebalance(group, [leader])
        (answer,) = rejoin([leader])

        expect([joining.result().generation_id, answer.generation_id], "generations").equals([generation + 1] * 2)
        expect(sorted(bytes(entry.metadata) for entry in answer.members), "the members' metadata").equals(
            sorted([subscription([]), subscription(["another"])])
        )


@checks("groups/rejoin/leader-rebalances")
def test_a_leader_that_rejoins_with_the_same_metadata_starts_a_rebalance(cluster):
    with cluster.group() as group:
        leader, follower = stable(group, 2)
        generation = leader.generation_id
        joining = leader.start_join()

        await_rebalance(group, [follower])
        (answer,) = rejoin([follower])

        expect([joining.result().generation_id, answer.generation_id], "generations").equals([generation + 1] * 2)


@checks("groups/rejoin/repeated-while-completing")
def test_a_join_that_is_repeated_before_the_assignment_is_answered_again(cluster):
    with cluster.group() as group:
        members = gather(group, 2)
        generation = members[0].generation_id

        again = [member.join() for member in members]

        expect([answer.generation_id for answer in again], "the generations").equals([generation] * 2)
        expect([len(answer.members) for answer in again], "how many members each learns").equals([2, 0])
        expect(settle(members), "the assignments").equals([member.member_id.encode() for member in members])
