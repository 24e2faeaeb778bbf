"""The states of a classic group, every transition, and what is answered in each state.

This file owns all transitions: nothing else assigns a state. Where Kafka's ClassicGroupState.java (its comments) and
its GroupMetadataManager.java (its code) disagree, the code is right.
Source: ClassicGroupState.validPreviousStates, GroupMetadataManager, ClassicGroup
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from kafka_conformance.protocol.error_codes import ErrorCode


class State(Enum):
    """The state of a group; the value is the name that DescribeGroups and ListGroups show."""

    EMPTY = "Empty"
    PREPARING_REBALANCE = "PreparingRebalance"
    COMPLETING_REBALANCE = "CompletingRebalance"
    STABLE = "Stable"
    DEAD = "Dead"


class Event(Enum):
    """What moves a group from one state to another."""

    LOADED_WITH_MEMBERS = "loaded with members"
    REBALANCE_STARTED = "rebalance started"
    MEMBERS_JOINED = "members joined"
    NO_MEMBER_LEFT = "no member left"
    ASSIGNMENT_STORED = "assignment stored"
    UNLOADED = "unloaded"


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.EMPTY, Event.LOADED_WITH_MEMBERS): State.STABLE,
    (State.EMPTY, Event.REBALANCE_STARTED): State.PREPARING_REBALANCE,
    (State.STABLE, Event.REBALANCE_STARTED): State.PREPARING_REBALANCE,
    (State.COMPLETING_REBALANCE, Event.REBALANCE_STARTED): State.PREPARING_REBALANCE,
    (State.PREPARING_REBALANCE, Event.MEMBERS_JOINED): State.COMPLETING_REBALANCE,
    (State.PREPARING_REBALANCE, Event.NO_MEMBER_LEFT): State.EMPTY,
    (State.COMPLETING_REBALANCE, Event.ASSIGNMENT_STORED): State.STABLE,
    (State.EMPTY, Event.UNLOADED): State.DEAD,
    (State.PREPARING_REBALANCE, Event.UNLOADED): State.DEAD,
    (State.COMPLETING_REBALANCE, Event.UNLOADED): State.DEAD,
    (State.STABLE, Event.UNLOADED): State.DEAD,
    (State.DEAD, Event.UNLOADED): State.DEAD,
}


class IllegalTransitionError(Exception):
    """An event that cannot happen in the state: a defect of ours, never an answer on the wire."""


def next_state(state: State, event: Event) -> State:
    """Return the state after `event`. Raises IllegalTransitionError."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransitionError(f"{event.value!r} cannot happen to a group that is {state.value}") from None


HEARTBEAT_ANSWER: Mapping[State, ErrorCode] = {
    # classicGroupHeartbeatToClassicGroup, after the checks of member and generation.
    State.EMPTY: ErrorCode.UNKNOWN_MEMBER_ID,
    State.PREPARING_REBALANCE: ErrorCode.REBALANCE_IN_PROGRESS,
    State.COMPLETING_REBALANCE: ErrorCode.NONE,
    State.STABLE: ErrorCode.NONE,
    State.DEAD: ErrorCode.COORDINATOR_NOT_AVAILABLE,
}

SYNC_ANSWER: Mapping[State, ErrorCode | None] = {
    # classicGroupSync and classicGroupSyncToClassicGroup, after the checks; None: parked until the leader's assignment.
    State.EMPTY: ErrorCode.UNKNOWN_MEMBER_ID,
    State.PREPARING_REBALANCE: ErrorCode.REBALANCE_IN_PROGRESS,
    State.COMPLETING_REBALANCE: None,
    State.STABLE: ErrorCode.NONE,
    State.DEAD: ErrorCode.COORDINATOR_NOT_AVAILABLE,
}

COMMIT_ANSWER: Mapping[State, ErrorCode] = {
    # ClassicGroup.validateOffsetCommit, for a member of the current generation; not for transactional commits.
    State.EMPTY: ErrorCode.UNKNOWN_MEMBER_ID,
    State.PREPARING_REBALANCE: ErrorCode.NONE,
    State.COMPLETING_REBALANCE: ErrorCode.REBALANCE_IN_PROGRESS,
    State.STABLE: ErrorCode.NONE,
    State.DEAD: ErrorCode.COORDINATOR_NOT_AVAILABLE,
}

DELETE_ANSWER: Mapping[State, ErrorCode] = {
    # ClassicGroup.validateDeleteGroup; validateOffsetDelete lets groups of type "consumer" pass in the middle three.
    State.EMPTY: ErrorCode.NONE,
    State.PREPARING_REBALANCE: ErrorCode.NON_EMPTY_GROUP,
    State.COMPLETING_REBALANCE: ErrorCode.NON_EMPTY_GROUP,
    State.STABLE: ErrorCode.NON_EMPTY_GROUP,
    State.DEAD: ErrorCode.GROUP_ID_NOT_FOUND,
}


class Rejoin(Enum):
    """What a JoinGroup of a known member does."""

    REBALANCE = "takes part in a rebalance, which it starts if none is under way"
    REBALANCE_IF_CHANGED = "starts a rebalance if its protocols changed; else it is told the current generation"
    REBALANCE_IF_CHANGED_OR_LEADER = "as above, and the leader always starts one"
    UNKNOWN = "is answered UNKNOWN_MEMBER_ID"
    UNAVAILABLE = "is answered COORDINATOR_NOT_AVAILABLE"


REJOIN: Mapping[State, Rejoin] = {
    # classicGroupJoinExistingMember
    State.EMPTY: Rejoin.UNKNOWN,
    State.PREPARING_REBALANCE: Rejoin.REBALANCE,
    State.COMPLETING_REBALANCE: Rejoin.REBALANCE_IF_CHANGED,
    State.STABLE: Rejoin.REBALANCE_IF_CHANGED_OR_LEADER,
    State.DEAD: Rejoin.UNAVAILABLE,
}
