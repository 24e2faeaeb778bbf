"""What a leader knows of another replica: how far it is, and when it last had everything.

Source: org.apache.kafka.server.replica.{Replica, ReplicaState}.
"""

from __future__ import annotations

UNKNOWN_OFFSET = -1
UNKNOWN_BROKER_EPOCH = -1
NEVER_MS = 0


class Follower:
    """One other replica. A follower that has not fetched in this leader epoch is at UNKNOWN_OFFSET."""

    __slots__ = (
        "broker_epoch",
        "has_fetched",
        "last_caught_up_ms",
        "last_fetch_leader_end",
        "last_fetch_ms",
        "log_end_offset",
        "log_start_offset",
    )

    def __init__(self, now_ms: int = NEVER_MS, *, in_sync: bool = False) -> None:
        self.log_end_offset = UNKNOWN_OFFSET
        self.log_start_offset = UNKNOWN_OFFSET
        self.last_fetch_leader_end = UNKNOWN_OFFSET
        self.last_fetch_ms = NEVER_MS
        self.last_caught_up_ms = now_ms if in_sync else NEVER_MS
        self.broker_epoch = UNKNOWN_BROKER_EPOCH
        self.has_fetched = False

    def note_fetch(
        self, fetch_offset: int, log_start_offset: int, leader_end: int, now_ms: int, broker_epoch: int
    ) -> None:
        """It has everything below `fetch_offset`, and fetches what the leader has up to `leader_end`."""
        if fetch_offset >= leader_end:
            self.last_caught_up_ms = max(self.last_caught_up_ms, now_ms)
        elif fetch_offset >= self.last_fetch_leader_end:
            # What the leader had at its last fetch it has by now
            self.last_caught_up_ms = max(self.last_caught_up_ms, self.last_fetch_ms)
        self.log_end_offset = fetch_offset
        self.log_start_offset = log_start_offset
        self.last_fetch_leader_end = max(leader_end, self.last_fetch_leader_end)
        self.last_fetch_ms = now_ms
        self.broker_epoch = broker_epoch
        self.has_fetched = True

    def begin_epoch(self, leader_end: int, now_ms: int, *, in_sync: bool) -> None:
        """The leader goes on in a new epoch: one that was in sync gets its time, one that was not must fetch first."""
        self.last_fetch_leader_end = leader_end
        self.last_fetch_ms = self.last_caught_up_ms = now_ms if in_sync else NEVER_MS

    def is_caught_up(self, leader_end: int, now_ms: int, max_lag_ms: int) -> bool:
        """Whether it has everything, or had it lately."""
        return leader_end == self.log_end_offset or now_ms - self.last_caught_up_ms <= max_lag_ms
