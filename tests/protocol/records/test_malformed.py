"""Whatever the bytes, either they are read or a ProtocolError says why not."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.records import (
    Compression,
    EndTxnMarker,
    batch_body,
    batches,
    build_batch,
    compress,
    control_record_type,
    read_batch_header,
    records_of,
    scan_records,
    verify_crc,
    write_batch,
)
from tests.protocol.records.strategies import CODECS, RECORD_LISTS, valid_batches

LIMIT = 1 << 20


def read_all(data: bytes | bytearray) -> None:
    """Each thing that a broker or a client does with a batch; raises ProtocolError or nothing."""
    for header, view in batches(data):
        verify_crc(header, view)
        refused: list[ProtocolError] = []
        for step in (
            lambda: list(records_of(header, view, limit=LIMIT)),  # noqa: B023
            lambda: scan_records(header, view[61:]),  # noqa: B023
            lambda: scan_records(header, batch_body(header, view, limit=LIMIT)),  # noqa: B023
            lambda: header.timestamp_type and header.last_sequence and header.compression,  # noqa: B023
        ):
            try:
                step()
            except ProtocolError as error:
                refused.append(error)
        if refused:
            raise refused[0]


def try_all(data: bytes | bytearray) -> None:
    with suppress(ProtocolError):
        read_all(data)


@given(st.binary(max_size=200))
def test_random_bytes(data: bytes) -> None:
    try_all(data)


@given(st.binary(max_size=100), st.integers(-3, 40), st.integers(-1, 127), st.integers(0, 255))
def test_random_bytes_behind_a_header(body: bytes, count: int, offset_delta: int, attributes: int) -> None:
    batch = write_batch(body, attributes=attributes, last_offset_delta=offset_delta, record_count=count)

    try_all(batch)


@settings(max_examples=150)
@given(valid_batches(), st.data())
def test_a_valid_batch_with_some_bytes_changed(batch: bytearray, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, min(len(batch) - 1, data.draw(st.sampled_from((61, 90, 1 << 20))))))
        batch[position] = data.draw(st.integers(0, 255) | st.sampled_from((0, 1, 127, 128, 255)))

    try_all(batch)


@settings(max_examples=150)
@given(RECORD_LISTS, CODECS, st.data())
def test_valid_records_with_some_bytes_changed_and_compressed_again(
    records: list[object], codec: Compression, data: st.DataObject
) -> None:
    body = bytearray(build_batch(records)[61:])  # type: ignore[arg-type]
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(body) - 1))
        body[position : position + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        body = body or bytearray(1)

    try_all(write_batch(compress(codec, bytes(body)), attributes=codec, last_offset_delta=0, record_count=len(records)))


@given(valid_batches(), st.data())
def test_a_valid_batch_cut_off_anywhere_is_not_there(batch: bytearray, data: st.DataObject) -> None:
    assert list(batches(batch[: data.draw(st.integers(0, len(batch) - 1))])) == []


@given(st.none() | st.binary(max_size=12), st.none() | st.binary(max_size=12))
def test_random_keys_and_values_of_control_records(key: bytes | None, value: bytes | None) -> None:
    for read in (lambda: control_record_type(key), lambda: EndTxnMarker.parse(key, value)):
        with suppress(ProtocolError):
            read()


def test_an_error_says_at_which_byte_it_was() -> None:
    with pytest.raises(ProtocolError, match=r"Invalid magic found in record: 9 \(at byte 19\)") as caught:
        read_batch_header(bytes(3) + write_batch(b"", magic=9, last_offset_delta=0, record_count=0), 3)

    assert (caught.value.position, caught.value.message) == (19, "Invalid magic found in record: 9")
