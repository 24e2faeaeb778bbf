"""One test for each edge of the state machine, named by the edge, and how each state answers."""

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.groups.classic.states import (
    COMMIT_ANSWER,
    DELETE_ANSWER,
    HEARTBEAT_ANSWER,
    SYNC_ANSWER,
    Event,
    State,
)
from tests.reference_broker.groups.bench import NO_DELAY, Bench, error_of, is_waiting, reply


def in_state(state: State) -> tuple[Bench, str, int]:
    """A group with one member in `state`: (bench, member id, generation)."""
    bench = Bench()
    if state is State.EMPTY:
        (member,) = bench.stable()
        bench.leave(member)
    elif state is State.PREPARING_REBALANCE:
        (member,) = bench.stable()
        bench.new_member()
    elif state is State.COMPLETING_REBALANCE:
        member, answer = bench.new_member()
        reply(answer)
    else:
        (member,) = bench.stable()
        if state is State.DEAD:
            bench.group().transition(Event.UNLOADED, 0)
    assert bench.group().state is state
    return bench, member, bench.group().generation


def test_empty_loaded_with_members_is_stable() -> None:
    bench, member, generation = in_state(State.STABLE)

    bench.fail_over()

    assert bench.group().state is State.STABLE
    assert error_of(bench.heartbeat(member, generation)) == ErrorCode.NONE


def test_empty_rebalance_started_is_preparing() -> None:
    bench = Bench(NO_DELAY._replace(group_initial_rebalance_delay_ms=3000))

    assert is_waiting(bench.join(version=3))
    assert bench.group().state is State.PREPARING_REBALANCE


def test_stable_rebalance_started_is_preparing() -> None:
    bench, *_ = in_state(State.STABLE)
    bench.new_member()

    assert bench.group().state is State.PREPARING_REBALANCE


def test_completing_rebalance_started_is_preparing() -> None:
    bench, *_ = in_state(State.COMPLETING_REBALANCE)
    bench.new_member()

    assert bench.group().state is State.PREPARING_REBALANCE


def test_preparing_members_joined_is_completing() -> None:
    bench, member, generation = in_state(State.PREPARING_REBALANCE)

    joined = reply(bench.join(member))

    assert bench.group().state is State.COMPLETING_REBALANCE
    assert joined.generation_id == generation + 1


def test_preparing_no_member_left_is_empty() -> None:
    bench, member, generation = in_state(State.STABLE)

    bench.leave(member)

    assert bench.group().state is State.EMPTY
    assert bench.group().generation == generation + 1


def test_completing_assignment_stored_is_stable() -> None:
    bench, member, generation = in_state(State.COMPLETING_REBALANCE)

    synced = reply(bench.sync(member, generation, assignments={member: b"mine"}))

    assert bench.group().state is State.STABLE
    assert synced.assignment == b"mine"


@pytest.mark.parametrize("state", State)
def test_any_state_unloaded_is_dead(state: State) -> None:
    bench, *_ = in_state(state)
    group = bench.group()

    bench.service.resigned(0)

    assert group.state is State.DEAD


@pytest.mark.parametrize("state", State)
def test_a_heartbeat_is_answered_by_the_state(state: State) -> None:
    bench, member, generation = in_state(state)

    assert error_of(bench.heartbeat(member, generation)) == HEARTBEAT_ANSWER[state]


@pytest.mark.parametrize("state", State)
def test_a_sync_is_answered_by_the_state(state: State) -> None:
    bench, member, generation = in_state(state)
    bench.log.hold = True  # the leader's own sync waits for its record

    answer = bench.sync(member, generation)

    assert is_waiting(answer) if SYNC_ANSWER[state] is None else error_of(answer) == SYNC_ANSWER[state]


@pytest.mark.parametrize("state", State)
def test_a_commit_of_a_member_is_answered_by_the_state(state: State) -> None:
    bench, member, generation = in_state(state)

    assert bench.commit_error(5, generation, member) == COMMIT_ANSWER[state]


@pytest.mark.parametrize("state", State)
def test_a_deletion_is_answered_by_the_state(state: State) -> None:
    bench, *_ = in_state(state)

    assert reply(bench.service.delete_groups(["g"])).results[0].error_code == DELETE_ANSWER[state]
