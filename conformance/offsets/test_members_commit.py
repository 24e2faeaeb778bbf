"""Who may commit in a group with members: those of the current generation, and while nobody awaits an assignment."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.gathering import await_rebalance, gather, rejoin, settle, stable
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions


@checks("offsets/members/current-generation-may-commit")
@over_versions(ApiKey.OFFSET_COMMIT)
def test_every_member_of_a_stable_group_may_commit(cluster, version):
    with cluster.group() as group, cluster.topic(partitions=2) as topic:
        leader, follower = stable(group, 2)

        answers = [leader.commit(topic, {0: 5}, version=version), follower.commit(topic, {1: 7}, version=version)]

        expect(answers, "the answers").equals([{0: ErrorCode.NONE}, {1: ErrorCode.NONE}])
        expect([group.committed(topic, partition).offset for partition in (0, 1)], "the offsets").equals([5, 7])


@checks("offsets/members/stale-generation-is-fenced")
@over_versions(ApiKey.OFFSET_COMMIT)
def test_a_commit_of_another_generation_is_refused_and_stores_nothing(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        (member,) = stable(group)
        member.commit(topic, {0: 1})
        others = [member.generation_id - 1, member.generation_id + 1, 2**31 - 1]

        answers = [member.commit(topic, {0: 99}, generation_id=other, version=version) for other in others]

        expect(answers, f"the answers for {others}").equals([{0: ErrorCode.ILLEGAL_GENERATION}] * 3)
        expect(group.committed(topic).offset, "the offset").equals(1)


@checks("offsets/members/stale-generation-is-fenced")
def test_a_member_that_missed_a_rebalance_commits_nothing(cluster):
    with cluster.group() as group, cluster.topic() as topic:
        leader, follower = stable(group, 2)
        follower.commit(topic, {0: 1})
        stale = follower.generation_id
        joining = leader.start_join()
        await_rebalance(group, [follower])
        rejoin([follower])
        joining.result()
        settle([leader, follower])

        expect(follower.commit(topic, {0: 99}, generation_id=stale), "the late commit").equals(
            {0: ErrorCode.ILLEGAL_GENERATION}
        )

        expect(group.committed(topic).offset, "the offset").equals(1)


@checks("offsets/members/unknown-member-is-fenced")
def test_who_is_no_member_commits_nothing(cluster):
    with cluster.group() as group, cluster.topic() as topic:
        leader, leaver = stable(group, 2)
        leader.commit(topic, {0: 1})
        leaver.leave()
        await_rebalance(group, [leader])
        rejoin([leader])
        settle([leader])
        leaver.generation_id = leader.generation_id

        expect(leaver.commit(topic, {0: 99}), "the commit of who left").equals({0: ErrorCode.UNKNOWN_MEMBER_ID})
        made_up = group.commit(topic, {0: 99}, member_id="made-up", generation_id=leader.generation_id)
        expect(made_up, "the commit of a made-up member").equals({0: ErrorCode.UNKNOWN_MEMBER_ID})

        expect(group.committed(topic).offset, "the offset").equals(1)


@checks("offsets/members/outsiders-are-fenced")
@over_versions(ApiKey.OFFSET_COMMIT)
def test_a_commit_without_a_generation_is_refused_while_the_group_has_members(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        (member,) = stable(group)
        member.commit(topic, {0: 1})

        outsider = group.commit(topic, {0: 99}, version=version)
        insider = group.commit(topic, {0: 99}, member_id=member.member_id, version=version)

        expect(outsider, "the commit of an outsider").equals({0: ErrorCode.UNKNOWN_MEMBER_ID})
        expect(insider, "that of a member without its generation").equals({0: ErrorCode.ILLEGAL_GENERATION})
        expect(group.committed(topic).offset, "the offset").equals(1)


@checks("offsets/members/outsiders-may-use-an-empty-group")
@given(member_id=st.sampled_from(["", "made-up"]))
def test_who_has_no_generation_may_commit_in_a_group_without_members(cluster, member_id):
    with cluster.group() as group, cluster.topic(partitions=2) as topic:
        in_a_new_group = group.commit(topic, {0: 1}, member_id=member_id)
        (member,) = stable(group)
        member.leave()
        in_an_empty_group = group.commit(topic, {1: 2}, member_id=member_id)

        expect([in_a_new_group, in_an_empty_group], "the answers").equals([{0: ErrorCode.NONE}, {1: ErrorCode.NONE}])
        expect([group.committed(topic, partition).offset for partition in (0, 1)], "the offsets").equals([1, 2])


@checks("offsets/members/former-members-are-fenced")
def test_a_member_that_left_commits_nothing_in_the_empty_group(cluster):
    with cluster.group() as group, cluster.topic() as topic:
        (member,) = stable(group)
        member.leave()

        expect(member.commit(topic, {0: 99}), "the late commit").equals({0: ErrorCode.UNKNOWN_MEMBER_ID})

        expect(group.committed(topic).offset, "the offset").equals(-1)


@checks("offsets/members/awaiting-assignment-is-refused")
@over_versions(ApiKey.OFFSET_COMMIT)
def test_a_member_that_awaits_its_assignment_may_not_commit_yet(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        (member,) = gather(group)

        refused = member.commit(topic, {0: 99}, version=version)
        settle([member])

        expect(refused, "the answer").equals({0: ErrorCode.REBALANCE_IN_PROGRESS})
        expect(group.committed(topic).offset, "the offset").equals(-1)
        expect(member.commit(topic, {0: 1}, version=version), "the commit afterwards").equals({0: ErrorCode.NONE})


@checks("offsets/members/may-commit-before-they-rejoin")
def test_a_member_may_commit_when_a_rebalance_has_begun_and_it_has_not_rejoined(cluster):
    with cluster.group() as group, cluster.topic() as topic:
        (member,) = stable(group)
        joining = group.member().start_join()
        await_rebalance(group, [member])

        answer = member.commit(topic, {0: 5})
        rejoin([member])
        joining.result()

        expect(answer, "the answer").equals({0: ErrorCode.NONE})
        expect(group.committed(topic).offset, "the offset").equals(5)


@checks("offsets/members/missing-group-is-refused")
@over_versions(ApiKey.OFFSET_COMMIT, "2-8")
def test_before_version_9_a_generation_of_a_group_that_does_not_exist_is_illegal(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        answer = group.commit(topic, {0: 1}, generation_id=1, member_id="made-up", version=version)

        expect(answer, "the answer").equals({0: ErrorCode.ILLEGAL_GENERATION})
        expect(group.committed(topic).offset, "the offset").equals(-1)


@checks("offsets/members/missing-group-is-refused")
@over_versions(ApiKey.OFFSET_COMMIT, "9-10")
def test_from_version_9_on_a_generation_of_a_group_that_does_not_exist_finds_no_group(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        answer = group.commit(topic, {0: 1}, generation_id=1, member_id="made-up", version=version)

        expect(answer, "the answer").equals({0: ErrorCode.GROUP_ID_NOT_FOUND})
        expect(group.committed(topic).offset, "the offset").equals(-1)
