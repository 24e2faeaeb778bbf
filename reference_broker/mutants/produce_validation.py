"""Defects of validation: batches are taken that should be refused, or refused with the wrong words."""

from __future__ import annotations

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.produce import PartitionProduceData, ProduceRequest
from kafka_conformance.protocol.records import (
    BATCH_OVERHEAD,
    NO_TIMESTAMP,
    BatchHeader,
    Compression,
    Record,
    RecordScan,
    batch_body,
    read_batch_header,
    records_of,
    restamp,
    scan_records,
)
from kafka_conformance.protocol.records.batch import COMPRESSION_MASK, MAGIC_V2
from kafka_conformance.reference_broker.apis.produce import Found, ProduceRules
from kafka_conformance.reference_broker.log.outcome import AppendInfo, AppendOrigin, RecordError, Refusal
from kafka_conformance.reference_broker.log.record_checks import RecordChecks
from kafka_conformance.reference_broker.log.validator import LogValidator, Placement, ValidBatch
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.partition import Partition

MAGIC_POSITION = 16


@mutant("produce/takes-the-first-batch", violates="produce/validation/one-batch-per-partition")
class TakesTheFirstBatch(ProduceRules):
    """Of several batches for a partition the first is appended and the others are lost."""

    @override
    def find_batch(self, partition: PartitionProduceData, version: int) -> Found:
        found = super().find_batch(partition, version)
        if isinstance(found, Refusal) and found.reason == "more than one batch":
            assert isinstance(partition.records, memoryview)
            partition.records = partition.records[: read_batch_header(partition.records).size]
            return super().find_batch(partition, version)
        return found


@mutant("produce/cut-is-corrupt", violates="produce/validation/no-whole-batch")
class CutIsCorrupt(ProduceRules):
    """A batch that is cut off is answered CORRUPT_MESSAGE."""

    @override
    def find_batch(self, partition: PartitionProduceData, version: int) -> Found:
        found = super().find_batch(partition, version)
        if isinstance(found, Refusal) and found.reason in ("no whole batch", "the batch is cut off"):
            return Refusal(ErrorCode.CORRUPT_MESSAGE, found.reason)
        return found


@mutant("produce/unknown-magic-is-invalid", violates="produce/validation/unknown-magic")
class UnknownMagicIsInvalid(ProduceRules):
    """A magic that does not exist is answered INVALID_RECORD."""

    @override
    def find_batch(self, partition: PartitionProduceData, version: int) -> Found:
        if _magic(partition) > MAGIC_V2:
            return Refusal(ErrorCode.INVALID_RECORD, "an unknown magic")
        return super().find_batch(partition, version)


@mutant("produce/old-magic-is-corrupt", violates="produce/validation/old-magic")
class OldMagicIsCorrupt(ProduceRules):
    """A magic of the past is answered CORRUPT_MESSAGE."""

    @override
    def find_batch(self, partition: PartitionProduceData, version: int) -> Found:
        if _magic(partition) < MAGIC_V2:
            return Refusal(ErrorCode.CORRUPT_MESSAGE, "an old magic")
        return super().find_batch(partition, version)


def _magic(partition: PartitionProduceData) -> int:
    records = partition.records
    return records[MAGIC_POSITION] if isinstance(records, memoryview) and len(records) > MAGIC_POSITION else MAGIC_V2


@mutant("produce/base-offset-unchecked", violates="produce/validation/base-offset-is-zero")
class BaseOffsetUnchecked(LogValidator):
    """A producer may begin to count at any offset."""

    @override
    def check_base_offset(self, header: BatchHeader) -> Refusal | None:
        return None


@mutant("produce/crc-unchecked", violates="produce/validation/bad-crc-is-refused")
class CrcUnchecked(LogValidator):
    """Checksums are not looked at."""

    @override
    def check_crc(self, header: BatchHeader, view: memoryview) -> Refusal | None:
        return None


@mutant("produce/count-unchecked", violates="produce/validation/count-matches-offsets")
class CountUnchecked(LogValidator):
    """The count of a batch and its offsets may differ."""

    @override
    def check_count(self, header: BatchHeader) -> Refusal | None:
        return None


@mutant("produce/believes-the-count", violates="produce/validation/count-matches-records")
class BelievesTheCount(LogValidator):
    """Nobody looks whether there are as many records as the batch counts."""

    @staticmethod
    @override
    def scan(header: BatchHeader, view: memoryview) -> RecordScan:
        plain = header.attributes & COMPRESSION_MASK == 0
        body = view[BATCH_OVERHEAD:] if plain else batch_body(header, view)
        return scan_records(header._replace(record_count=_count(header, body)), body)


def _count(header: BatchHeader, body: memoryview | bytes) -> int:
    for count in range(1, len(body)):
        try:
            scan_records(header._replace(record_count=count), body)
        except ValueError:
            continue
        return count
    return header.record_count


@mutant("produce/record-lengths-unchecked", violates="produce/validation/malformed-record")
class RecordLengthsUnchecked(LogValidator):
    """A record need not be as long as it says."""

    @override
    def check_lengths(self, scan: RecordScan) -> Refusal | None:
        return None


@mutant("produce/control-batches-taken", violates="produce/validation/control-batch")
class ControlBatchesTaken(LogValidator):
    """Clients may write control records."""

    @override
    def check_control(self, header: BatchHeader) -> Refusal | None:
        return None


