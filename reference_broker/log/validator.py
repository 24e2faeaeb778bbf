"""Is this batch fit for the log, and what does the log make of it?

In Kafka's order: base offset, size, checksum, codec; counts, control bits, sequences; each record's structure, key and
timestamp. Then the batch is stamped in place, or built again in the codec of the topic. Each check answers None or why
not, so that one can be taken out alone.

In a plain batch the deltas of the records are not checked, in a compressed one their lengths are not; a batch that is
built again gets new deltas. All that was observed on 4.3.1.

Source: LogValidator, UnifiedLog.analyzeAndValidateRecords
"""

from struct import Struct
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import CorruptBatchError
from kafka_conformance.protocol.records import (
    NO_PRODUCER_ID,
    NO_TIMESTAMP,
    BatchHeader,
    Compression,
    DecompressionError,
    NewRecord,
    RecordScan,
    batch_body,
    build_batch,
    read_batch_header,
    records_of,
    restamp,
    scan_records,
    verify_crc,
)
from kafka_conformance.protocol.records.batch import BATCH_OVERHEAD, COMPRESSION_MASK, TIMESTAMP_TYPE_FLAG
from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.log.outcome import AppendOrigin, Refusal
from kafka_conformance.reference_broker.log.record_checks import RecordChecks

_PLACE = Struct(">qii")
"""The first three fields of a batch: base offset, length, leader epoch. Its checksum does not cover them."""


class ValidBatch(NamedTuple):
    """A batch as it will be stored."""

    header: BatchHeader
    view: memoryview


class Placement(NamedTuple):
    """Where and when a batch comes to lie."""

    base_offset: int
    leader_epoch: int
    now_ms: int


