"""Who has how much of the controller's log, as DescribeQuorum tells it (KIP-595, KIP-836).

There is one controller, which is the only voter (docs/decisions/0004); brokers beside it are observers, and tell with
their heartbeats how far they have read. Source: org.apache.kafka.raft.LeaderState.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

OBSERVER_SESSION_MS = 300_000
"""LeaderState.OBSERVER_SESSION_TIMEOUT_MS: so long an observer is remembered that is silent."""


class ReplicaOfLog(NamedTuple):
    """One replica of the controller's log; times in milliseconds."""

    replica_id: int
    log_end_offset: int
    last_fetch_ms: int
    last_caught_up_ms: int


class QuorumState(NamedTuple):
    """The log, its leader, and those who have it."""

    leader_id: int
    leader_epoch: int
    high_watermark: int
    voters: Sequence[ReplicaOfLog]
    observers: Sequence[ReplicaOfLog]


class Observers:
    """What brokers have told."""

    def __init__(self) -> None:
        self._known: dict[int, ReplicaOfLog] = {}

    def heard(self, node_id: int, metadata_offset: int, newest_offset: int, now_ms: int) -> None:
        """A broker has the log up to and with an offset, of which `newest_offset` is the last one."""
        known = self._known.get(node_id)
        caught_up_ms = -1 if known is None else known.last_caught_up_ms
        if metadata_offset >= newest_offset:
            caught_up_ms = now_ms
        self._known[node_id] = ReplicaOfLog(node_id, metadata_offset + 1, now_ms, caught_up_ms)

    def at(self, now_ms: int) -> list[ReplicaOfLog]:
        """Those that were heard of lately."""
        return [each for each in self._known.values() if now_ms - each.last_fetch_ms < OBSERVER_SESSION_MS]
