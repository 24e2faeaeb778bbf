"""What a Produce request holds for one partition: exactly one batch of magic 2, before any log looks at it.

Source: ProduceRequest.validateRecords, ByteBufferLogInputStream.nextBatchSize
"""

from struct import Struct

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import ProtocolError, TruncatedError, UnsupportedVersionError
from kafka_conformance.protocol.records import BatchHeader, Compression, read_batch_header
from kafka_conformance.protocol.records.batch import COMPRESSION_MASK, LOG_OVERHEAD, MAGIC_V2
from kafka_conformance.reference_broker.log.outcome import Refusal

FIRST_VERSION_WITH_ZSTD = 7
SMALLEST_RECORD_BYTES = 14

_LENGTH = Struct(">8xi")


def find_batch(records: memoryview, produce_version: int | None = None) -> BatchHeader | Refusal:
    """The header of the one batch in `records`, which begins them. Fewer than 12 bytes behind it do not matter.

    A refusal with a `message` is one for which Kafka refuses all partitions of the request, with that message: it has
    looked for transactional batches before. `produce_version` None is for records that came by no request.
    """
    try:
        header = read_batch_header(records)
    except TruncatedError:
        return Refusal(ErrorCode.INVALID_RECORD, "no whole batch")
    except ProtocolError as error:
        message = error.message if _ends_walk(records, error) else None
        return Refusal(ErrorCode.CORRUPT_MESSAGE, error.message, message)
    if header.size > len(records):
        return Refusal(ErrorCode.INVALID_RECORD, "the batch is cut off")
    if header.magic != MAGIC_V2:
        return Refusal(ErrorCode.INVALID_RECORD, f"magic {header.magic}")
    if produce_version is not None and not may_be_zstd(produce_version) and is_zstd(header):
        return Refusal(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, f"zstd in Produce {produce_version}")
    if len(records) - header.size >= LOG_OVERHEAD:
        return check_rest(records[header.size :]) or header
    return header


def may_be_zstd(produce_version: int) -> bool:
    """KIP-110."""
    return produce_version >= FIRST_VERSION_WITH_ZSTD


def is_zstd(header: BatchHeader) -> bool:
    """The codec, also next to attributes that mean nothing."""
    return header.attributes & COMPRESSION_MASK == Compression.ZSTD


def check_rest(rest: memoryview) -> Refusal | None:
    """What lies behind the batch must not be another one, nor the beginning of something that cannot be one."""
    try:
        size = read_batch_header(rest).size
    except TruncatedError:
        return None
    except ProtocolError as error:
        if _ends_walk(rest, error):
            return Refusal(ErrorCode.CORRUPT_MESSAGE, error.message)
        size = _length(rest) + LOG_OVERHEAD
    if size > len(rest):
        return None
    return Refusal(ErrorCode.INVALID_RECORD, "more than one batch")


def _length(records: memoryview) -> int:
    return int(_LENGTH.unpack_from(records)[0])


def _ends_walk(records: memoryview, error: ProtocolError) -> bool:
    """Kafka's walk over batches stops here; other contradictions it finds when it checks the batch."""
    return isinstance(error, UnsupportedVersionError) or _length(records) < SMALLEST_RECORD_BYTES
