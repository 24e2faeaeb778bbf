"""Heartbeat, LeaveGroup and the end of sessions."""

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.leave_group import MemberIdentity
from kafka_conformance.reference_broker.groups.classic.states import State
from tests.reference_broker.groups.bench import Bench, error_of, is_waiting, reply


@pytest.mark.parametrize("offset", [-1, 1])
def test_a_heartbeat_of_another_generation_is_illegal(offset: int) -> None:
    bench = Bench()
    (member,) = bench.stable()

    assert error_of(bench.heartbeat(member, 1 + offset)) == ErrorCode.ILLEGAL_GENERATION


def test_a_heartbeat_of_an_unknown_member_or_group_is_unknown() -> None:
    bench = Bench()
    bench.stable()

    assert error_of(bench.heartbeat("invented")) == ErrorCode.UNKNOWN_MEMBER_ID
    assert error_of(bench.heartbeat("invented", group_id="other")) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_pending_member_cannot_heartbeat() -> None:
    bench = Bench()
    pending = reply(bench.join()).member_id

    assert error_of(bench.heartbeat(pending, 0)) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_member_is_dropped_when_its_session_ends() -> None:
    bench = Bench()
    (member,) = bench.stable(session_timeout_ms=6000)

    bench.advance(5999)
    assert bench.group().state is State.STABLE
    bench.advance(1)

    assert bench.group().state is State.EMPTY
    assert error_of(bench.heartbeat(member)) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_heartbeat_renews_the_session() -> None:
    bench = Bench()
    (member,) = bench.stable(session_timeout_ms=6000)
    bench.advance(5999)
    bench.heartbeat(member)

    bench.advance(5999)

    assert bench.group().state is State.STABLE


def test_a_refused_heartbeat_does_not_renew_the_session() -> None:
    bench = Bench()
    (member,) = bench.stable(session_timeout_ms=6000)
    bench.advance(5999)
    bench.heartbeat(member, 9)

    bench.advance(1)

    assert bench.group().state is State.EMPTY


def test_a_heartbeat_during_a_rebalance_renews_the_session() -> None:
    bench = Bench()
    (member,) = bench.stable(session_timeout_ms=6000)
    bench.new_member()
    bench.advance(5000)
    assert error_of(bench.heartbeat(member)) == ErrorCode.REBALANCE_IN_PROGRESS

    bench.advance(5000)

    assert member in bench.group().members


def test_the_end_of_a_session_starts_a_rebalance() -> None:
    bench = Bench()
    first, second = bench.stable(2)
    generation = bench.group().generation
    bench.advance(6000)
    bench.heartbeat(first, generation)

    bench.advance(4000)

    assert second not in bench.group().members
    assert error_of(bench.heartbeat(first, generation)) == ErrorCode.REBALANCE_IN_PROGRESS


def test_the_end_of_a_session_ends_a_rebalance_that_waited_for_it() -> None:
    bench = Bench()
    first, _ = bench.stable(2)
    waiting = bench.join(first)

    bench.advance(10_000)

    assert reply(waiting).members[0].member_id == first


def test_a_member_that_waits_for_others_has_no_session() -> None:
    bench = Bench()
    first, _ = bench.stable(2, session_timeout_ms=6000)
    bench.heartbeat(first, bench.group().generation)
    waiting = bench.join(first, session_timeout_ms=6000)
    pending = reply(bench.join(session_timeout_ms=30_000)).member_id

    bench.advance(20_000)

    assert is_waiting(waiting)
    assert first in bench.group().members
    assert pending in bench.group().pending_joins


def test_a_follower_that_waits_for_the_leader_has_no_session() -> None:
    bench = Bench()
    leader, follower = bench.stable(2)
    bench.join(leader)
    bench.join(follower)
    generation = bench.group().generation
    waiting = bench.sync(follower, generation)
    for _ in range(3):
        bench.advance(9000)
        bench.heartbeat(leader, generation)
    assert is_waiting(waiting)

    bench.sync(leader, generation)
    assert error_of(waiting) == ErrorCode.NONE
    bench.advance(9999)
    bench.heartbeat(leader, generation)

    assert error_of(bench.heartbeat(follower, generation)) == ErrorCode.NONE


