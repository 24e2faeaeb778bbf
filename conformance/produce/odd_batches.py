"""Batches that no producer would send: one thing wrong in each, everything else, the checksum too, as it should be."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_conformance.protocol.records import (
    BATCH_OVERHEAD,
    BatchHeader,
    NewRecord,
    build_batch,
    read_batch_header,
    restamp,
    stamp_batch,
    write_batch,
)

MAGIC_POSITION = 16
CONTROL_BIT = 0x20
LOG_APPEND_TIME_BIT = 0x08


def with_header(batch: bytes | bytearray, **fields: int) -> bytes:
    """The batch with other values in fields that the checksum covers (those of `restamp`)."""
    changed = bytearray(batch)
    restamp(changed, **fields)
    return bytes(changed)


def with_attribute_bits(batch: bytes | bytearray, bits: int) -> bytes:
    """The batch with these bits set in its attributes, too."""
    return with_header(batch, attributes=read_batch_header(batch).attributes | bits)


def with_base_offset(batch: bytes | bytearray, base_offset: int) -> bytes:
    """The batch as if it lay at that offset."""
    changed = bytearray(batch)
    stamp_batch(changed, base_offset=base_offset)
    return bytes(changed)


def with_magic(batch: bytes | bytearray, magic: int) -> bytes:
    """The batch with another magic in the place where all formats have it."""
    changed = bytearray(batch)
    changed[MAGIC_POSITION] = magic
    return bytes(changed)


def body_of(batch: bytes | bytearray) -> bytes:
    """What lies behind the header: the records, compressed or not."""
    return bytes(batch[BATCH_OVERHEAD:])


def with_body(batch: bytes | bytearray, body: bytes) -> bytes:
    """The batch's header around another body."""
    header: BatchHeader = read_batch_header(batch)
    return bytes(
        write_batch(
            body,
            attributes=header.attributes,
            last_offset_delta=header.last_offset_delta,
            base_timestamp=header.base_timestamp,
            max_timestamp=header.max_timestamp,
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            base_sequence=header.base_sequence,
            record_count=header.record_count,
        )
    )


def concatenated(batches: Sequence[Sequence[NewRecord]]) -> bytes:
    """The batches one behind the other, as one record set."""
    return b"".join(build_batch(batch) for batch in batches)
