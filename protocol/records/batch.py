"""The header of a record batch, read and patched in place; batches in a buffer, one after the other.

Magic 2 has this header. A message of magic 0 or 1 is read into the same BatchHeader, as Kafka does, so that a fetched
log of any age can be walked in one way; see `read_batch_header`.

Source: DefaultRecordBatch, AbstractLegacyRecordBatch, ByteBufferLogInputStream; KIP-98, KIP-32, KIP-534
"""

from collections.abc import Iterator
from enum import IntEnum
from struct import Struct, error
from typing import NamedTuple, TypeAlias
from zlib import crc32

from kafka_conformance.protocol.errors import (
    CorruptBatchError,
    TruncatedError,
    UnsupportedVersionError,
)
from kafka_conformance.protocol.records.compression import Compression, compression_of
from kafka_conformance.protocol.records.crc32c import crc32c

Buffer: TypeAlias = bytes | bytearray | memoryview

MAGIC_V0, MAGIC_V1, MAGIC_V2 = 0, 1, 2
NO_TIMESTAMP = -1
NO_PRODUCER_ID = -1
NO_PRODUCER_EPOCH = -1
NO_SEQUENCE = -1
NO_PARTITION_LEADER_EPOCH = -1

LOG_OVERHEAD = 12
"""Bytes of the base offset and the length, which the length itself does not count."""
BATCH_OVERHEAD = 61
"""Bytes before the records of a batch of magic 2."""

COMPRESSION_MASK = 0x07
TIMESTAMP_TYPE_FLAG = 0x08
TRANSACTIONAL_FLAG = 0x10
CONTROL_FLAG = 0x20
DELETE_HORIZON_FLAG = 0x40

_MAX_SEQUENCE = 0x7FFFFFFF
_UP_TO_MAGIC = 17
_SMALLEST_RECORD = 14  # a message of magic 0 without key and value
_MAGIC_POSITION = 16
_ATTRIBUTES_POSITION = 21

HEADER = Struct(">qiibIhiqqqhii")
"""The fields of BatchHeader, in their order."""
_LENGTH_FIELD, _MAGIC_FIELD = 1, 3
_from_fields = tuple.__new__  # half the time of BatchHeader._make, and every Produce waits for it
_BEGINNING = Struct(">qiIb")  # base offset, length, CRC of a legacy message or leader epoch, magic
_LEGACY = Struct(">qiIbb")
_INT64 = Struct(">q")
_INT32 = Struct(">i")


class TimestampType(IntEnum):
    """Whose clock the timestamps are from."""

    NO_TIMESTAMP_TYPE = -1
    CREATE_TIME = 0
    LOG_APPEND_TIME = 1


class BatchHeader(NamedTuple):
    """The header of a batch as it stands on the wire; timestamps in milliseconds since 1970."""

    base_offset: int
    batch_length: int
    partition_leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @property
    def size(self) -> int:
        """Bytes of the whole batch, header included."""
        return self.batch_length + LOG_OVERHEAD

    @property
    def last_offset(self) -> int:
        """The offset of the last record that the batch had when it was written."""
        return self.base_offset + self.last_offset_delta

    @property
    def next_offset(self) -> int:
        """The base offset of the batch that follows in an uncompacted log."""
        return self.base_offset + self.last_offset_delta + 1

    @property
    def compression(self) -> Compression:
        """The codec; raises UnsupportedCompressionError for the codes that Kafka does not define."""
        return compression_of(self.attributes)

    @property
    def timestamp_type(self) -> TimestampType:
        """Magic 0 has no timestamps."""
        if self.magic == MAGIC_V0:
            return TimestampType.NO_TIMESTAMP_TYPE
        return TimestampType.LOG_APPEND_TIME if self.attributes & TIMESTAMP_TYPE_FLAG else TimestampType.CREATE_TIME

    @property
    def is_compressed(self) -> bool:
        """Also true for an unknown codec."""
        return self.attributes & COMPRESSION_MASK != 0

    @property
    def is_transactional(self) -> bool:
        """KIP-98."""
        return self.magic == MAGIC_V2 and self.attributes & TRANSACTIONAL_FLAG != 0

    @property
    def is_control(self) -> bool:
        """Whether the records are for Kafka itself: transaction markers, and what KRaft writes (KIP-98)."""
        return self.magic == MAGIC_V2 and self.attributes & CONTROL_FLAG != 0

    @property
    def has_delete_horizon(self) -> bool:
        """Whether `base_timestamp` is the time after which tombstones and markers may be deleted (KIP-534)."""
        return self.magic == MAGIC_V2 and self.attributes & DELETE_HORIZON_FLAG != 0

    @property
    def delete_horizon_ms(self) -> int | None:
        """The delete horizon, where there is one."""
        return self.base_timestamp if self.has_delete_horizon else None

    @property
    def has_producer_id(self) -> bool:
        """Whether an idempotent producer wrote the batch."""
        return self.producer_id > NO_PRODUCER_ID

    @property
    def last_sequence(self) -> int:
        """The sequence number of the last record, or -1 where there are none."""
        if self.base_sequence == NO_SEQUENCE:
            return NO_SEQUENCE
        return increment_sequence(self.base_sequence, self.last_offset_delta)