def test_the_first_join_of_a_member_waits_for_five_minutes_at_most() -> None:
    bench = Bench()
    (first,) = bench.stable(session_timeout_ms=600_000, rebalance_timeout_ms=600_000)
    _, waiting = bench.new_member()

    bench.advance(299_999)
    assert is_waiting(waiting)
    bench.advance(1)

    assert (error_of(waiting), reply(waiting).member_id) == (ErrorCode.UNKNOWN_MEMBER_ID, "")
    assert list(bench.group().members) == [first]


def test_a_commit_renews_the_session() -> None:
    bench = Bench()
    (member,) = bench.stable(session_timeout_ms=6000)
    bench.advance(5999)
    assert bench.commit_error(1, 1, member) == ErrorCode.NONE

    bench.advance(5999)

    assert bench.group().state is State.STABLE


def test_after_a_failover_every_session_starts_anew() -> None:
    bench = Bench()
    (member,) = bench.stable(session_timeout_ms=6000)
    bench.advance(5000)
    bench.fail_over()

    bench.advance(5999)
    assert error_of(bench.heartbeat(member)) == ErrorCode.NONE
    bench.advance(6000)

    assert bench.group().state is State.EMPTY


# LeaveGroup


def test_a_member_that_leaves_starts_a_rebalance() -> None:
    bench = Bench()
    first, second = bench.stable(2)

    left = reply(bench.leave(first))

    assert (left.error_code, left.members[0].error_code, left.members[0].member_id) == (0, 0, first)
    assert bench.group().state is State.PREPARING_REBALANCE
    assert bench.group().leader == second


def test_the_last_member_that_leaves_makes_the_group_empty_and_the_next_generation() -> None:
    bench = Bench()
    bench.leave(*bench.stable(2))

    group = bench.group()
    assert (group.state, group.leader, group.protocol_name) == (State.EMPTY, None, None)
    assert group.protocol_type == "consumer"
    bench.fail_over()
    assert (bench.group().generation, bench.group().protocol_type) == (group.generation, "consumer")


def test_each_member_that_leaves_has_an_answer_of_its_own() -> None:
    bench = Bench()
    first, _ = bench.stable(2)

    left = reply(bench.leave(first, "invented", MemberIdentity(member_id="", group_instance_id="nobody"), ""))

    assert left.error_code == ErrorCode.NONE
    unknown = ErrorCode.UNKNOWN_MEMBER_ID
    assert [each.error_code for each in left.members] == [ErrorCode.NONE, unknown, unknown, unknown]


def test_only_unknown_members_leave_the_group_as_it_is() -> None:
    bench = Bench()
    bench.stable()

    bench.leave("invented")

    assert bench.group().state is State.STABLE


def test_leaving_an_unknown_group_is_an_unknown_member() -> None:
    left = reply(Bench().leave("m"))

    assert left.error_code == ErrorCode.NONE
    assert [each.error_code for each in left.members] == [ErrorCode.UNKNOWN_MEMBER_ID]


def test_nobody_leaves_with_no_error() -> None:
    bench = Bench()
    bench.stable()

    assert reply(bench.leave()).members == []


def test_a_pending_member_that_leaves_ends_a_rebalance_only_with_the_others() -> None:
    bench = Bench()
    (leader,) = bench.stable()
    pending = reply(bench.join()).member_id
    waiting = bench.join(leader)
    assert is_waiting(waiting)

    left = reply(bench.leave(pending))

    assert left.members[0].error_code == ErrorCode.NONE
    assert reply(waiting).generation_id == 2


def test_a_member_that_leaves_while_it_waits_is_told_that_it_is_unknown() -> None:
    bench = Bench()
    bench.stable()
    member, waiting = bench.new_member()

    bench.leave(member)

    assert (error_of(waiting), reply(waiting).member_id) == (ErrorCode.UNKNOWN_MEMBER_ID, "")
