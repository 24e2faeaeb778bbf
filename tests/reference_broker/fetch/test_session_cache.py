"""Which session goes when the cache is full (FetchSessionCacheShard.tryEvict)."""

from __future__ import annotations

import random

from kafka_conformance.protocol.messages.fetch import FetchPartition
from kafka_conformance.reference_broker.fetch.cache import EVICTION_MS, FetchSessionCache
from kafka_conformance.reference_broker.fetch.session import MAX_EPOCH, FetchSession, FetchTarget


def cache_of(slots: int) -> FetchSessionCache:
    return FetchSessionCache(FetchSession, random.Random(1), slots)


def create(cache: FetchSessionCache, size: int, now_ms: int, *, privileged: bool = False) -> FetchSession | None:
    session = cache.create(size, uses_topic_ids=True, privileged=privileged, now_ms=now_ms)
    if session is not None:
        session.update([FetchTarget("t", b"i" * 16, FetchPartition(partition=index)) for index in range(size)], ())
    return session


def test_a_session_that_was_not_used_for_two_minutes_makes_room() -> None:
    cache = cache_of(1)
    old = create(cache, 5, 0)
    assert old is not None

    assert create(cache, 1, EVICTION_MS) is None
    assert create(cache, 1, EVICTION_MS + 1) is not None
    assert cache.get(old.id) is None


def test_an_old_session_in_use_goes_only_for_one_that_is_not_smaller() -> None:
    cache = cache_of(1)
    old = create(cache, 5, 0)
    assert old is not None
    old.advance(EVICTION_MS)

    assert create(cache, 4, EVICTION_MS + 1) is None
    assert create(cache, 5, EVICTION_MS + 1) is not None


def test_a_follower_takes_the_place_of_a_young_consumer_but_not_the_reverse() -> None:
    cache = cache_of(1)
    assert create(cache, 5, 0) is not None
    assert create(cache, 1, 1, privileged=True) is not None

    assert create(cache, 9, 2) is None


def test_epochs_count_from_1_again_after_the_largest() -> None:
    session = FetchSession(1, uses_topic_ids=True, privileged=False, now_ms=0)

    assert session.epoch == 1
    assert session.next_epoch(MAX_EPOCH) == 1
