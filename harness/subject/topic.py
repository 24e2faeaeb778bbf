"""A topic of one case: made for it, seen by every node before the case goes on, deleted behind it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from kafka_conformance.harness.subject.answers import Fetched, ListedOffset, Produced
from kafka_conformance.harness.subject.partition_requests import fetch_request, list_offsets_request, produce_request
from kafka_conformance.harness.subject.topic_names import highest_for
from kafka_conformance.harness.violation import ConformanceViolation, NotApplicable
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.fetch import FetchResponse, PartitionData
from kafka_conformance.protocol.messages.list_offsets import ListOffsetsResponse
from kafka_conformance.protocol.messages.metadata import MetadataResponseTopic
from kafka_conformance.protocol.messages.produce import ProduceResponse
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.protocol.records import Compression, NewRecord, Record, build_batch

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster
    from kafka_conformance.harness.subject.connection import Connection

LATEST, EARLIEST, MAX_TIMESTAMP = -1, -2, -3
READ_UNCOMMITTED, READ_COMMITTED = 0, 1
CONSUMERS_WAIT_MS = 500
"""ConsumerConfig: fetch.max.wait.ms."""

RecordLike = NewRecord | Record | bytes | tuple[bytes | None, bytes | None]
"""A value, a (key, value), or a whole record."""


def new_records(records: Sequence[RecordLike]) -> list[NewRecord | Record]:
    """Records to be built into a batch; one without a timestamp says so (-1)."""
    return [
        entry
        if isinstance(entry, (NewRecord, Record))
        else NewRecord(None, entry)
        if isinstance(entry, bytes)
        else NewRecord(*entry)
        for entry in records
    ]


class Topic:
    """A topic, and what one does with its partitions. Helpers send over a connection that they share."""

    def __init__(self, cluster: Cluster, name: str, described: MetadataResponseTopic) -> None:
        self.cluster = cluster
        self.name = name
        self.id: Uuid = described.topic_id
        self.partition_count = len(described.partitions)
        self._leaders = {entry.partition_index: entry.leader_id for entry in described.partitions}

    # where its partitions are

    def leader(self, partition: int = 0) -> int:
        """The node that led the partition when the topic was last looked at."""
        return self._leaders[partition]

    def refresh(self) -> MetadataResponseTopic:
        """Asks for the topic's leaders again, and waits until every partition has one."""
        described = self.cluster.settled_topic(self.name)
        self._leaders = {entry.partition_index: entry.leader_id for entry in described.partitions}
        return described

    # writing

    def produce(
        self,
        records: Sequence[RecordLike],
        *,
        partition: int = 0,
        acks: int = -1,
        version: int | None = None,
        compression: Compression = Compression.NONE,
        on: Connection | None = None,
    ) -> Produced:
        """Appends one batch and returns the answer, whatever it says."""
        batch = build_batch(new_records(records), compression=compression)
        return self.produce_batch(bytes(batch), partition=partition, acks=acks, version=version, on=on)

    def produce_batch(
        self,
        batch: bytes | bytearray | None,
        *,
        partition: int = 0,
        acks: int = -1,
        version: int | None = None,
        transactional_id: str | None = None,
        on: Connection | None = None,
    ) -> Produced:
        """Sends these bytes as the partition's record set and returns the answer."""
        sent = None if batch is None else bytes(batch)
        request = produce_request(self, {partition: sent}, acks=acks, transactional_id=transactional_id)
        connection = self._connection(partition, on)
        self._require_names(request, version)
        answer: ProduceResponse = connection.send(request, version)
        for topic in answer.responses:
            for entry in topic.partition_responses:
                if entry.index == partition:
                    return Produced(entry, sent or b"")
        raise ConformanceViolation(
            "the answer leaves out the partition", expected=f"{self.name}-{partition}", actual=f"{answer}"
        )

    # reading

    def fetch(
        self,
        offset: int = 0,
        *,
        partition: int = 0,
        max_wait_ms: int | None = None,
        min_bytes: int = 1,
        max_bytes: int = 0x7FFFFFFF,
        partition_max_bytes: int = 1 << 20,
        isolation_level: int = READ_UNCOMMITTED,
        current_leader_epoch: int = -1,
        last_fetched_epoch: int = -1,
        version: int | None = None,
        on: Connection | None = None,
    ) -> Fetched:
        """One Fetch without a session, for one partition; returns the answer, whatever it says.

        Unless the case says how long it waits, it does not; of a broker that leaves out what it had no time to look
        at, it is then asked again as consumers ask, so that this one fault does not hide all others.
        """
        request = fetch_request(
            self,
            {partition: offset},
            max_wait_ms=max_wait_ms or 0,
            min_bytes=min_bytes,
            max_bytes=max_bytes,
            partition_max_bytes=partition_max_bytes,
            isolation_level=isolation_level,
            current_leader_epoch=current_leader_epoch,
            last_fetched_epoch=last_fetched_epoch,
        )
        connection = self._connection(partition, on)
        self._require_names(request, version)
        answer: FetchResponse = connection.send(request, version)
        if max_wait_ms is None and _partition_in(answer, partition) is None:
            request.max_wait_ms = CONSUMERS_WAIT_MS
            answer = connection.send(request, version)
        found = _partition_in(answer, partition)
        if found is None:
            raise ConformanceViolation(
                "the answer leaves out the partition", expected=f"{self.name}-{partition}", actual=f"{answer}"
            )
        return Fetched(found, answer)

    def records(
        self,
        partition: int = 0,
        *,
        from_offset: int | None = None,
        isolation_level: int = READ_UNCOMMITTED,
        version: int | None = None,
    ) -> list[Record]:
        """All records from the log's start (or an offset) up to the high watermark, or the last stable offset.

        In as many fetches as the broker wants: it may give one batch at a time.
        """
        position = self.start_offset(partition) if from_offset is None else from_offset
        found: list[Record] = []
        while True:
            answer = self.fetch(position, partition=partition, isolation_level=isolation_level, version=version)
            if answer.error is not ErrorCode.NONE:
                raise ConformanceViolation("reading the log", expected="no error", actual=f"{answer}")
            found += [record for record in answer.records if record.offset >= position]
            end = answer.last_stable_offset if isolation_level == READ_COMMITTED else answer.high_watermark
            if position >= end:
                return found
            if not answer.batches:
                raise ConformanceViolation(
                    "reading the log", expected=f"a batch at offset {position}", actual=f"{answer}"
                )
            position = answer.batches[-1][0].next_offset

    def list_offset(
        self,
        timestamp: int = LATEST,
        *,
        partition: int = 0,
        isolation_level: int = READ_UNCOMMITTED,
        version: int | None = None,
        on: Connection | None = None,
    ) -> ListedOffset:
        """ListOffsets for one partition: LATEST, EARLIEST, MAX_TIMESTAMP or milliseconds."""
        request = list_offsets_request(self, {partition: timestamp}, isolation_level=isolation_level)
        answer: ListOffsetsResponse = self._connection(partition, on).send(request, version)
        for topic in answer.topics:
            for entry in topic.partitions:
                if entry.partition_index == partition:
                    return ListedOffset(entry)
        raise ConformanceViolation(
            "the answer leaves out the partition", expected=f"{self.name}-{partition}", actual=f"{answer}"
        )

    def end_offset(self, partition: int = 0) -> int:
        """The offset behind the last readable record."""
        return self.list_offset(LATEST, partition=partition).offset

    def start_offset(self, partition: int = 0) -> int:
        """The first offset."""
        return self.list_offset(EARLIEST, partition=partition).offset

    # shortening, deleting

    def delete_records(self, before_offset: int, *, partition: int = 0) -> tuple[ErrorCode, int]:
        """Moves the log's start; returns the error and the low watermark."""
        return self.cluster.delete_records(self, before_offset, partition)

    def delete(self) -> None:
        """Deletes it; one that is gone already is no error."""
        self.cluster.delete_topic(self.name)

    def __enter__(self) -> Topic:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cluster.clean_up(self.delete)

    def __repr__(self) -> str:
        return f"topic {self.name}"

    def _require_names(self, request: Message, version: int | None) -> None:
        if version is not None and version > highest_for(request, version):
            raise NotApplicable(f"the target gave {self.name} no id, and version {version} has no names")

    def _connection(self, partition: int, on: Connection | None) -> Connection:
        # A partition that does not exist has no leader: any node may say so.
        return on or self.cluster.shared(self._leaders.get(partition, self._leaders[0]))


def _partition_in(answer: FetchResponse, partition: int) -> PartitionData | None:
    entries = (entry for topic in answer.responses for entry in topic.partitions)
    return next((entry for entry in entries if entry.partition_index == partition), None)
