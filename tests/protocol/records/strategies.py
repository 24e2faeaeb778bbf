"""Batches to test with."""

from collections.abc import Sequence

from hypothesis import strategies as st

from kafka_conformance.protocol.records import Compression, NewRecord, build_batch

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
TIMESTAMPS = st.integers(-2, 200) | st.integers(1_700_000_000_000, 1_700_000_100_000) | st.integers(0, 1 << 60)
BYTES = st.none() | st.binary(max_size=20) | st.binary(min_size=60, max_size=140)
HEADERS = st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=5)), max_size=3).map(tuple)
CODECS = st.sampled_from(Compression)

NEW_RECORDS: st.SearchStrategy[NewRecord] = st.builds(
    NewRecord, key=BYTES, value=BYTES, headers=HEADERS, timestamp=TIMESTAMPS
)


@st.composite
def alike_records(draw: st.DrawFn) -> list[NewRecord]:
    """Many records of one shape, as benchmarks send them, perhaps with a stranger among them."""
    key, value = draw(BYTES), draw(st.binary(max_size=130))
    count = draw(st.integers(1, 150))
    step = draw(st.sampled_from((0, 0.1, 1, 70, -1)))
    records = [NewRecord(key, value, (), 1_700_000_000_000 + int(index * step)) for index in range(count)]
    if draw(st.booleans()):
        records[draw(st.integers(0, count - 1))] = draw(NEW_RECORDS)
    return records


RECORD_LISTS: st.SearchStrategy[Sequence[NewRecord]] = st.lists(NEW_RECORDS, min_size=1, max_size=12) | alike_records()


@st.composite
def valid_batches(draw: st.DrawFn) -> bytearray:
    """Consistent batches of magic 2."""
    return build_batch(
        draw(RECORD_LISTS),
        base_offset=draw(st.integers(0, 1 << 40)),
        compression=draw(CODECS),
        producer_id=draw(st.integers(-1, 1 << 40)),
        base_sequence=draw(st.integers(-1, (1 << 31) - 1)),
        transactional=draw(st.booleans()),
    )
