"""Questions about offsets that a partition answers: by timestamp, by leader epoch; and the deletion of records.

Source: kafka.cluster.Partition.{fetchOffsetForTimestamp, lastOffsetForLeaderEpoch, deleteRecordsOnLeader}.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import IntEnum

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.log import Log, TimestampOffset
from kafka_conformance.reference_broker.log.leader_epochs import EpochEndOffset
from kafka_conformance.reference_broker.replication.reads import FetchIsolation

NO_TIMESTAMP = -1
NO_OFFSET = -1


class SpecialTimestamp(IntEnum):
    """Timestamps of ListOffsets that mean something else (ListOffsetsRequest)."""

    LATEST = -1
    EARLIEST = -2
    MAX_TIMESTAMP = -3
    EARLIEST_LOCAL = -4
    LATEST_TIERED = -5
    EARLIEST_PENDING_UPLOAD = -6


NOT_FOUND = TimestampOffset(NO_TIMESTAMP, NO_OFFSET)


class OffsetLookup(ABC):
    """The lookups; a partition is one."""

    log: Log
    leader_epoch: int
    epoch_start_offset: int

    @property
    @abstractmethod
    def is_leader(self) -> bool:
        """Whether this broker's replica leads."""

    @abstractmethod
    def check_readable(self, current_leader_epoch: int, *, only_leader: bool) -> ErrorCode:
        """Whether a request that knows this leader epoch may read here."""

    @abstractmethod
    def upper_bound(self, isolation: FetchIsolation) -> int:
        """The offset up to which a reader may see."""

    def offset_for_timestamp(
        self, timestamp: int, isolation: FetchIsolation, current_leader_epoch: int, *, only_leader: bool
    ) -> TimestampOffset | ErrorCode:
        """Answer ListOffsets; NOT_FOUND where there is no such record within what the reader may see."""
        error = self.check_readable(current_leader_epoch, only_leader=only_leader)
        if error is not ErrorCode.NONE:
            return error
        if timestamp in (SpecialTimestamp.EARLIEST, SpecialTimestamp.EARLIEST_LOCAL):
            return self.earliest()
        lags = isolation is not FetchIsolation.LOG_END and self.high_watermark_lags
        bound = self.upper_bound(isolation)
        if timestamp == SpecialTimestamp.LATEST:
            return ErrorCode.OFFSET_NOT_AVAILABLE if lags else self.latest(bound)
        found = self.find(timestamp)
        if found is not None and found.offset < bound:
            return found
        return ErrorCode.OFFSET_NOT_AVAILABLE if lags else NOT_FOUND

    @property
    def high_watermark_lags(self) -> bool:
        """A new leader does not know yet what was committed before its epoch (KIP-207)."""
        return self.epoch_start_offset > self.log.high_watermark

    def earliest(self) -> TimestampOffset:
        """The start of the log."""
        return self.log.earliest_offset()

    def latest(self, bound: int) -> TimestampOffset:
        """The end of what the reader may see."""
        return TimestampOffset(NO_TIMESTAMP, bound, self.leader_epoch)

    def find(self, timestamp: int) -> TimestampOffset | None:
        """The record that a timestamp means; nothing is tiered here."""
        if timestamp == SpecialTimestamp.MAX_TIMESTAMP:
            return self.log.offset_of_max_timestamp()
        if timestamp < 0:
            return None
        return self.log.offset_for_timestamp(timestamp)

    def end_offset_for_epoch(self, current_leader_epoch: int, leader_epoch: int) -> EpochEndOffset | ErrorCode | None:
        """Where a leader epoch ends; None where the log does not know it (OffsetForLeaderEpoch)."""
        error = self.check_readable(current_leader_epoch, only_leader=True)
        return self.log.end_offset_for_epoch(leader_epoch) if error is ErrorCode.NONE else error

    def delete_records(self, offset: int) -> int | ErrorCode:
        """Forget what lies before `offset` (-1: the high watermark); return the low watermark."""
        if not self.is_leader:
            return ErrorCode.NOT_LEADER_OR_FOLLOWER
        if not self.may_delete_records():
            return ErrorCode.POLICY_VIOLATION
        return self.log.delete_records_before(offset)

    def may_delete_records(self) -> bool:
        """A topic that is compacted only keeps the last value of every key."""
        return self.log.config.deletes or not self.log.config.is_compacted
