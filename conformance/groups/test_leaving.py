"""LeaveGroup: several members in one request, and those that never quite joined."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.gathering import await_rebalance, error_of, stable
from kafka_conformance.harness.cases import ErrorCode, checks, expect
from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity


@checks("groups/leave/each-member-is-answered")
@given(order=st.permutations(["second", "third", "stranger", "nobody"]))
def test_each_member_of_a_batch_is_answered_and_the_known_ones_leave(cluster, order):
    with cluster.group() as group:
        first, second, third = stable(group, 3)
        ids = {"second": second.member_id, "third": third.member_id, "stranger": "made-up", "nobody": ""}
        errors = dict.fromkeys(("stranger", "nobody"), ErrorCode.UNKNOWN_MEMBER_ID)
        request = LeaveGroupRequest(
            group_id=group.name, members=[MemberIdentity(member_id=ids[name]) for name in order]
        )

        answer = first.connection.send(request)

        expect(error_of(answer), "the request as a whole").equals(ErrorCode.NONE)
        expect([(entry.member_id, error_code(entry.error_code)) for entry in answer.members], "each member").equals(
            [(ids[name], errors.get(name, ErrorCode.NONE)) for name in order]
        )
        await_rebalance(group, [first])
        expect([entry.member_id for entry in group.describe().members], "who is left").equals([first.member_id])


@checks("groups/leave/pending-member-may-leave")
def test_an_id_that_was_given_out_can_be_given_back(cluster):
    with cluster.group() as group:
        stable(group)
        pending = group.member()
        pending.join_once()

        expect(pending.leave(), "the answer to LeaveGroup").equals(ErrorCode.NONE)

        expect(error_of(pending.join_once()), "a join with the id that left").equals(ErrorCode.UNKNOWN_MEMBER_ID)


@checks("groups/leave/last-member-leaves-it-empty")
def test_a_group_whose_last_member_leaves_is_empty(cluster):
    with cluster.group() as group:
        (member,) = stable(group)

        member.leave()

        described = group.describe()
        expect((described.group_state, described.members), "the group").equals(("Empty", []))
        expect(member.heartbeat(), "the heartbeat of who left").equals(ErrorCode.UNKNOWN_MEMBER_ID)