@mutant("produce/transactional-without-id-taken", violates="produce/validation/transactional-without-id")
class TransactionalWithoutIdTaken(ProduceRules):
    """Transactional records need no transactional id."""

    @override
    def refusal_of_all(self, request: ProduceRequest, found: list[list[Found]]) -> Refusal | None:
        return None


@mutant("produce/bodies-unread", violates="produce/validation/compressed-garbage")
class BodiesUnread(LogValidator):
    """Compressed batches are stored without being decompressed."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        if header.attributes & COMPRESSION_MASK == 0:
            return super().validate_records(header, view, place)
        unseen = RecordScan(header.record_count, header.max_timestamp, 0, NO_TIMESTAMP, 0, True, True)
        self.stamp(header, view, unseen, place)
        return ValidBatch(read_batch_header(view), view)


@mutant("produce/unknown-codec-is-plain", violates="produce/validation/unknown-codec")
class UnknownCodecIsPlain(ProduceRules):
    """A codec that does not exist is taken for none."""

    @override
    def find_batch(self, partition: PartitionProduceData, version: int) -> Found:
        found = super().find_batch(partition, version)
        if not isinstance(found, Refusal) and found.attributes & COMPRESSION_MASK > Compression.ZSTD:
            assert isinstance(partition.records, memoryview)
            restamp(partition.records[: found.size], attributes=found.attributes & ~COMPRESSION_MASK)
            return super().find_batch(partition, version)
        return found


@mutant("produce/old-zstd-is-invalid", violates="produce/validation/zstd-in-old-versions")
class OldZstdIsInvalid(ProduceRules):
    """Zstd in an old version is answered INVALID_RECORD."""

    @override
    def find_batch(self, partition: PartitionProduceData, version: int) -> Found:
        found = super().find_batch(partition, version)
        if isinstance(found, Refusal) and found.error is ErrorCode.UNSUPPORTED_COMPRESSION_TYPE:
            return found._replace(error=ErrorCode.INVALID_RECORD)
        return found


@mutant("produce/null-keys-compacted", violates="produce/validation/null-key-in-compacted-topic")
class NullKeysCompacted(RecordChecks):
    """A compacted topic takes records without a key."""

    @override
    def requires_keys(self) -> bool:
        return False


@mutant("produce/one-record-error", violates="produce/validation/null-key-in-compacted-topic")
class OneRecordError(RecordChecks):
    """Of the records that are refused only the first is named."""

    @override
    def refuse(self, key_errors: list[RecordError], timestamp_errors: list[RecordError]) -> Refusal | None:
        refusal = super().refuse(key_errors, timestamp_errors)
        return refusal and refusal._replace(record_errors=refusal.record_errors[:1])


@mutant("produce/empty-key-is-none", violates="produce/validation/empty-key-in-compacted-topic")
class EmptyKeyIsNone(RecordChecks):
    """A compacted topic refuses empty keys as if they were none."""

    @override
    def check(self, header: BatchHeader, view: memoryview, scan: RecordScan, now_ms: int) -> Refusal | None:
        if self.requires_keys() and any(record.key == b"" for record in records_of(header, view)):
            return Refusal(ErrorCode.INVALID_RECORD, "an empty key")
        return super().check(header, view, scan, now_ms)


@mutant("produce/any-size-taken", violates="produce/validation/larger-than-max-message-bytes")
class AnySizeTaken(LogValidator):
    """Batches may be larger than max.message.bytes."""

    @override
    def check_size(self, size: int) -> Refusal | None:
        return None


@mutant("produce/largest-size-refused", violates="produce/validation/larger-than-max-message-bytes")
class LargestSizeRefused(LogValidator):
    """A batch of exactly max.message.bytes is refused."""

    @override
    def check_size(self, size: int) -> Refusal | None:
        return super().check_size(size + 1)


@mutant("produce/segment-is-a-message", violates="produce/validation/larger-than-segment")
class SegmentIsAMessage(Partition):
    """A batch that fits into no segment is answered MESSAGE_TOO_LARGE."""

    @override
    def tell_append(self, outcome: AppendInfo | Refusal, origin: AppendOrigin) -> AppendInfo | Refusal:
        if isinstance(outcome, Refusal) and outcome.error is ErrorCode.RECORD_LIST_TOO_LARGE:
            return outcome._replace(error=ErrorCode.MESSAGE_TOO_LARGE)
        return outcome


@mutant("produce/past-is-unbounded", violates="produce/validation/timestamp-out-of-range")
class PastIsUnbounded(RecordChecks):
    """Timestamps may be as old as they like."""

    @override
    def is_in_range(self, timestamp: int, now_ms: int) -> bool:
        return timestamp - now_ms <= self.config.message_timestamp_after_max_ms


@mutant("produce/future-is-unbounded", violates="produce/validation/timestamp-out-of-range")
class FutureIsUnbounded(RecordChecks):
    """Timestamps may lie in any future."""

    @override
    def is_in_range(self, timestamp: int, now_ms: int) -> bool:
        return now_ms - timestamp <= self.config.message_timestamp_before_max_ms


@mutant("produce/clients-say-append-time", violates="produce/validation/log-append-time-by-a-client")
class ClientsSayAppendTime(RecordChecks):
    """A client may mark its batch as LogAppendTime."""

    @override
    def is_timestamp_allowed(self, header: BatchHeader, record: Record, now_ms: int) -> bool:
        if self.config.is_log_append_time or record.timestamp == NO_TIMESTAMP:
            return True
        return self.is_in_range(record.timestamp, now_ms)
