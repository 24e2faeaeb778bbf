"""What happens to a classic group when one of its timers runs off.

Source: GroupMetadataManager (expireClassicGroupMemberHeartbeat, completeClassicGroupJoin, expirePendingSync,
        tryCompleteInitialRebalanceElseSchedule)
"""

from __future__ import annotations

from kafka_conformance.reference_broker.groups.classic.rebalance import (
    InitialDelayOver,
    JoinTimedOut,
    SyncTimedOut,
    initial_delay_over,
    join_timed_out,
)
from kafka_conformance.reference_broker.groups.classic.sessions import session_timed_out
from kafka_conformance.reference_broker.groups.classic.syncing import sync_timed_out
from kafka_conformance.reference_broker.groups.classic.turn import SessionTimedOut, Turn

Timeout = SessionTimedOut | JoinTimedOut | InitialDelayOver | SyncTimedOut


def timed_out(turn: Turn, event: Timeout) -> None:
    """Let the event have its effect on the group."""
    match event:
        case SessionTimedOut():
            session_timed_out(turn, event)
        case JoinTimedOut():
            join_timed_out(turn)
        case InitialDelayOver():
            initial_delay_over(turn, event)
        case SyncTimedOut():
            sync_timed_out(turn, event)
