"""JoinGroup of new members: who gets in, and who is sent away."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.gathering import error_of, gather, stable
from kafka_conformance.conformance.groups.settings import broker_setting
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions, subscription

MADE_UP = "made-up-by-the-client"


@checks("groups/join/member-id-is-required")
@over_versions(ApiKey.JOIN_GROUP, "4-9")
def test_a_new_member_is_sent_away_with_an_id_and_is_let_in_with_it(cluster, version):
    with cluster.group() as group:
        newcomer = group.member()

        first = newcomer.join_once(version=version)
        expect(error_of(first), "the answer to a JoinGroup without a member id").equals(ErrorCode.MEMBER_ID_REQUIRED)
        expect(first.member_id, "the id that was given out").differs_from("")
        expect(group.describe().members, "the members after the first request").equals([])

        second = newcomer.join_once(version=version)
        expect(error_of(second), "the answer to a JoinGroup with that id").equals(ErrorCode.NONE)
        expect(second.member_id, "the member's id").equals(first.member_id)


@checks("groups/join/old-versions-let-in-at-once")
@over_versions(ApiKey.JOIN_GROUP, "0-3")
def test_before_version_4_a_new_member_is_let_in_at_once(cluster, version):
    with cluster.group() as group:
        newcomer = group.member()

        answer = newcomer.join_once(version=version)

        expect(error_of(answer), "the answer to JoinGroup").equals(ErrorCode.NONE)
        expect(answer.leader, "the leader").equals(answer.member_id)


@checks("groups/join/member-ids-are-unique")
@given(client_ids=st.lists(st.sampled_from(["", "a", "b"]), min_size=2, max_size=4))
def test_no_two_members_are_given_the_same_id(cluster, client_ids):
    with cluster.group() as group:
        newcomers = [group.member(client_id=client_id or None) for client_id in client_ids]
        answers = [newcomer.join_once() for newcomer in newcomers]

        expect(len({answer.member_id for answer in answers}), "different ids").equals(len(newcomers))


@checks("groups/join/unknown-member-is-refused")
@over_versions(ApiKey.JOIN_GROUP)
def test_an_id_that_the_coordinator_did_not_give_out_is_unknown(cluster, version):
    with cluster.group() as group, cluster.group() as unknown_group:
        stable(group)
        stranger, first = group.member(), unknown_group.member()
        stranger.member_id = first.member_id = MADE_UP

        refused = [stranger.join_once(version=version), first.join_once(version=version)]

        expect([error_of(answer) for answer in refused], "the answers").equals([ErrorCode.UNKNOWN_MEMBER_ID] * 2)


@checks("groups/join/empty-group-id-is-refused")
def test_a_group_without_a_name_has_no_members(cluster):
    with cluster.group() as group:
        (member,) = stable(group)
        nameless = group.member()
        nameless.group_id, nameless.member_id, nameless.generation_id = "", member.member_id, member.generation_id

        expect(error_of(nameless.join_once()), "the answer to JoinGroup").equals(ErrorCode.INVALID_GROUP_ID)
        expect(error_of(nameless.sync()), "the answer to SyncGroup").equals(ErrorCode.INVALID_GROUP_ID)
        expect(nameless.heartbeat(), "the answer to Heartbeat").equals(ErrorCode.INVALID_GROUP_ID)
        expect(nameless.leave(), "the answer to LeaveGroup").equals(ErrorCode.INVALID_GROUP_ID)


@checks("groups/join/session-timeout-has-bounds")
@given(below=st.integers(1, 2**20), above=st.integers(1, 2**20))
def test_a_session_timeout_outside_of_the_brokers_bounds_is_refused(cluster, below, above):
    with cluster.group() as group:
        node = group.coordinator
        shortest = broker_setting(cluster, node, "group.min.session.timeout.ms", 6_000)
        longest = broker_setting(cluster, node, "group.max.session.timeout.ms", 1_800_000)
        possible = (shortest - 1, shortest - below, longest + 1, longest + above)
        timeouts = [timeout for timeout in possible if timeout < 2**31]
        wrong = [group.member(session_timeout_ms=timeout).join_once() for timeout in timeouts]
        right = [group.member(session_timeout_ms=timeout).join_once() for timeout in (shortest, longest)]

        expect([error_of(answer) for answer in wrong], f"sessions of {timeouts} ms").equals(
            [ErrorCode.INVALID_SESSION_TIMEOUT] * len(timeouts)
        )
        expect([error_of(answer) for answer in right], "sessions as long as the bounds").equals(
            [ErrorCode.MEMBER_ID_REQUIRED] * 2
        )


@checks("groups/join/protocols-must-agree")
def test_a_first_member_must_name_a_protocol_and_its_type(cluster):
    with cluster.group() as group:
        newcomer = group.member()
        typeless = newcomer.join_request()
        typeless.protocol_type = ""

        expect(error_of(newcomer.join_once({})), "a join without protocols").equals(
            ErrorCode.INCONSISTENT_GROUP_PROTOCOL
        )
        expect(error_of(newcomer.connection.send(typeless)), "a join without a protocol type").equals(
            ErrorCode.INCONSISTENT_GROUP_PROTOCOL
        )


@checks("groups/join/protocols-must-agree")
@over_versions(ApiKey.JOIN_GROUP)
def test_a_member_that_cannot_agree_with_the_others_is_refused_and_harms_nobody(cluster, version):
    with cluster.group() as group:
        (member,) = stable(group)
        newcomer = group.member()
        of_another_type = newcomer.join_request()
        of_another_type.protocol_type = "connect"

        expect(
            error_of(newcomer.join_once({"sticky": subscription([])}, version=version)), "no common protocol"
        ).equals(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
        expect(error_of(newcomer.connection.send(of_another_type, version)), "another protocol type").equals(
            ErrorCode.INCONSISTENT_GROUP_PROTOCOL
        )
        expect(member.heartbeat(), "the heartbeat of the member that was there").equals(ErrorCode.NONE)


@checks("groups/join/first-generation-is-one")
def test_the_first_generation_of_a_group_is_one(cluster):
    with cluster.group() as group:
        (member,) = gather(group)

        expect(member.generation_id, "the generation").equals(1)
        expect(member.is_leader, "whether the only member leads").is_true()


@checks("groups/join/pending-member-is-no-member")
def test_an_id_that_was_given_out_and_not_used_yet_is_no_member(cluster):
    with cluster.group() as group, cluster.topic() as topic:
        (member,) = stable(group)
        pending = group.member()
        pending.join_once()
        pending.generation_id = member.generation_id

        expect(pending.heartbeat(), "its heartbeat").equals(ErrorCode.UNKNOWN_MEMBER_ID)
        expect(error_of(pending.sync()), "its sync").equals(ErrorCode.UNKNOWN_MEMBER_ID)
        expect(pending.commit(topic, {0: 1}), "its commit").equals({0: ErrorCode.UNKNOWN_MEMBER_ID})
        expect([shown.member_id for shown in group.describe().members], "the members").equals([member.member_id])
