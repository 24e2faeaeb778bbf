"""Which segments may go: by time, by size, and those below the start of the log (Kafka: UnifiedLog.deleteOldSegments).

The oldest go first, and the first that stays keeps all behind it. A segment goes only if it is replicated as a whole.
The active one is not safe: if it goes, an empty one takes its place. Open transactions keep nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.log.segment import LogSegment

Condition: TypeAlias = Callable[[LogSegment, LogSegment | None], bool]
"""Is this segment to be deleted? The second one is that behind it."""


class Retention:
    """The rules of one topic's configuration."""

    def __init__(self, config: LogConfig) -> None:
        self.config = config

    def conditions(self, log_start_offset: int, now_ms: int, size: Callable[[], int]) -> Iterator[Condition]:
        """What deletes segments, in the order in which Kafka asks; `size` is the log's after what has gone already."""

        def below_start(segment: LogSegment, behind: LogSegment | None) -> bool:
            return self.is_below_start(behind, log_start_offset)

        def expired(segment: LogSegment, behind: LogSegment | None) -> bool:
            return self.is_expired(segment, now_ms)

        yield below_start
        if self.config.deletes:
            yield self.size_condition(size())
            yield expired

    def is_below_start(self, behind: LogSegment | None, log_start_offset: int) -> bool:
        """The next segment begins at or below the start of the log: DeleteRecords has passed this one."""
        return behind is not None and behind.base_offset <= log_start_offset

    def is_expired(self, segment: LogSegment, now_ms: int) -> bool:
        """retention.ms counts from the largest timestamp of the segment; -1 keeps all."""
        return 0 <= self.config.retention_ms < now_ms - segment.largest_timestamp

    def size_condition(self, size: int) -> Condition:
        """retention.bytes: a segment goes only if at least so much is left without it; negative keeps all."""
        surplus = size - self.config.retention_bytes if self.config.retention_bytes >= 0 else -1

        def is_surplus(segment: LogSegment, behind: LogSegment | None) -> bool:
            nonlocal surplus
            if surplus < 0 or segment.size > surplus:
                return False
            surplus -= segment.size
            return True

        return is_surplus

    def deletable(
        self, segments: Sequence[LogSegment], condition: Condition, high_watermark: int, log_end_offset: int
    ) -> list[LogSegment]:
        """The oldest segments, as long as the condition holds."""
        found: list[LogSegment] = []
        for index, segment in enumerate(segments):
            behind = segments[index + 1] if index + 1 < len(segments) else None
            if behind is None and segment.size == 0:
                break
            end = log_end_offset if behind is None else behind.base_offset
            if not self.is_replicated(end, high_watermark) or not condition(segment, behind):
                break
            found.append(segment)
        return found

    def is_replicated(self, end_offset: int, high_watermark: int) -> bool:
        """The start of the log never passes the high watermark."""
        return end_offset <= high_watermark
