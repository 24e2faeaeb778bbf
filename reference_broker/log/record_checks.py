"""Single records for which a batch is refused: null keys in a compacted topic, timestamps out of range.

Source: LogValidator.validateRecord, validateKey, validateTimestamp, processRecordErrors
"""

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import (
    NO_TIMESTAMP,
    BatchHeader,
    Record,
    RecordScan,
    records_of,
)
from kafka_conformance.protocol.records.batch import TIMESTAMP_TYPE_FLAG
from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.log.outcome import RecordError, Refusal

SHOWN_ERRORS = 3


class RecordChecks:
    """The scan says whether there can be an error at all; only then are the records looked at one by one."""

    def __init__(self, config: LogConfig, topic_partition: str) -> None:
        self.config = config
        self.topic_partition = topic_partition

    def check(self, header: BatchHeader, view: memoryview, scan: RecordScan, now_ms: int) -> Refusal | None:
        """All records with something wrong, at most one error for each: the key's before the timestamp's."""
        keys = bool(scan.null_keys) and self.requires_keys()
        timestamps = self.may_refuse_timestamps(header, scan, now_ms)
        if not keys and not timestamps:
            return None
        key_errors: list[RecordError] = []
        timestamp_errors: list[RecordError] = []
        for index, record in enumerate(records_of(header, view)):
            if keys and record.key is None:
                key_errors.append(RecordError(index, self.null_key_message()))
            elif timestamps and not self.is_timestamp_allowed(header, record, now_ms):
                timestamp_errors.append(RecordError(index, self.timestamp_message(header, record, now_ms)))
        return self.refuse(key_errors, timestamp_errors)

    def requires_keys(self) -> bool:
        """A compacted topic keeps the last value of each key."""
        return self.config.is_compacted

    def may_refuse_timestamps(self, header: BatchHeader, scan: RecordScan, now_ms: int) -> bool:
        """Is there a timestamp at all that may be refused?"""
        if header.attributes & TIMESTAMP_TYPE_FLAG:
            return True
        return not self.config.is_log_append_time and not (
            self.is_in_range(scan.min_timestamp, now_ms) and self.is_in_range(scan.max_timestamp, now_ms)
        )

    def is_timestamp_allowed(self, header: BatchHeader, record: Record, now_ms: int) -> bool:
        """In range, or none; clients must not say LogAppendTime, which only passes where the topic ignores it."""
        if not self.config.is_log_append_time and record.timestamp != NO_TIMESTAMP:
            return self.is_in_range(record.timestamp, now_ms)
        return not header.attributes & TIMESTAMP_TYPE_FLAG

    def is_in_range(self, timestamp: int, now_ms: int) -> bool:
        """message.timestamp.before.max.ms and message.timestamp.after.max.ms, counted from the broker's clock."""
        return (
            now_ms - timestamp <= self.config.message_timestamp_before_max_ms
            and timestamp - now_ms <= self.config.message_timestamp_after_max_ms
        )

    def null_key_message(self) -> str:
        """As Kafka says it."""
        return f"Compacted topic cannot accept message without key in topic partition {self.topic_partition}"

    def timestamp_message(self, header: BatchHeader, record: Record, now_ms: int) -> str:
        """As Kafka says it."""
        if header.attributes & TIMESTAMP_TYPE_FLAG:
            return (
                f"Invalid timestamp type in message {_describe(record)}. Producer should not set timestamp type to "
                "LogAppendTime."
            )
        first = _int64(now_ms - self.config.message_timestamp_before_max_ms)
        last = _int64(now_ms + self.config.message_timestamp_after_max_ms)
        return (
            f"Timestamp {record.timestamp} of message with offset {record.offset} is out of range. "
            f"The timestamp should be within [{first}, {last}]"
        )

    def refuse(self, key_errors: list[RecordError], timestamp_errors: list[RecordError]) -> Refusal | None:
        """One answer for all: INVALID_TIMESTAMP if a timestamp is among the reasons."""
        errors = tuple(sorted([*key_errors, *timestamp_errors]))
        if not errors:
            return None
        if timestamp_errors:
            message = "One or more records have been rejected due to invalid timestamp"
            return Refusal(ErrorCode.INVALID_TIMESTAMP, message, message, errors)
        shown = ", ".join(
            f"RecordError(batchIndex={error.batch_index}, message='{error.message}')" for error in errors[:SHOWN_ERRORS]
        )
        message = (
            f"One or more records have been rejected due to {len(errors)} record errors in total, and only showing the "
            f"first three errors at most: [{shown}]"
        )
        return Refusal(ErrorCode.INVALID_RECORD, message, message, errors)


def _describe(record: Record) -> str:
    key, value = len(record.key or b""), len(record.value or b"")
    return f"DefaultRecord(offset={record.offset}, timestamp={record.timestamp}, key={key} bytes, value={value} bytes)"


def _int64(value: int) -> int:
    """As Java adds: now + Long.MAX_VALUE is negative."""
    return (value + 2**63) % 2**64 - 2**63
