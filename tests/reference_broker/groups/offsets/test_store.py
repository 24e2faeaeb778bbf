"""Offsets of transactions: aside until the marker; and what a tombstone does to them."""

import pytest

from kafka_conformance.protocol.messages.offset_fetch import OffsetFetchRequestGroup, OffsetFetchRequestTopics
from kafka_conformance.reference_broker.groups.offsets.fetches import fetch
from kafka_conformance.reference_broker.groups.offsets.store import OffsetStore
from kafka_conformance.reference_broker.groups.records import (
    OffsetCommitKey,
    OffsetCommitValue,
    OffsetRecord,
    offset_tombstone,
)


def committed(offset: int, partition: int = 0) -> OffsetRecord:
    key = OffsetCommitKey(group="g", topic="t", partition=partition)
    return OffsetRecord(key, OffsetCommitValue(offset=offset))


def offset_of(store: OffsetStore, partition: int = 0) -> int | None:
    found = store.get("g", "t", partition)
    return None if found is None else found.offset


def test_the_offset_of_an_open_transaction_is_not_seen() -> None:
    store = OffsetStore()
    store.apply(committed(5), 0)

    store.apply(committed(9), 1, producer_id=7)

    assert offset_of(store) == 5
    assert store.is_pending("g", "t", 0)


def test_a_commit_marker_makes_it_count() -> None:
    store = OffsetStore()
    store.apply(committed(9), 1, producer_id=7)

    store.end_transaction(7, commit=True)

    assert offset_of(store) == 9
    assert not store.is_pending("g", "t", 0)


def test_an_abort_marker_forgets_it() -> None:
    store = OffsetStore()
    store.apply(committed(5), 0)
    store.apply(committed(9), 1, producer_id=7)

    store.end_transaction(7, commit=False)

    assert offset_of(store) == 5
    assert not store.is_pending("g", "t", 0)


def test_a_later_plain_commit_is_not_undone_by_the_marker() -> None:
    store = OffsetStore()
    store.apply(committed(9), 1, producer_id=7)
    store.apply(committed(3), 2)

    store.end_transaction(7, commit=True)

    assert offset_of(store) == 3


def test_the_marker_of_one_producer_leaves_the_other_pending() -> None:
    store = OffsetStore()
    store.apply(committed(8), 1, producer_id=7)
    store.apply(committed(9), 2, producer_id=8)

    store.end_transaction(7, commit=True)

    assert offset_of(store) == 8
    assert store.is_pending("g", "t", 0)


def test_the_last_commit_within_a_transaction_wins() -> None:
    store = OffsetStore()
    store.apply(committed(8), 1, producer_id=7)
    store.apply(committed(9), 2, producer_id=7)

    store.end_transaction(7, commit=True)

    assert offset_of(store) == 9


def test_a_marker_of_a_stranger_does_nothing() -> None:
    store = OffsetStore()
    store.apply(committed(5), 0)

    store.end_transaction(7, commit=True)

    assert offset_of(store) == 5


def test_a_tombstone_forgets_committed_and_pending_offsets() -> None:
    store = OffsetStore()
    store.apply(committed(5), 0)
    store.apply(committed(9), 1, producer_id=7)
    store.apply(committed(4, partition=1), 2, producer_id=7)

    store.apply(offset_tombstone("g", "t", 0), 3)
    store.end_transaction(7, commit=True)

    assert offset_of(store) is None
    assert offset_of(store, 1) == 4
    assert store.pending_of_group("g") == []


def test_nothing_is_left_of_a_group_without_offsets() -> None:
    store = OffsetStore()
    store.apply(committed(5), 0)

    store.apply(offset_tombstone("g", "t", 0), 1)
    store.apply(offset_tombstone("g", "other", 0), 2)

    assert list(store.groups()) == []
    assert store.of_group("g") == {}


@pytest.mark.parametrize(("require_stable", "offset", "error"), [(False, 5, 0), (True, -1, 88)])
def test_a_fetch_that_requires_stable_offsets_is_told_of_an_open_transaction(
    require_stable: bool, offset: int, error: int
) -> None:
    store = OffsetStore()
    store.apply(committed(5), 0)
    store.apply(committed(9), 1, producer_id=7)
    request = OffsetFetchRequestGroup(group_id="g", topics=[OffsetFetchRequestTopics(name="t", partition_indexes=[0])])

    (topic,) = fetch(store, request, require_stable=require_stable).topics

    assert (topic.partitions[0].committed_offset, topic.partitions[0].error_code) == (offset, error)
