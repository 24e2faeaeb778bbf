"""SyncGroup: the leader's assignment reaches everybody, once it is stored."""

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.groups.classic.states import State
from tests.reference_broker.groups.bench import Bench, error_of, is_waiting, reply


def completing(members: int = 2, **fields: object) -> tuple[Bench, list[str], int]:
    """A group whose members have joined and not synced: (bench, ids with the leader's first, generation)."""
    bench = Bench()
    ids = bench.stable(members, **fields)
    bench.join(ids[0], **fields)
    bench.rebalance(ids[1:], **fields)
    assert bench.group().state is State.COMPLETING_REBALANCE
    return bench, ids, bench.group().generation


def test_a_follower_waits_for_the_leaders_assignment() -> None:
    bench, (leader, follower), generation = completing()

    waiting = bench.sync(follower, generation)
    assert is_waiting(waiting)
    bench.sync(leader, generation, assignments={leader: b"1", follower: b"2"})

    synced = reply(waiting)
    assert (synced.assignment, synced.protocol_type, synced.protocol_name) == (b"2", "consumer", "range")


def test_a_member_that_the_leader_forgets_gets_nothing() -> None:
    bench, (leader, follower), generation = completing()
    bench.sync(leader, generation, assignments={leader: b"1", "stranger": b"3"})

    assert reply(bench.sync(follower, generation)).assignment == b""


def test_the_assignments_of_a_follower_are_ignored() -> None:
    bench, (leader, follower), generation = completing()
    bench.sync(follower, generation, assignments={leader: b"x"})

    assert reply(bench.sync(leader, generation, assignments={leader: b"1"})).assignment == b"1"


def test_in_a_stable_group_a_member_gets_its_assignment_again() -> None:
    bench = Bench()
    (member,) = bench.stable()

    assert reply(bench.sync(member)).assignment == reply(bench.sync(member)).assignment == b"part of 0"


@pytest.mark.parametrize("offset", [-1, 1])
def test_another_generation_is_illegal(offset: int) -> None:
    bench, (leader, _), generation = completing()

    assert error_of(bench.sync(leader, generation + offset)) == ErrorCode.ILLEGAL_GENERATION


@pytest.mark.parametrize("fields", [{"protocol_type": "connect"}, {"protocol_name": "sticky"}])
def test_another_protocol_is_inconsistent(fields: dict[str, str]) -> None:
    bench, (leader, _), generation = completing()

    assert error_of(bench.sync(leader, generation, **fields)) == ErrorCode.INCONSISTENT_GROUP_PROTOCOL


@pytest.mark.parametrize("fields", [{"protocol_type": None}, {"protocol_name": None}])
def test_from_version_5_on_the_protocol_must_be_named(fields: dict[str, None]) -> None:
    bench, (leader, _), generation = completing()

    assert error_of(bench.sync(leader, generation, version=5, **fields)) == ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    assert is_waiting(bench.sync(leader, generation, version=4, **fields)) is False
    assert bench.group().state is State.STABLE


def test_an_unknown_member_and_an_unknown_group_are_both_an_unknown_member() -> None:
    bench, _, generation = completing()

    assert error_of(bench.sync("invented", generation)) == ErrorCode.UNKNOWN_MEMBER_ID
    assert error_of(bench.sync("invented", generation, group_id="other")) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_pending_member_cannot_sync() -> None:
    bench, _, generation = completing()
    pending = reply(bench.join()).member_id

    assert error_of(bench.sync(pending, generation)) == ErrorCode.UNKNOWN_MEMBER_ID


def test_members_that_never_sync_are_dropped_after_the_rebalance_timeout() -> None:
    bench, (leader, follower), generation = completing(session_timeout_ms=60_000)
    bench.sync(leader, generation)

    bench.advance(29_999)
    assert bench.group().state is State.STABLE
    bench.advance(1)

    assert bench.group().state is State.PREPARING_REBALANCE
    assert list(bench.group().members) == [leader]
    assert error_of(bench.heartbeat(follower, generation)) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_leader_that_never_syncs_is_dropped_and_the_followers_rejoin() -> None:
    bench, (_, follower), generation = completing(session_timeout_ms=60_000)
    waiting = bench.sync(follower, generation)

    bench.advance(30_000)

    assert error_of(waiting) == ErrorCode.REBALANCE_IN_PROGRESS
    assert list(bench.group().members) == [follower]
    assert bench.group().leader == follower


def test_a_group_whose_only_member_never_syncs_is_empty() -> None:
    bench = Bench()
    bench.new_member(session_timeout_ms=60_000)

    bench.advance(30_000)

    assert bench.group().state is State.EMPTY


def test_when_all_have_synced_nobody_is_dropped() -> None:
    bench = Bench()
    bench.stable(2, session_timeout_ms=100_000)

    bench.advance(99_999)

    assert bench.group().state is State.STABLE


def test_while_the_assignment_is_being_stored_nobody_has_it() -> None:
    bench, (leader, follower), generation = completing()
    waiting = bench.sync(follower, generation)
    bench.log.hold = True
    leading = bench.sync(leader, generation, assignments={follower: b"2"})
    assert is_waiting(leading)
    assert is_waiting(waiting)
    assert bench.group().state is State.COMPLETING_REBALANCE

    bench.log.replicate()

    assert error_of(leading) == ErrorCode.NONE
    assert reply(waiting).assignment == b"2"
    assert bench.group().state is State.STABLE


@pytest.mark.parametrize("late", [False, True])
def test_an_assignment_that_cannot_be_stored_starts_a_rebalance(late: bool) -> None:
    bench, (leader, follower), generation = completing()
    waiting = bench.sync(follower, generation)
    if late:
        bench.log.hold = True
    else:
        bench.log.error = ErrorCode.NOT_LEADER_OR_FOLLOWER

    leading = bench.sync(leader, generation)
    bench.advance(5000 if late else 0)

    expected = ErrorCode.COORDINATOR_NOT_AVAILABLE if late else ErrorCode.NOT_COORDINATOR
    assert error_of(leading) == error_of(waiting) == expected
    assert bench.group().state is State.PREPARING_REBALANCE


def test_an_assignment_that_is_stored_after_a_new_rebalance_began_is_ignored() -> None:
    bench, (leader, follower), generation = completing()
    bench.log.hold = True
    leading = bench.sync(leader, generation, assignments={leader: b"1"})

    bench.join(follower, protocols={"range": b"new"})
    bench.log.replicate()

    assert error_of(leading) == ErrorCode.REBALANCE_IN_PROGRESS
    assert bench.group().state is State.PREPARING_REBALANCE
