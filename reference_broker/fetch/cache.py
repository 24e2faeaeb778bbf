"""The fetch sessions of one broker, bounded by max.incremental.fetch.session.cache.slots.

Source: KIP-227; org.apache.kafka.server.FetchSessionCacheShard.
"""

from __future__ import annotations

import random

from kafka_conformance.reference_broker.fetch.session import INVALID_SESSION_ID, FetchSession

EVICTION_MS = 120_000
"""KafkaBroker.MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS: how long a session is safe from newer ones."""
MAX_SESSION_ID = 2**31 - 1


class FetchSessionCache:
    """Sessions by their id."""

    def __init__(self, session_class: type[FetchSession], chance: random.Random, max_slots: int) -> None:
        self._session_class = session_class
        self._random = chance
        self._max_slots = max_slots
        self._sessions: dict[int, FetchSession] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def get(self, session_id: int) -> FetchSession | None:
        """The session of that id."""
        return self._sessions.get(session_id)

    def remove(self, session_id: int) -> None:
        """Forget a session, if it is there."""
        self._sessions.pop(session_id, None)

    def create(self, size: int, *, uses_topic_ids: bool, privileged: bool, now_ms: int) -> FetchSession | None:
        """Make an empty session that will hold `size` partitions; None where there is no room for it."""
        if len(self._sessions) >= self._max_slots and not self._make_room(size, privileged, now_ms):
            return None
        session = self._session_class(
            self._new_id(), uses_topic_ids=uses_topic_ids, privileged=privileged, now_ms=now_ms
        )
        self._sessions[session.id] = session
        return session

    def may_evict(self, victim: FetchSession, size: int, *, privileged: bool, now_ms: int) -> bool:
        """Whether a new session of `size` partitions is worth more than `victim`, which has been used lately."""
        is_old = now_ms - victim.created_ms > EVICTION_MS
        if not (is_old or (privileged and not victim.privileged)):
            return False
        return (privileged, size) >= (victim.privileged, len(victim.partitions))

    def _make_room(self, size: int, privileged: bool, now_ms: int) -> bool:
        if not self._sessions:
            return False
        stalest = min(self._sessions.values(), key=lambda session: (session.last_used_ms, session.id))
        if now_ms - stalest.last_used_ms > EVICTION_MS:
            self.remove(stalest.id)
            return True
        by_worth = sorted(self._sessions.values(), key=lambda s: (s.privileged, len(s.partitions), s.id))
        for victim in by_worth:
            if self.may_evict(victim, size, privileged=privileged, now_ms=now_ms):
                self.remove(victim.id)
                return True
        return False

    def _new_id(self) -> int:
        while True:
            session_id = self._random.randint(1, MAX_SESSION_ID)
            if session_id not in self._sessions and session_id != INVALID_SESSION_ID:
                return session_id
