"""Batches of magic 2, written field by field: a new one around its records, or an existing one patched in place.

Source: DefaultRecordBatch.writeHeader, setLastOffset, setPartitionLeaderEpoch, setMaxTimestamp
"""

from struct import Struct, error

from kafka_conformance.protocol.errors import EncodeError, UnsupportedVersionError
from kafka_conformance.protocol.records.batch import (
    BATCH_OVERHEAD,
    HEADER,
    LOG_OVERHEAD,
    MAGIC_V2,
    NO_PARTITION_LEADER_EPOCH,
    NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID,
    NO_SEQUENCE,
    NO_TIMESTAMP,
    Buffer,
)
from kafka_conformance.protocol.records.crc32c import crc32c

_INT64 = Struct(">q")
_INT32 = Struct(">i")
_UINT32 = Struct(">I")
_INT16 = Struct(">h")
_MAGIC_POSITION = 16
_CRC_POSITION = 17
_ATTRIBUTES_POSITION = 21


def stamp_batch(
    view: bytearray | memoryview, *, base_offset: int | None = None, partition_leader_epoch: int | None = None
) -> None:
    """Write into a batch of magic 2 what its checksum does not cover."""
    _check_magic(view)
    if base_offset is not None:
        _pack_into(_INT64, view, 0, base_offset)
    if partition_leader_epoch is not None:
        _pack_into(_INT32, view, LOG_OVERHEAD, partition_leader_epoch)


def restamp(
    view: bytearray | memoryview,
    *,
    attributes: int | None = None,
    base_timestamp: int | None = None,
    max_timestamp: int | None = None,
    last_offset_delta: int | None = None,
    producer_id: int | None = None,
    producer_epoch: int | None = None,
    base_sequence: int | None = None,
    record_count: int | None = None,
) -> None:
    """Write into a batch of magic 2 what its checksum covers, and the new checksum; `view` is exactly the batch."""
    _check_magic(view)
    changes: tuple[tuple[Struct, int, int | None], ...] = (
        (_INT16, _ATTRIBUTES_POSITION, attributes),
        (_INT32, 23, last_offset_delta),
        (_INT64, 27, base_timestamp),
        (_INT64, 35, max_timestamp),
        (_INT64, 43, producer_id),
        (_INT16, 51, producer_epoch),
        (_INT32, 53, base_sequence),
        (_INT32, 57, record_count),
    )
    for field, position, value in changes:
        if value is not None:
            _pack_into(field, view, position, value)
    _UINT32.pack_into(view, _CRC_POSITION, crc32c(memoryview(view)[_ATTRIBUTES_POSITION:]))


def write_batch(
    body: Buffer,
    *,
    base_offset: int = 0,
    partition_leader_epoch: int = NO_PARTITION_LEADER_EPOCH,
    magic: int = MAGIC_V2,
    attributes: int = 0,
    last_offset_delta: int,
    base_timestamp: int = NO_TIMESTAMP,
    max_timestamp: int = NO_TIMESTAMP,
    producer_id: int = NO_PRODUCER_ID,
    producer_epoch: int = NO_PRODUCER_EPOCH,
    base_sequence: int = NO_SEQUENCE,
    record_count: int,
) -> bytearray:
    """A batch around `body` (records, compressed or not), with the right length and checksum and unchecked otherwise.

    `build_batch` makes consistent ones; this is for those who want to say something else. Raises EncodeError for a
    value that does not fit its field.
    """
    batch = bytearray(BATCH_OVERHEAD + len(body))
    batch[BATCH_OVERHEAD:] = body
    fields = (
        base_offset,
        len(batch) - LOG_OVERHEAD,
        partition_leader_epoch,
        magic,
        0,
        attributes,
        last_offset_delta,
        base_timestamp,
        max_timestamp,
        producer_id,
        producer_epoch,
        base_sequence,
        record_count,
    )
    _pack_into(HEADER, batch, 0, *fields)
    _UINT32.pack_into(batch, _CRC_POSITION, crc32c(memoryview(batch)[_ATTRIBUTES_POSITION:]))
    return batch


def _check_magic(view: bytearray | memoryview) -> None:
    if len(view) < BATCH_OVERHEAD or view[_MAGIC_POSITION] != MAGIC_V2:
        raise UnsupportedVersionError("only a batch of magic 2 can be stamped", position=_MAGIC_POSITION)


def _pack_into(field: Struct, view: bytearray | memoryview, position: int, *values: int) -> None:
    try:
        field.pack_into(view, position, *values)
    except error as wrong:
        raise EncodeError(f"a field of the batch header cannot hold its value: {wrong}") from None
