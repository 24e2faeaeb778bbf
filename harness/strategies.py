"""What Hypothesis draws for cases: records, batches, splits. Small on purpose: a counterexample is to be read."""

from __future__ import annotations

from hypothesis import strategies as st

from kafka_conformance.protocol.records import Compression, NewRecord

MAX_VALUE_BYTES = 48


def keys() -> st.SearchStrategy[bytes | None]:
    """No key, the empty key, or some bytes."""
    return st.none() | st.binary(max_size=16)


def values() -> st.SearchStrategy[bytes | None]:
    """No value (a tombstone), the empty value, or some bytes."""
    return st.none() | st.binary(max_size=MAX_VALUE_BYTES)


def headers() -> st.SearchStrategy[tuple[tuple[str, bytes | None], ...]]:
    """Up to three headers: keys may be empty and may repeat, values may be null (KIP-82)."""
    name = st.text(st.characters(codec="utf-8"), max_size=8)
    return st.lists(st.tuples(name, st.none() | st.binary(max_size=8)), max_size=3).map(tuple)


def timestamps() -> st.SearchStrategy[int]:
    """No timestamp, or milliseconds between 1970 and 2024."""
    return st.just(-1) | st.integers(0, 1_700_000_000_000)


def records() -> st.SearchStrategy[NewRecord]:
    """A record with any of the above."""
    return st.builds(NewRecord, keys(), values(), headers(), timestamps())


def batches(*, min_size: int = 1, max_size: int = 5) -> st.SearchStrategy[list[NewRecord]]:
    """The records of one batch."""
    return st.lists(records(), min_size=min_size, max_size=max_size)


def batch_lists(*, min_size: int = 1, max_size: int = 5) -> st.SearchStrategy[list[list[NewRecord]]]:
    """Several batches."""
    return st.lists(batches(max_size=3), min_size=min_size, max_size=max_size)


def compressions() -> st.SearchStrategy[Compression]:
    """One of Kafka's codecs, or none."""
    return st.sampled_from(Compression)
