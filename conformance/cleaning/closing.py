"""Topics whose segments are closed by the times of their records, and the wait until a cleaner has come.

A segment is closed by the first batch that is segment.ms younger than the first one of the segment, by the times of
their records and not by any clock; so a case decides where segments end without waiting.
"""

from __future__ import annotations

from collections.abc import Mapping

from kafka_conformance.harness.cases import NewRecord, expect
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.protocol.records import Record

SEGMENT_MS = 60_000
HOUR_MS = 3_600_000
LONG_AGO_MS = 1_600_000_000_000
CLOSING: Mapping[str, str] = {"segment.ms": str(SEGMENT_MS)}
COMPACTED: Mapping[str, str] = {**CLOSING, "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.0"}
CLEANER_WITHIN_S = 90
"""By default a cleaner looks every 15 seconds whether there is something to do."""
RETENTION_WITHIN_S = 330
"""By default a broker looks every five minutes what is too old."""

PROBE = b"is the cleaner here?"
Content = tuple[int, bytes | None, bytes | None]


class SegmentedLog:
    """Partition 0 of a topic, written at times that the case chooses, from `time_ms` on."""

    def __init__(self, cluster: Cluster, topic: Topic, time_ms: int = LONG_AGO_MS) -> None:
        self.cluster = cluster
        self.topic = topic
        self.time_ms = time_ms
        self.written: list[Content] = []

    def write(self, *pairs: tuple[bytes, bytes | None]) -> int:
        """Append one batch of keys and values, and return its base offset."""
        return self.write_records([NewRecord(key, value, (), self.time_ms) for key, value in pairs])

    def write_records(self, records: list[NewRecord]) -> int:
        """Append one batch of records with their own times, and return its base offset."""
        answer = self.topic.produce(records)
        expect(answer).succeeds()
        offsets = range(answer.base_offset, answer.base_offset + len(records))
        self.written += [(offset, each.key, each.value) for offset, each in zip(offsets, records, strict=True)]
        return answer.base_offset

    def close_segment(self, *pairs: tuple[bytes, bytes | None]) -> int:
        """Write a batch into a new segment, which closes the one before. Returns its base offset."""
        self.time_ms += 3 * SEGMENT_MS
        return self.write(*pairs or [(PROBE, b"new segment")])

    def compact(self, *active: tuple[bytes, bytes | None]) -> None:
        """Close the segment, with `active` in the next one, and wait until the closed ones have been compacted."""
        old = self.write((PROBE, b"yes"), (PROBE, b"no"))
        self.close_segment(*active)
        self.await_removal(old)

    def await_removal(self, offset: int) -> None:
        """Wait until the record at an offset has been compacted away."""
        self.cluster.settled(
            lambda: offset not in [record.offset for record in self.topic.records()],
            within_s=CLEANER_WITHIN_S,
            step="compaction",
            what=f"offset {offset} is compacted away",
        )

    def records(self) -> list[Record]:
        """All that is there, without the probes."""
        return [record for record in self.topic.records() if record.key != PROBE]

    def contents(self) -> list[Content]:
        """Offset, key and value of all records that are there, without the probes."""
        return [(record.offset, record.key, record.value) for record in self.records()]

    def last_values(self) -> list[Content]:
        """What has to be left of what was written, if all of it is compacted."""
        last = {key: offset for offset, key, _ in self.written}
        return [content for content in self.written if last[content[1]] == content[0] and content[1] != PROBE]
