"""Both ways against the record code of kafka-python and of aiokafka, which were written by others."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiokafka.record.default_records as aiokafka_v2
import aiokafka.record.legacy_records as aiokafka_legacy
import aiokafka.record.memory_records as aiokafka_memory
import kafka.record.default_records as kafka_python_v2
import kafka.record.legacy_records as kafka_python_legacy
import kafka.record.memory_records as kafka_python_memory
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_conformance.protocol.records import (
    Compression,
    NewRecord,
    Record,
    batch_body,
    batches,
    build_batch,
    records_of,
    scan_records,
    verify_crc,
)
from tests.protocol.records.strategies import BYTES, HEADERS

# kafka-python is installed without the libraries that its other codecs need.
CODECS = {"kafka-python": (Compression.NONE, Compression.GZIP), "aiokafka": tuple(Compression)}
V2_BUILDERS: dict[str, Callable[..., Any]] = {
    "kafka-python": kafka_python_v2.DefaultRecordBatchBuilder,
    "aiokafka": aiokafka_v2.DefaultRecordBatchBuilder,
}
LEGACY_BUILDERS: dict[str, Callable[..., Any]] = {
    "kafka-python": kafka_python_legacy.LegacyRecordBatchBuilder,
    "aiokafka": aiokafka_legacy.LegacyRecordBatchBuilder,
}
READERS: dict[str, Callable[[bytes], Any]] = {
    "kafka-python": kafka_python_memory.MemoryRecords,
    "aiokafka": aiokafka_memory.MemoryRecords,
}
WITH_CODEC = [(client, codec) for client, codecs in CODECS.items() for codec in codecs]
LEGACY = [
    (client, codec, magic)
    for client, codec in WITH_CODEC
    for magic in (0, 1)
    if codec is not Compression.ZSTD and (codec, magic) != (Compression.LZ4, 0)  # aiokafka does not write that
]
RECORDS = st.lists(st.builds(NewRecord, BYTES, BYTES, HEADERS, st.integers(0, 1 << 42)), min_size=1, max_size=8)
LEGACY_RECORDS = st.lists(
    st.builds(NewRecord, BYTES, BYTES, st.just(()), st.integers(0, 1 << 42)), min_size=1, max_size=8
)


def written_by(builder: Any, records: Sequence[NewRecord], *, headers: bool) -> bytes:
    for index, record in enumerate(records):
        more = {"headers": list(record.headers)} if headers else {}
        assert builder.append(index, timestamp=record.timestamp, key=record.key, value=record.value, **more) is not None
    return bytes(builder.build())


def read_by(client: str, data: bytes | bytearray) -> list[Record]:
    memory = READERS[client](bytes(data))
    records: list[Record] = []
    while (batch := memory.next_batch()) is not None:
        assert batch.validate_crc()
        records += [Record(r.offset, r.timestamp, r.key, r.value, tuple(map(tuple, r.headers))) for r in iterate(batch)]
    return records


def iterate(batch: Any) -> Iterable[Any]:
    return list(batch)


def read_by_us(data: bytes) -> list[Record]:
    records: list[Record] = []
    for header, view in batches(data):
        assert verify_crc(header, view)
        records += [record._replace(sequence=-1) for record in records_of(header, view)]
        if header.magic == 2:
            seen = scan_records(header, batch_body(header, view))
            assert (seen.in_sequence, seen.lengths_match, seen.record_count) == (True, True, header.record_count)
    return records


def as_read(records: Sequence[NewRecord], *, magic: int = 2) -> list[Record]:
    return [
        Record(index, record.timestamp if magic else -1, record.key, record.value, record.headers)
        for index, record in enumerate(records)
    ]


@pytest.mark.parametrize(("client", "codec"), WITH_CODEC)
@settings(max_examples=30)
@given(records=RECORDS)
def test_batches_of_clients_are_read(client: str, codec: Compression, records: Sequence[NewRecord]) -> None:
    builder = V2_BUILDERS[client](
        magic=2,
        compression_type=int(codec),
        is_transactional=1,
        producer_id=7,
        producer_epoch=3,
        base_sequence=11,
        batch_size=1 << 20,
    )

    data = written_by(builder, records, headers=True)

    assert read_by_us(data) == as_read(records)
    ((header, _),) = batches(data)
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (7, 3, 11)
    assert header.is_transactional


@pytest.mark.parametrize(("client", "codec"), WITH_CODEC)
@settings(max_examples=30)
@given(records=RECORDS)
def test_clients_read_batches(client: str, codec: Compression, records: Sequence[NewRecord]) -> None:
    assert read_by(client, build_batch(records, compression=codec)) == as_read(records)


@pytest.mark.parametrize(("client", "codec", "magic"), LEGACY)
@settings(max_examples=20)
@given(records=LEGACY_RECORDS)
def test_messages_of_clients_are_read(
    client: str, codec: Compression, magic: int, records: Sequence[NewRecord]
) -> None:
    builder = LEGACY_BUILDERS[client](magic=magic, compression_type=int(codec), batch_size=1 << 20)

    data = written_by(builder, records, headers=False)

    assert read_by_us(data) == as_read(records, magic=magic)


def test_clients_read_control_batches() -> None:
    batch = build_batch([NewRecord(b"\0\0\0\1", bytes(6))], transactional=True, control=True, producer_id=4)

    for reader in READERS.values():
        read = reader(bytes(batch)).next_batch()
        assert read.is_control_batch
        assert read.is_transactional
