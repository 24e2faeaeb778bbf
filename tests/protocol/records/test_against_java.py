"""Batches that Apache Kafka itself wrote, with the records that it read back from them."""

import json
from pathlib import Path
from typing import Any

import pytest

from kafka_conformance.protocol.records import (
    BatchHeader,
    Compression,
    EndTxnMarker,
    NewRecord,
    Record,
    batch_body,
    batches,
    build_batch,
    compress,
    read_batch_header,
    records_of,
    scan_records,
    verify_crc,
)

VECTORS: dict[str, dict[str, Any]] = {
    vector["name"]: vector
    for vector in json.loads(Path(__file__).with_name("java_batches.json").read_text())["vectors"]
}


def from_hex(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def records_in(vector: dict[str, Any]) -> list[Record]:
    return [
        Record(
            offset,
            timestamp,
            from_hex(key),
            from_hex(value),
            tuple((bytes.fromhex(name).decode(), from_hex(content)) for name, content in headers),
            sequence,
        )
        for offset, timestamp, sequence, key, value, headers in vector["records"]
    ]


@pytest.mark.parametrize("name", VECTORS)
def test_what_java_wrote_is_read_as_java_reads_it(name: str) -> None:
    found = list(batches(bytes.fromhex(VECTORS[name]["batches"])))

    assert all(verify_crc(header, view) for header, view in found)
    assert [record for header, view in found for record in records_of(header, view)] == records_in(VECTORS[name])


@pytest.mark.parametrize("name", [name for name in VECTORS if name.startswith("magic 2")])
def test_a_scan_sees_the_structure_of_what_java_wrote(name: str) -> None:
    ((header, view),) = batches(bytes.fromhex(VECTORS[name]["batches"]))
    records = records_in(VECTORS[name])

    seen = scan_records(header, batch_body(header, view))

    assert (seen.record_count, seen.max_timestamp) == (len(records), max(record.timestamp for record in records))
    assert (seen.null_keys, seen.in_sequence, seen.lengths_match) == (1, True, True)


def header_of(vector: dict[str, Any]) -> BatchHeader:
    return read_batch_header(bytes.fromhex(vector["batches"]))


def rebuilt(vector: dict[str, Any], **more: Any) -> bytes:
    header = header_of(vector)
    records = [NewRecord(r.key, r.value, r.headers, r.timestamp) for r in records_in(vector)]
    return bytes(
        build_batch(
            records,
            base_offset=header.base_offset,
            partition_leader_epoch=header.partition_leader_epoch,
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            base_sequence=header.base_sequence,
            **more,
        )
    )


def test_a_plain_batch_is_written_byte_for_byte_as_java_writes_it() -> None:
    assert rebuilt(VECTORS["magic 2, none"]).hex() == VECTORS["magic 2, none"]["batches"]
    transactional = VECTORS["magic 2, none, transactional"]
    assert rebuilt(transactional, transactional=True).hex() == transactional["batches"]


@pytest.mark.parametrize("commit", [True, False])
def test_the_end_of_a_transaction_is_written_byte_for_byte_as_java_writes_it(commit: bool) -> None:
    vector = VECTORS["commit marker" if commit else "abort marker"]
    marker = EndTxnMarker(commit, coordinator_epoch=9)
    batch = build_batch(
        [NewRecord(marker.key, marker.value, (), 1700000000000)],
        base_offset=2000,
        partition_leader_epoch=5,
        producer_id=77,
        producer_epoch=3,
        transactional=True,
        control=True,
    )

    assert batch.hex() == vector["batches"]
    (record,) = records_in(vector)
    assert EndTxnMarker.parse(record.key, record.value) == marker


@pytest.mark.parametrize(
    ("codec", "beginning"),
    [(Compression.GZIP, 10), (Compression.SNAPPY, 16), (Compression.LZ4, 7), (Compression.ZSTD, 4)],
)
def test_a_compressed_body_begins_as_java_begins_it(codec: Compression, beginning: int) -> None:
    java = bytes.fromhex(VECTORS[f"magic 2, {codec.name.lower()}"]["batches"])[61:]

    assert compress(codec, b"anything")[:beginning] == java[:beginning]
