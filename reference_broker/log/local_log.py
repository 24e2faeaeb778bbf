"""The segments of a log in the order of their base offsets; the last one is active (Kafka: LocalLog, LogSegments)."""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.log.left_overs import CLEANED, DELETED, SWAP
from kafka_conformance.reference_broker.log.segment import LogSegment, SegmentParts
from kafka_conformance.reference_broker.storage import Storage

Later: TypeAlias = Callable[[float, Callable[[], None]], object]
"""Do something in so many seconds."""


class LocalLog:
    """At least one segment, once it is loaded. Raises StorageError from everything that touches a file."""

    def __init__(
        self,
        storage: Storage,
        directory: str,
        config: LogConfig,
        *,
        segment: type[LogSegment],
        parts: SegmentParts,
        jitter: random.Random,
        later: Later | None = None,
    ) -> None:
        """Without `later` files are deleted at once, whatever file.delete.delay.ms says."""
        self.storage = storage
        self.directory = directory
        self.config = config
        self._segment = segment
        self._parts = parts
        self._jitter = jitter
        self._later = later
        self._segments: list[LogSegment] = []

    @property
    def segments(self) -> Sequence[LogSegment]:
        """Oldest first."""
        return self._segments

    @property
    def active(self) -> LogSegment:
        """The one that is written to."""
        return self._segments[-1]

    @property
    def size(self) -> int:
        """Bytes of batches."""
        return sum(segment.size for segment in self._segments)

    def _index_above(self, offset: int) -> int:
        return bisect_right(self._segments, offset, key=lambda segment: segment.base_offset)

    def floor(self, offset: int) -> LogSegment | None:
        """The segment that may hold `offset`."""
        index = self._index_above(offset) - 1
        return self._segments[index] if index >= 0 else None

    def above(self, base_offset: int) -> LogSegment | None:
        """The segment behind the one with this base offset."""
        index = self._index_above(base_offset)
        return self._segments[index] if index < len(self._segments) else None

    def since(self, offset: int) -> Sequence[LogSegment]:
        """The segment that may hold `offset`, and all behind it."""
        return self._segments[max(self._index_above(offset) - 1, 0) :]

    def between(self, start: int, end: int) -> list[LogSegment]:
        """The segments that may hold `start` or later offsets and begin below `end` (Kafka: logSegments)."""
        return [segment for segment in self.since(start) if segment.base_offset < end] if start < end else []

    def closed_since(self, offset: int) -> list[LogSegment]:
        """The segment that may hold `offset` and all behind it, without the active one."""
        return self.between(offset, self.active.base_offset)

    def open(self, base_offset: int, now_ms: int) -> LogSegment:
        """A segment, new or from its files, put into its place."""
        segment = self._make(base_offset, now_ms)
        self._segments.insert(self._index_above(base_offset), segment)
        return segment

    def _make(self, base_offset: int, now_ms: int, name_suffix: str = "") -> LogSegment:
        return self._segment(
            self.storage,
            self.directory,
            base_offset,
            self.config,
            now_ms,
            roll_jitter_ms=self.roll_jitter_ms(),
            parts=self._parts,
            name_suffix=name_suffix,
        )

    def roll_jitter_ms(self) -> int:
        """By how much a segment is rolled before its time, so that not all partitions roll at once."""
        limit = min(self.config.segment_jitter_ms, self.config.segment_ms)
        return self._jitter.randrange(limit) if limit > 0 else 0

    def roll(self, base_offset: int, now_ms: int) -> LogSegment:
        """Begin a new segment; an active one that is empty and begins there serves as well."""
        active = self.active
        if active.base_offset == base_offset and active.size == 0:
            return active
        active.close_index()
        return self.open(base_offset, now_ms)

    def remove(self, segments: Iterable[LogSegment]) -> None:
        """Forget segments and delete their files, after file.delete.delay.ms."""
        for segment in list(segments):
            self._segments.remove(segment)
            self._delete_files(segment)

    def _delete_files(self, segment: LogSegment) -> None:
        delay_ms = self.config.file_delete_delay_ms
        if self._later is None or delay_ms == 0:
            segment.delete()
        else:
            segment.rename(DELETED)
            self._later(delay_ms / 1000, segment.delete)

    # Segments that take the place of others

    def begin_replacement(self, base_offset: int, now_ms: int) -> LogSegment:
        """An empty segment that is no part of the log yet: `replace` makes it one, unless it is deleted first."""
        for name in self.storage.files(self.directory):
            if name.startswith(f"{base_offset:020d}.") and name.endswith(CLEANED):
                self.storage.remove(f"{self.directory}/{name}")
        return self._make(base_offset, now_ms, CLEANED)

    def replace(self, segments: Sequence[LogSegment], replacement: LogSegment, now_ms: int) -> LogSegment:
        """Put a replacement, complete and flushed, in the place of `segments`; the first has its base offset.

        Whenever this is interrupted, the next start finds the old segments or the new one (`left_overs`).
        """
        modified_ms = segments[-1].modified_ms
        replacement.set_modified_ms(modified_ms)
        replacement.rename(SWAP)
        self.remove(segments)
        replacement.rename("")
        segment = self.open(replacement.base_offset, now_ms)
        segment.modified_ms = modified_ms
        return segment

    def forget(self, base_offset: int) -> None:
        """Let go of a segment without touching its files."""
        self._segments = [segment for segment in self._segments if segment.base_offset != base_offset]

    def truncate_to(self, offset: int, now_ms: int) -> list[LogSegment]:
        """Cut off `offset` and all behind it; the segments that went as a whole are returned."""
        removed = [segment for segment in self._segments if segment.base_offset > offset]
        self.remove(removed)
        self.active.truncate_to(offset, now_ms)
        return removed

    def start_again_at(self, offset: int, now_ms: int) -> None:
        """Delete everything; the log begins with `offset`."""
        self.remove(self._segments)
        self.open(offset, now_ms)

    def flush(self, start: int, end: int) -> None:
        """Wait for the segments that hold offsets from `start` up to `end`."""
        for segment in self.since(start):
            if segment.base_offset < end:
                segment.flush()

    def close(self) -> None:
        """Write the indexes and give the files back."""
        for segment in self._segments:
            segment.close()
