"""The tables of states: complete, and as Kafka's code has them."""

from collections.abc import Mapping

import pytest

from kafka_conformance.reference_broker.groups.classic.states import (
    COMMIT_ANSWER,
    DELETE_ANSWER,
    HEARTBEAT_ANSWER,
    REJOIN,
    SYNC_ANSWER,
    TRANSITIONS,
    Event,
    IllegalTransitionError,
    State,
    next_state,
)

SNAPSHOT = """
Empty: loaded with members -> Stable
Empty: rebalance started -> PreparingRebalance
Stable: rebalance started -> PreparingRebalance
CompletingRebalance: rebalance started -> PreparingRebalance
PreparingRebalance: members joined -> CompletingRebalance
PreparingRebalance: no member left -> Empty
CompletingRebalance: assignment stored -> Stable
Empty: unloaded -> Dead
PreparingRebalance: unloaded -> Dead
CompletingRebalance: unloaded -> Dead
Stable: unloaded -> Dead
Dead: unloaded -> Dead
"""


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_every_event_in_every_state_is_in_the_table_or_illegal(state: State, event: Event) -> None:
    if (state, event) in TRANSITIONS:
        assert next_state(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(IllegalTransitionError, match=state.value):
            next_state(state, event)


def test_the_table_of_transitions_is_known_by_heart() -> None:
    lines = [f"{state.value}: {event.value} -> {after.value}" for (state, event), after in TRANSITIONS.items()]

    assert "\n".join(lines) == SNAPSHOT.strip()


def test_the_table_agrees_with_kafkas_valid_previous_states() -> None:
    # ClassicGroupState, static initializer; loading makes a group Stable in its constructor there.
    expected = {
        State.EMPTY: {State.PREPARING_REBALANCE},
        State.PREPARING_REBALANCE: {State.STABLE, State.COMPLETING_REBALANCE, State.EMPTY},
        State.COMPLETING_REBALANCE: {State.PREPARING_REBALANCE},
        State.STABLE: {State.COMPLETING_REBALANCE},
        State.DEAD: set(State),
    }
    previous: dict[State, set[State]] = {state: set() for state in State}
    for (state, event), after in TRANSITIONS.items():
        if event is not Event.LOADED_WITH_MEMBERS:
            previous[after].add(state)

    assert previous == expected


@pytest.mark.parametrize("table", [HEARTBEAT_ANSWER, SYNC_ANSWER, COMMIT_ANSWER, DELETE_ANSWER, REJOIN])
def test_every_table_of_answers_has_every_state(table: Mapping[State, object]) -> None:
    assert set(table) == set(State)
