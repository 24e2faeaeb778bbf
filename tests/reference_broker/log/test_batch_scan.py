"""Walking over stored batches."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.records import NewRecord, build_batch, stamp_batch
from kafka_conformance.reference_broker.log.batch_scan import first_reaching, last_boundary, read_whole, scan_positions
from kafka_conformance.reference_broker.storage import MemoryStorage, StoredFile

SIZES = st.lists(st.sampled_from([0, 50, 700, 20_000]), max_size=12)


def stored(sizes: list[int]) -> tuple[StoredFile, list[tuple[int, int]]]:
    """A file of batches with records of these sizes, two offsets each; (position, base offset) of each."""
    file = MemoryStorage().open("t-0/a")
    batches: list[tuple[int, int]] = []
    for number, size in enumerate(sizes):
        batch = build_batch([NewRecord(b"k", bytes(size)), NewRecord(b"k", b"")])
        stamp_batch(batch, base_offset=number * 2)
        batches.append((file.append([memoryview(batch)]), number * 2))
    return file, batches


@given(sizes=SIZES, offset=st.integers(min_value=0, max_value=30), limit=st.integers(min_value=0, max_value=100_000))
def test_batches_are_found_by_offset_and_by_position(sizes: list[int], offset: int, limit: int) -> None:
    file, batches = stored(sizes)
    ends = [position for position, _ in batches] + [file.size]

    assert [(batch.position, batch.base_offset) for batch in scan_positions(file, 0)] == batches
    assert [batch.end for batch in scan_positions(file, 0)] == ends[1:]
    found = first_reaching(file, 0, offset)
    expected = next((entry for entry in batches if entry[1] + 1 >= offset), None)
    assert (None if found is None else (found.position, found.base_offset)) == expected
    assert last_boundary(file, 0, limit) == max(end for end in ends if end <= max(limit, 0))


@given(size=st.integers(min_value=0, max_value=200))
def test_a_walk_ends_before_a_header_that_is_cut_off(size: int) -> None:
    file, batches = stored([0, 0, 0])
    file.truncate(size)

    whole_headers = [batch for batch in batches if batch[0] + 61 <= size]
    assert [(batch.position, batch.base_offset) for batch in scan_positions(file, 0)] == whole_headers


def test_a_walk_ends_where_a_length_cannot_be_one() -> None:
    for length in (-1, -(2**31), 0, 48):
        file = MemoryStorage().open("t-0/a")
        batch = build_batch([NewRecord(b"k", b"v")])
        file.append([bytes(batch)])
        batch[8:12] = length.to_bytes(4, "big", signed=True)
        file.append([bytes(batch)])

        assert len(list(scan_positions(file, 0))) == 1
        assert first_reaching(file, 0, 5) is None
        assert last_boundary(file, 0, 10**6) == len(batch)


def test_bytes_in_several_pieces_are_read_as_one() -> None:
    file = MemoryStorage().open("t-0/a")
    file.append([bytes(30_000), bytes(30_000)])

    assert len(file.read(0, 60_000)) == 2
    assert len(read_whole(file, 29_000, 2_000)) == 2_000
