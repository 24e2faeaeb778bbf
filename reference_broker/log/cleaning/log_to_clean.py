"""What of a log is dirty, what of that may be cleaned, and whether that is worth it (Kafka: LogToClean,
LogCleanerManager.cleanableOffsets, calculateCleanableBytes, maxCompactionDelay).
"""

from kafka_conformance.reference_broker.log.log import Log
from kafka_conformance.reference_broker.log.segment import LogSegment


class LogToClean:
    """A log as it is at `now_ms`. `checkpoint` is where its last round ended; None before the first one.

    first_dirty_offset        below it every key is there once, but for tombstones and markers that wait
    first_uncleanable_offset  where the first segment begins that must be left alone
    """

    def __init__(self, log: Log, checkpoint: int | None, now_ms: int) -> None:
        self.log = log
        self.now_ms = now_ms
        self.first_dirty_offset = self.find_first_dirty_offset(checkpoint)
        limit = max(self.first_dirty_offset, self.find_limit())
        self.first_uncleanable_offset = self.find_first_uncleanable_segment(limit)
        start = min(self.first_dirty_offset, self.first_uncleanable_offset)
        self.cleanable_bytes = _bytes(log.segments.between(start, self.first_uncleanable_offset))
        self.clean_bytes = _bytes(log.segments.between(-1, self.first_dirty_offset))

    def find_first_dirty_offset(self, checkpoint: int | None) -> int:
        """Where the last round ended; a checkpoint that does not lie in the log is worth nothing."""
        start = self.log.log_start_offset
        return start if checkpoint is None or not start <= checkpoint <= self.log.log_end_offset else checkpoint

    def find_limit(self) -> int:
        """No segment is touched that reaches up to here or begins behind it."""
        limit = min(self.transactions_limit(), self.log.segments.active.base_offset)
        young = self.first_young_segment()
        return limit if young is None else min(limit, young.base_offset)

    def transactions_limit(self) -> int:
        """What is not replicated, or part of an open transaction, is left alone."""
        return self.log.last_stable_offset

    def first_young_segment(self) -> LogSegment | None:
        """The first dirty segment with a record that is younger than min.compaction.lag.ms."""
        lag_ms = self.log.config.min_compaction_lag_ms
        if lag_ms <= 0:
            return None
        closed = self.log.segments.closed_since(self.first_dirty_offset)
        return next((segment for segment in closed if segment.largest_timestamp > self.now_ms - lag_ms), None)

    def find_first_uncleanable_segment(self, limit: int) -> int:
        """The base offset of the segment with the limit in it: segments are cleaned whole, the active one never."""
        closed = self.log.segments.closed_since(limit)
        return (closed[0] if closed else self.log.segments.active).base_offset

    @property
    def total_bytes(self) -> int:
        """All that is clean or may be cleaned."""
        return self.clean_bytes + self.cleanable_bytes

    @property
    def cleanable_ratio(self) -> float:
        """The dirty share: the larger it is, the more a round gains."""
        return self.cleanable_bytes / self.total_bytes

    @property
    def is_worth_it(self) -> bool:
        """The dirty share is above min.cleanable.dirty.ratio, or something has been dirty for too long."""
        if self.total_bytes == 0:
            return False
        if self.is_overdue() and self.cleanable_bytes > 0:
            return True
        return self.cleanable_ratio > self.least_ratio()

    def least_ratio(self) -> float:
        """A log with a dirty share up to this is clean enough."""
        return self.log.config.min_cleanable_dirty_ratio

    def is_overdue(self) -> bool:
        """A dirty segment began longer than max.compaction.lag.ms ago."""
        latest_ms = self.now_ms - self.log.config.max_compaction_lag_ms
        dirty = self.log.segments.closed_since(self.first_dirty_offset)
        return any(0 < (segment.first_batch_timestamp or 0) < latest_ms for segment in dirty)


def _bytes(segments: list[LogSegment]) -> int:
    return sum(segment.size for segment in segments)
