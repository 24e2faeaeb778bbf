"""What a partition holds after some batches were written to it, one after the other from offset 0."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from kafka_conformance.harness.cases import NewRecord, expect
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.protocol.records import Record

Content = tuple[int, bytes | None, bytes | None]


class WrittenLog:
    """The model of a log."""

    def __init__(self, batches: Sequence[Sequence[NewRecord]]) -> None:
        self.batches = batches
        self.records = [record for batch in batches for record in batch]
        self.base_offsets = [sum(map(len, batches[:place])) for place in range(len(batches))]

    @property
    def end(self) -> int:
        """The offset behind the last record."""
        return len(self.records)

    def base_of(self, offset: int) -> int:
        """The base offset of the batch that holds an offset."""
        return max(base for base in self.base_offsets if base <= offset)

    def from_offset(self, offset: int) -> list[Content]:
        """Offset, key and value of all records from an offset on."""
        return [(place, record.key, record.value) for place, record in enumerate(self.records) if place >= offset]

    def next_from(self, offset: int, count: int) -> list[Content]:
        """So many records from an offset on, and one at least where there is one.

        A fetch may give fewer than there are: it ends where a segment ends.
        """
        return self.from_offset(offset)[: max(count, 1)]

    def first_at_or_after(self, timestamp: int) -> tuple[int, int]:
        """Offset and timestamp of the first record that is not older; (-1, -1) for none."""
        found = (
            (place, record.timestamp) for place, record in enumerate(self.records) if record.timestamp >= timestamp
        )
        return next(found, (-1, -1))

    def first_of_newest(self) -> tuple[int, int]:
        """Offset and timestamp of the first record with the largest timestamp."""
        return self.first_at_or_after(max(record.timestamp for record in self.records))


def write(topic: Topic, batches: Sequence[Sequence[NewRecord]], *, partition: int = 0) -> WrittenLog:
    """Writes the batches to an empty partition."""
    log = WrittenLog(batches)
    for batch, base_offset in zip(batches, log.base_offsets, strict=True):
        expect(topic.produce(batch, partition=partition)).acknowledged_at(base_offset)
    return log


def contents(records: Sequence[Record], *, from_offset: int = 0) -> list[Content]:
    """Offset, key and value of records that were read; those below an offset are dropped, as clients do."""
    return [(record.offset, record.key, record.value) for record in records if record.offset >= from_offset]


def timed_batches(*, max_size: int = 4) -> st.SearchStrategy[list[list[NewRecord]]]:
    """Batches whose few timestamps collide and go back and forth."""
    record = st.builds(NewRecord, st.none(), st.binary(max_size=4), st.just(()), st.integers(1, 12))
    return st.lists(st.lists(record, min_size=1, max_size=4), min_size=1, max_size=max_size)
