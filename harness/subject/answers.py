"""What helpers give back: the part of an answer that is about one partition, with Kafka's names and typed errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.messages.fetch import FetchResponse, PartitionData
from kafka_conformance.protocol.messages.list_offsets import ListOffsetsPartitionResponse
from kafka_conformance.protocol.messages.produce import PartitionProduceResponse
from kafka_conformance.protocol.records.batch import BatchHeader, batches
from kafka_conformance.protocol.records.control import ControlRecordType, control_record_type
from kafka_conformance.protocol.records.record import records_of
from kafka_conformance.protocol.records.types import Record


@dataclass(frozen=True)
class Produced:
    """The answer to one batch. `batch` is what was sent, byte for byte."""

    response: PartitionProduceResponse
    batch: bytes

    @property
    def error(self) -> ErrorCode:
        """NONE: acknowledged."""
        return error_code(self.response.error_code)

    @property
    def base_offset(self) -> int:
        """The offset that the first record got; -1 with an error."""
        return self.response.base_offset

    @property
    def log_append_time_ms(self) -> int:
        """The broker's time with LogAppendTime, else -1."""
        return self.response.log_append_time_ms

    @property
    def log_start_offset(self) -> int:
        """The first offset of the log; -1 where the log was not reached."""
        return self.response.log_start_offset

    @property
    def record_errors(self) -> list[int]:
        """Which records of the batch were refused, by their place in it (from version 8)."""
        return [entry.batch_index for entry in self.response.record_errors]

    @property
    def error_message(self) -> str | None:
        """The broker's words (from version 8)."""
        return self.response.error_message

    def __repr__(self) -> str:
        return f"Produced({self.error.name}, base_offset={self.base_offset})"


@dataclass(frozen=True)
class Fetched:
    """The answer for one partition; `response` is the whole message."""

    partition: PartitionData
    response: FetchResponse

    @property
    def error(self) -> ErrorCode:
        """The partition's error."""
        return error_code(self.partition.error_code)

    @property
    def high_watermark(self) -> int:
        """The offset behind the last record that is replicated."""
        return self.partition.high_watermark

    @property
    def last_stable_offset(self) -> int:
        """The first offset of the earliest open transaction, else the high watermark."""
        return self.partition.last_stable_offset

    @property
    def log_start_offset(self) -> int:
        """The first offset of the log."""
        return self.partition.log_start_offset

    @property
    def aborted_transactions(self) -> list[tuple[int, int]] | None:
        """(producer id, first offset) of each; None for read_uncommitted."""
        listed = self.partition.aborted_transactions
        return None if listed is None else [(entry.producer_id, entry.first_offset) for entry in listed]

    @property
    def raw(self) -> bytes:
        """The record set as it came; empty for none."""
        records = self.partition.records
        if isinstance(records, (bytes, bytearray, memoryview)):
            return bytes(records)
        return b"".join(bytes(part) for part in records or ())

    @cached_property
    def batches(self) -> list[tuple[BatchHeader, memoryview]]:
        """The whole batches; a cut tail is left out. Raises ConformanceViolation if they cannot be read."""
        try:
            return list(batches(self.raw))
        except ProtocolError as error:
            raise _unreadable("batches", error) from error

    @cached_property
    def records(self) -> list[Record]:
        """All records of all whole batches but control batches, also those below the offset that was asked for.

        Raises ConformanceViolation if they cannot be read.
        """
        data = [(header, view) for header, view in self.batches if not header.is_control]
        try:
            return [record for header, view in data for record in records_of(header, view)]
        except ProtocolError as error:
            raise _unreadable("records", error) from error

    @property
    def visible_records(self) -> list[Record]:
        """What a consumer hands on: at read_committed without the records of aborted transactions.

        As consumers do it: an aborted transaction of a producer id lasts from its first offset to its abort marker.
        """
        aborted = sorted((first, producer_id) for producer_id, first in self.aborted_transactions or ())
        active: set[int] = set()
        found: list[Record] = []
        for header, view in self.batches:
            while aborted and aborted[0][0] <= header.last_offset:
                active.add(aborted.pop(0)[1])
            if header.is_control:
                key = next(records_of(header, view)).key
                if key is not None and control_record_type(key) is ControlRecordType.ABORT:
                    active.discard(header.producer_id)
            elif not (header.is_transactional and header.producer_id in active):
                found += records_of(header, view)
        return found

    def __repr__(self) -> str:
        return f"Fetched({self.error.name}, {len(self.raw)} bytes, high_watermark={self.high_watermark})"


@dataclass(frozen=True)
class ListedOffset:
    """The answer of ListOffsets for one partition."""

    response: ListOffsetsPartitionResponse

    @property
    def error(self) -> ErrorCode:
        """The partition's error."""
        return error_code(self.response.error_code)

    @property
    def offset(self) -> int:
        """The offset; -1 for none."""
        return self.response.offset

    @property
    def timestamp(self) -> int:
        """The timestamp of that record; -1 where the question was not about time."""
        return self.response.timestamp

    @property
    def leader_epoch(self) -> int:
        """The epoch of the batch at that offset; -1 unknown."""
        return self.response.leader_epoch

    def __repr__(self) -> str:
        return f"ListedOffset({self.error.name}, offset={self.offset}, timestamp={self.timestamp})"


@dataclass(frozen=True)
class Committed:
    """A committed offset as OffsetFetch gives it."""

    offset: int
    leader_epoch: int
    metadata: str | None
    error: ErrorCode


def _unreadable(what: str, error: ProtocolError) -> ConformanceViolation:
    return ConformanceViolation(f"the answer to Fetch holds {what} that cannot be read", actual=str(error))


def error_code(number: int) -> ErrorCode:
    """The code's name; a number that Kafka does not define is a ValueError of the enum."""
    return ErrorCode(number)


def values_of(records: Sequence[Record]) -> list[bytes | None]:
    """The values alone, in order."""
    return [record.value for record in records]
