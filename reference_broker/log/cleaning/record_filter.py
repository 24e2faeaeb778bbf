"""What is left of a batch (Kafka: Cleaner.cleanInto, MemoryRecords.filterTo; KIP-534 for delete horizons).

A batch that loses records is written anew with those that stay: at the same offsets, with the same producer, epoch and
last offset. A batch that loses all of them stays as an empty one where its header is still needed.
"""

from collections.abc import Mapping
from itertools import pairwise

from kafka_conformance.protocol.errors import CorruptBatchError
from kafka_conformance.protocol.records import BatchHeader, Compression, Record, build_batch, records_of
from kafka_conformance.reference_broker.log.cleaning.offset_map import OffsetMap
from kafka_conformance.reference_broker.log.cleaning.transactions import CleanedTransactions
from kafka_conformance.reference_broker.log.producer_state import ProducerStateEntry


class RecordFilter:
    """For one group of segments in one round, which began at `now_ms` and ends before `end_offset`."""

    def __init__(
        self,
        offset_map: OffsetMap,
        transactions: CleanedTransactions,
        producers: Mapping[int, ProducerStateEntry],
        *,
        now_ms: int,
        delete_retention_ms: int,
        end_offset: int,
    ) -> None:
        self.offset_map = offset_map
        self.transactions = transactions
        self.producers = producers
        self.now_ms = now_ms
        self.delete_retention_ms = delete_retention_ms
        self.end_offset = end_offset

    def filter(self, header: BatchHeader, view: memoryview) -> memoryview | bytearray | None:
        """The batch as it stays, perhaps the same one; None if nothing of it does.

        Raises CorruptBatchError and UnsupportedCompressionError for records that cannot be read.
        """
        may_discard = self.transactions.may_discard(header, view)
        discards_records = may_discard and (not header.is_control or self.is_expired_marker(header))
        must_stay = self.must_keep_header(header)
        if discards_records and not must_stay:
            return None
        kept = [] if discards_records else self._kept_records(header, view)
        if not kept:
            return self.empty_batch(header) if must_stay else None
        needs_horizon = not header.has_delete_horizon and self.needs_horizon(header, kept, may_discard=may_discard)
        if len(kept) == header.record_count and not needs_horizon:
            return view
        return self.rewrite(header, kept, self.new_horizon() if needs_horizon else header.delete_horizon_ms)

    def _kept_records(self, header: BatchHeader, view: memoryview) -> list[Record]:
        records = records_of(header, view)
        return list(records) if header.is_control else [record for record in records if self.keeps(header, record)]

    # Records

    def keeps(self, header: BatchHeader, record: Record) -> bool:
        """Is it the last one of its key, and not a tombstone whose time is over?"""
        if record.offset > self.offset_map.latest_offset:
            return True
        if record.key is None:
            return self.keeps_without_key(record)
        if not self.is_last_of_key(record.key, record.offset):
            return False
        return record.value is not None or self.keeps_tombstone(header)

    def keeps_without_key(self, record: Record) -> bool:
        """Records without a key are from the time before the topic was compacted; they go."""
        return False

    def is_last_of_key(self, key: bytes, offset: int) -> bool:
        """No later record of this key has been read."""
        return offset >= self.offset_map.get(key)

    def keeps_tombstone(self, header: BatchHeader) -> bool:
        """Until its delete horizon, and in the round that sets it."""
        horizon = header.delete_horizon_ms
        return horizon is None or self.now_ms < horizon

    # Batches

    def is_expired_marker(self, header: BatchHeader) -> bool:
        """The delete horizon of a marker has passed."""
        horizon = header.delete_horizon_ms
        return horizon is not None and horizon <= self.now_ms

    def must_keep_header(self, header: BatchHeader) -> bool:
        """Does anybody need the header, even if no record stays?"""
        return self.is_last_of_producer(header) or self.is_last_of_round(header)

    def is_last_of_producer(self, header: BatchHeader) -> bool:
        """It has the last sequence of a producer that is still known, or if there is none its last epoch."""
        if not header.has_producer_id:
            return False
        entry = self.producers.get(header.producer_id)
        if entry is None:
            return False
        if entry.last_offset >= 0:
            return header.last_offset == entry.last_offset
        return header.is_control and header.producer_epoch == entry.producer_epoch

    def is_last_of_round(self, header: BatchHeader) -> bool:
        """It says how far the log goes."""
        return header.next_offset == self.end_offset

    def needs_horizon(self, header: BatchHeader, kept: list[Record], *, may_discard: bool) -> bool:
        """Tombstones, and markers without a transaction, get a time after which they may go."""
        return (may_discard and header.is_control) or any(record.value is None for record in kept)

    def new_horizon(self) -> int:
        """Whoever begins to read now has delete.retention.ms to get there."""
        return self.now_ms + self.delete_retention_ms

    def rewrite(self, header: BatchHeader, kept: list[Record], horizon: int | None) -> bytearray:
        """A batch with the records that stay, at their offsets.

        A plain batch is stored with whatever offsets its producer wrote into it; like Kafka's builder, this one refuses
        offsets that do not grow, and the partition is then not cleaned any more.
        """
        if any(record.offset <= before.offset for before, record in pairwise(kept)):
            raise CorruptBatchError(f"the offsets of the records in the batch at {header.base_offset} do not grow")
        return build_batch(
            kept,
            base_offset=header.base_offset,
            partition_leader_epoch=header.partition_leader_epoch,
            compression=header.compression,
            timestamp_type=header.timestamp_type,
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            base_sequence=header.base_sequence,
            transactional=header.is_transactional,
            control=header.is_control,
            delete_horizon_ms=horizon,
            last_offset_delta=header.last_offset_delta,
        )

    def empty_batch(self, header: BatchHeader) -> bytearray:
        """The header alone: no compression, no delete horizon."""
        return build_batch(
            (),
            base_offset=header.base_offset,
            partition_leader_epoch=header.partition_leader_epoch,
            compression=Compression.NONE,
            timestamp_type=header.timestamp_type,
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            base_sequence=header.base_sequence,
            transactional=header.is_transactional,
            control=header.is_control,
            last_offset_delta=header.last_offset_delta,
            max_timestamp=header.max_timestamp,
        )