class LogValidator:
    """The rules of one topic's configuration."""

    def __init__(
        self, config: LogConfig, topic_partition: str, record_checks: type[RecordChecks] = RecordChecks
    ) -> None:
        self.config = config
        self.records = record_checks(config, topic_partition)
        self._timestamp_flag = TIMESTAMP_TYPE_FLAG if config.is_log_append_time else 0

    def check_batch(self, header: BatchHeader, view: memoryview, origin: AppendOrigin) -> Refusal | None:
        """What can be said without looking at the records; `view` is exactly the batch, as it came."""
        from_client = origin is AppendOrigin.CLIENT
        return (
            (self.check_base_offset(header) if from_client else None)
            or self.check_size(header.size)
            or self.check_crc(header, view)
            or self.check_codec(header)
            or (self.check_client_batch(header) if from_client else None)
        )

    def check_client_batch(self, header: BatchHeader) -> Refusal | None:
        """What Kafka believes of its own coordinators but not of clients (LogValidator.validateBatch)."""
        return self.check_count(header) or self.check_control(header) or self.check_base_sequence(header)

    def check_base_offset(self, header: BatchHeader) -> Refusal | None:
        """Producers count from 0."""
        if header.base_offset == 0:
            return None
        return Refusal(ErrorCode.INVALID_RECORD, f"base offset {header.base_offset}, should be 0")

    def check_size(self, size: int) -> Refusal | None:
        """max.message.bytes counts the whole batch, its first 12 bytes included."""
        if size <= self.config.max_message_bytes:
            return None
        reason = f"{size} bytes, max.message.bytes is {self.config.max_message_bytes}"
        return Refusal(ErrorCode.MESSAGE_TOO_LARGE, reason)

    def check_crc(self, header: BatchHeader, view: memoryview) -> Refusal | None:
        """The checksum."""
        if verify_crc(header, view):
            return None
        return Refusal(ErrorCode.CORRUPT_MESSAGE, f"the batch has not the checksum {header.crc} that it names")

    def check_codec(self, header: BatchHeader) -> Refusal | None:
        """Codes 5 to 7 are an unexpected exception in Kafka."""
        code = header.attributes & COMPRESSION_MASK
        if code <= Compression.ZSTD:
            return None
        return Refusal(ErrorCode.UNKNOWN_SERVER_ERROR, f"unknown compression code {code}")

    def check_count(self, header: BatchHeader) -> Refusal | None:
        """At least one record, and as many as there are offsets."""
        if header.record_count == header.last_offset_delta + 1 > 0:
            return None
        return Refusal(
            ErrorCode.INVALID_RECORD,
            f"{header.record_count} records with a last offset delta of {header.last_offset_delta}",
        )

    def check_control(self, header: BatchHeader) -> Refusal | None:
        """Control records are Kafka's own."""
        return Refusal(ErrorCode.INVALID_RECORD, "a control batch from a client") if header.is_control else None

    def check_base_sequence(self, header: BatchHeader) -> Refusal | None:
        """A producer id comes with a sequence."""
        if header.base_sequence >= 0 or header.producer_id == NO_PRODUCER_ID:
            return None
        return Refusal(ErrorCode.INVALID_RECORD, f"sequence {header.base_sequence} of producer {header.producer_id}")

    def keeps_codec(self, header: BatchHeader) -> bool:
        """Is the batch stored as it came? Plain control batches are not compressed."""
        target = self.config.compression
        source = header.attributes & COMPRESSION_MASK
        return target is None or target == source or (header.is_control and source == Compression.NONE)

    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        """Check the records, and make of the batch what is stored at `place`; `view` must be writable.

        The batch in `view` is changed in place unless it must be compressed anew.
        """
        stays = self.keeps_codec(header)
        try:
            refusal = None
            scan = self.scan(header, view)
            if header.attributes & COMPRESSION_MASK == 0 or not stays:
                refusal = self.check_lengths(scan)
            refusal = refusal or self.records.check(header, view, scan, place.now_ms)
            if refusal is None and stays and header.attributes & COMPRESSION_MASK:
                refusal = self.check_inner_offsets(scan)
            if refusal is not None:
                return refusal
            if not stays:
                return self.rebuild(header, view, place)
        except DecompressionError as error:
            return Refusal(ErrorCode.UNKNOWN_SERVER_ERROR, error.message)
        except CorruptBatchError as error:
            return Refusal(ErrorCode.INVALID_RECORD, error.message)
        self.stamp(header, view, scan, place)
        return ValidBatch(read_batch_header(view), view)

    @staticmethod
    def scan(header: BatchHeader, view: memoryview) -> RecordScan:
        """Walk over the records. Raises CorruptBatchError, for the codec DecompressionError."""
        plain = header.attributes & COMPRESSION_MASK == 0
        return scan_records(header, view[BATCH_OVERHEAD:] if plain else batch_body(header, view))

    def check_lengths(self, scan: RecordScan) -> Refusal | None:
        """Each record ends where its length says."""
        return None if scan.lengths_match else Refusal(ErrorCode.INVALID_RECORD, "a record is not as long as it says")

    def check_inner_offsets(self, scan: RecordScan) -> Refusal | None:
        """Kafka wants to build such a batch again and fails: it has not read the keys and values."""
        return None if scan.in_sequence else Refusal(ErrorCode.UNKNOWN_SERVER_ERROR, "deltas are not 0, 1, 2 ...")

    def stamp(self, header: BatchHeader, view: memoryview, scan: RecordScan, place: Placement) -> None:
        """Write into the batch what the log knows better than the producer."""
        max_timestamp = self.max_timestamp(scan, place.now_ms)
        if header.max_timestamp != max_timestamp or header.attributes & TIMESTAMP_TYPE_FLAG != self._timestamp_flag:
            restamp(view, attributes=self.stored_attributes(header), max_timestamp=max_timestamp)
        _PLACE.pack_into(view, 0, place.base_offset, header.batch_length, place.leader_epoch)

    def max_timestamp(self, scan: RecordScan, now_ms: int) -> int:
        """The records', not the header's; with LogAppendTime the broker's clock."""
        return now_ms if self.config.is_log_append_time else max(scan.max_timestamp, NO_TIMESTAMP)

    def stored_attributes(self, header: BatchHeader) -> int:
        """The topic's timestamp type; bits without a meaning are dropped (DefaultRecordBatch.computeAttributes)."""
        return header.attributes & 0x7F & ~TIMESTAMP_TYPE_FLAG | self._timestamp_flag

    def rebuild(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        """The records in the topic's codec, with new offset deltas; everything else stays."""
        target = header.compression if self.config.compression is None else self.config.compression
        records = [NewRecord(*record[2:5], timestamp=record.timestamp) for record in records_of(header, view)]
        if any(record.timestamp < NO_TIMESTAMP for record in records):
            return Refusal(ErrorCode.UNKNOWN_SERVER_ERROR, "a negative timestamp in a batch that is built again")
        batch = memoryview(
            build_batch(
                records,
                base_offset=place.base_offset,
                partition_leader_epoch=place.leader_epoch,
                compression=target,
                level=self.config.compression_level(target),
                timestamp_type=self.config.timestamp_type,
                producer_id=header.producer_id,
                producer_epoch=header.producer_epoch,
                base_sequence=header.base_sequence,
                transactional=header.is_transactional,
                max_timestamp=place.now_ms if self.config.is_log_append_time else None,
            )
        )
        return self.check_size(len(batch)) or ValidBatch(read_batch_header(batch), batch)
