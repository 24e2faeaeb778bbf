"""The batches that no producer would send have exactly the fault that they are made for."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce import odd_batches
from kafka_conformance.harness.strategies import batches, compressions
from kafka_conformance.protocol.records import build_batch, read_batch_header, records_of, verify_crc


@given(written=batches(), compression=compressions(), count=st.integers(-(2**31), 2**31 - 1))
def test_another_count_is_all_that_changes(written, compression, count):
    sound = build_batch(written, compression=compression)
    odd = odd_batches.with_header(sound, record_count=count)
    header = read_batch_header(odd)

    assert verify_crc(header, odd)
    assert header._replace(crc=0) == read_batch_header(sound)._replace(crc=0, record_count=count)
    assert odd_batches.body_of(odd) == odd_batches.body_of(sound)


@given(written=batches(), body=st.binary(max_size=30))
def test_another_body_has_a_right_length_and_checksum(written, body):
    sound = build_batch(written)
    odd = odd_batches.with_body(sound, body)
    header = read_batch_header(odd)

    assert header.size == len(odd)
    assert verify_crc(header, odd)
    assert odd_batches.body_of(odd) == body
    assert header.record_count == len(written)


@given(written=batches(), base_offset=st.integers(-(2**63), 2**63 - 1), magic=st.integers(0, 255))
def test_what_the_checksum_does_not_cover_leaves_it_right(written, base_offset, magic):
    sound = build_batch(written)
    moved = odd_batches.with_base_offset(sound, base_offset)
    odd = odd_batches.with_magic(sound, magic)

    assert verify_crc(read_batch_header(moved), moved)
    assert read_batch_header(moved).base_offset == base_offset
    assert [place for place, byte in enumerate(odd) if byte != sound[place]] in ([], [odd_batches.MAGIC_POSITION])


@given(written=batches())
def test_a_control_bit_leaves_the_records_as_they_were(written):
    odd = odd_batches.with_attribute_bits(build_batch(written), odd_batches.CONTROL_BIT)
    header = read_batch_header(odd)

    assert header.is_control
    assert [record.value for record in records_of(header, odd)] == [record.value for record in written]


@given(written=st.lists(batches(max_size=2), min_size=2, max_size=3))
def test_batches_lie_one_behind_the_other(written):
    assert odd_batches.concatenated(written) == b"".join(bytes(build_batch(batch)) for batch in written)
