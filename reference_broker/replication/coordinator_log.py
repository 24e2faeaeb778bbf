"""A partition of an internal topic as its coordinator uses it: records in, records out.

Source: org.apache.kafka.coordinator.common.runtime.{PartitionWriter, CoordinatorLoaderImpl}.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import (
    NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID,
    NO_SEQUENCE,
    BatchHeader,
    ControlRecordType,
    EndTxnMarker,
    NewRecord,
    batches,
    build_batch,
    control_record_type,
    records_of,
)
from kafka_conformance.reference_broker.environment import Clock
from kafka_conformance.reference_broker.groups.log_port import (
    Appended,
    LoggedMarker,
    LoggedRecord,
    TransactionalProducer,
    TransactionEnd,
)
from kafka_conformance.reference_broker.groups.records import EncodedRecord
from kafka_conformance.reference_broker.log import AppendInfo, AppendOrigin, Refusal
from kafka_conformance.reference_broker.replication.partition import Partition

READ_BYTES = 5 * 1024 * 1024
"""offsets.load.buffer.size of Apache Kafka."""


class PartitionCoordinatorLog:
    """The leader's replica of a partition, for its coordinator (a `CoordinatorLog`)."""

    def __init__(self, partition: Partition, clock: Clock) -> None:
        self._partition = partition
        self._clock = clock

    @property
    def high_watermark(self) -> int:
        """The offset below which everything is replicated."""
        return self._partition.log.high_watermark

    def append(self, records: Sequence[EncodedRecord], producer: TransactionalProducer | None = None) -> Appended:
        """Append the records as one batch, or nothing; with a producer they belong to its transaction."""
        now_ms = self._clock.now_ms()
        batch = build_batch(
            [NewRecord(record.key, record.value, timestamp=now_ms) for record in records],
            producer_id=NO_PRODUCER_ID if producer is None else producer.producer_id,
            producer_epoch=NO_PRODUCER_EPOCH if producer is None else producer.producer_epoch,
            base_sequence=NO_SEQUENCE if producer is None else 0,
            transactional=producer is not None,
        )
        guard = None if producer is None else producer.guard
        return _appended(
            self._partition.append_as_leader(
                memoryview(batch), origin=AppendOrigin.COORDINATOR, verification_guard=guard
            )
        )

    def append_marker(self, end: TransactionEnd) -> Appended:
        """Append the end of a transaction."""
        marker = end_marker(end, self._clock.now_ms())
        return _appended(append_marker(self._partition, marker, end.transaction_version))

    def read(self) -> Iterator[LoggedRecord | LoggedMarker]:
        """All records from the log's start to its end. Raises ProtocolError."""
        log = self._partition.log
        offset = log.log_start_offset
        while offset < log.log_end_offset:
            fetched = log.read(offset, READ_BYTES, log.log_end_offset)
            if isinstance(fetched, ErrorCode) or not fetched.size:
                return
            for header, view in batches(b"".join(fetched.buffers)):
                offset = header.next_offset
                yield from _entries(header, view)


def end_marker(end: TransactionEnd, now_ms: int) -> bytearray:
    """The batch that ends a transaction (MemoryRecords.withEndTransactionMarker)."""
    marker = EndTxnMarker(end.commit, end.coordinator_epoch)
    return build_batch(
        [NewRecord(marker.key, marker.value, timestamp=now_ms)],
        producer_id=end.producer_id,
        producer_epoch=end.producer_epoch,
        base_sequence=NO_SEQUENCE,
        transactional=True,
        control=True,
    )


def append_marker(partition: Partition, marker: bytearray, transaction_version: int) -> AppendInfo | Refusal:
    """Append the end of a transaction to a partition that is led here."""
    return partition.append_as_leader(
        memoryview(marker), origin=AppendOrigin.COORDINATOR, transaction_version=transaction_version
    )


def _appended(outcome: AppendInfo | Refusal) -> Appended:
    if isinstance(outcome, Refusal):
        return Appended(outcome.error)
    return Appended(ErrorCode.NONE, outcome.base_offset)


def _entries(header: BatchHeader, view: memoryview) -> Iterator[LoggedRecord | LoggedMarker]:
    for record in records_of(header, view):
        if not header.is_control:
            producer_id = header.producer_id if header.is_transactional else NO_PRODUCER_ID
            yield LoggedRecord(record.offset, record.key, record.value, producer_id)
        elif control_record_type(record.key) in (ControlRecordType.COMMIT, ControlRecordType.ABORT):
            marker = EndTxnMarker.parse(record.key, record.value)
            yield LoggedMarker(record.offset, header.producer_id, marker.commit)