def increment_sequence(sequence: int, increment: int) -> int:
    """`sequence` + `increment`; after 2147483647 comes 0."""
    if sequence > _MAX_SEQUENCE - increment:
        return increment - (_MAX_SEQUENCE - sequence) - 1
    return sequence + increment


def read_batch_header(buffer: Buffer, position: int = 0) -> BatchHeader:
    """The header at `position`; the records need not be there.

    Of a message of magic 0 or 1 `base_offset` is the message's own offset, which for a compressed message is that of
    its last record (`last_offset_delta` is 0), and `record_count` is 1, or -1 if it is compressed and nobody knows.

    Raises TruncatedError if the header is cut off, UnsupportedVersionError for an unknown magic, CorruptBatchError for
    a length that is too small to be one. The messages are Kafka's: brokers pass them on to producers.
    """
    try:
        fields = HEADER.unpack_from(buffer, position)
    except error:
        return _read_unusual_header(buffer, position)
    if fields[_MAGIC_FIELD] == MAGIC_V2 and fields[_LENGTH_FIELD] >= BATCH_OVERHEAD - LOG_OVERHEAD:
        return _from_fields(BatchHeader, fields)
    return _read_unusual_header(buffer, position)


def _read_unusual_header(buffer: Buffer, position: int) -> BatchHeader:
    """Old, broken or incomplete headers, in the order of Kafka's checks."""
    left = len(buffer) - position
    if left < LOG_OVERHEAD:
        raise TruncatedError(f"a batch header begins, but only {left} bytes are left", position=position)
    (length,) = _INT32.unpack_from(buffer, position + 8)
    if length < _SMALLEST_RECORD:
        raise CorruptBatchError(
            f"Record size {length} is less than the minimum record overhead ({_SMALLEST_RECORD})", position=position + 8
        )
    if left < _UP_TO_MAGIC:
        raise TruncatedError(f"a batch header begins, but only {left} bytes are left", position=position)
    magic = _BEGINNING.unpack_from(buffer, position)[3]
    if not MAGIC_V0 <= magic <= MAGIC_V2:
        raise UnsupportedVersionError(f"Invalid magic found in record: {magic}", position=position + _MAGIC_POSITION)
    if magic < MAGIC_V2:
        return _read_legacy_header(buffer, position)
    if length < BATCH_OVERHEAD - LOG_OVERHEAD:
        raise CorruptBatchError(
            f"Record batch is corrupt (the size {length + LOG_OVERHEAD} is smaller than the minimum allowed overhead"
            f" {BATCH_OVERHEAD})",
            position=position + 8,
        )
    raise TruncatedError(f"a batch header begins, but only {left} bytes are left", position=position)


def _read_legacy_header(buffer: Buffer, position: int) -> BatchHeader:
    try:
        offset, length, crc, magic, attributes = _LEGACY.unpack_from(buffer, position)
        timestamp = _INT64.unpack_from(buffer, position + 18)[0] if magic == MAGIC_V1 else NO_TIMESTAMP
    except error:
        left = len(buffer) - position
        raise TruncatedError(f"a message begins, but only {left} bytes are left", position=position) from None
    return BatchHeader(
        base_offset=offset,
        batch_length=length,
        partition_leader_epoch=NO_PARTITION_LEADER_EPOCH,
        magic=magic,
        crc=crc,
        attributes=attributes,
        last_offset_delta=0,
        base_timestamp=timestamp,
        max_timestamp=timestamp,
        producer_id=NO_PRODUCER_ID,
        producer_epoch=NO_PRODUCER_EPOCH,
        base_sequence=NO_SEQUENCE,
        record_count=-1 if attributes & COMPRESSION_MASK else 1,
    )


def batches(buffer: Buffer) -> Iterator[tuple[BatchHeader, memoryview]]:
    """The batches in `buffer`, each with a view of exactly its bytes.

    Stops before a batch that is not there as a whole, since a fetch answer may be cut off anywhere. Raises as
    `read_batch_header` does, except TruncatedError. Checksums are not looked at.
    """
    view = memoryview(buffer)
    position = 0
    while True:
        try:
            header = read_batch_header(view, position)
        except TruncatedError:
            return
        end = position + header.batch_length + LOG_OVERHEAD
        if end > len(view):
            return
        yield header, view[position:end]
        position = end


def verify_crc(header: BatchHeader, view: Buffer) -> bool:
    """Whether the checksum of the batch that begins `view` is right; false too if the batch is not there as a whole."""
    end = header.batch_length + LOG_OVERHEAD
    if len(view) < end:
        return False
    if header.magic == MAGIC_V2:
        return crc32c(memoryview(view)[_ATTRIBUTES_POSITION:end]) == header.crc
    return crc32(memoryview(view)[_MAGIC_POSITION:end]) == header.crc
