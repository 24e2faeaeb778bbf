"""The committed offsets of one partition of __consumer_offsets, and those of open transactions.

Only `apply` and `end_transaction` change them, for a request as for a replay of the log.
Source: OffsetMetadataManager (Offsets, OpenTransactions, replay, replayEndTransactionMarker), OffsetAndMetadata
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid
from kafka_conformance.reference_broker.groups.java_strings import utf16_length
from kafka_conformance.reference_broker.groups.records import OffsetCommitValue, OffsetRecord

NO_PRODUCER_ID = -1

TopicPartition = tuple[str, int]


class CommittedOffset(NamedTuple):
    """An offset as it was committed; epoch -1, expiry -1 and the zero id stand for "none"."""

    offset: int
    leader_epoch: int
    metadata: str
    commit_timestamp_ms: int
    expire_timestamp_ms: int
    topic_id: Uuid
    record_offset: int
    """Where in the partition of __consumer_offsets its record is."""


def committed_offset(value: OffsetCommitValue, record_offset: int) -> CommittedOffset:
    """The offset that a record says."""
    return CommittedOffset(
        value.offset,
        value.leader_epoch,
        value.metadata,
        value.commit_timestamp,
        value.expire_timestamp,
        value.topic_id,
        record_offset,
    )


class OffsetStore:
    """Offsets by group, topic and partition; what an open transaction committed stands aside until its marker."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, dict[int, CommittedOffset]]] = {}
        self._transactions: dict[int, dict[tuple[str, str, int], CommittedOffset]] = {}
        self._pending: dict[str, dict[TopicPartition, set[int]]] = {}

    def apply(self, record: OffsetRecord, record_offset: int, producer_id: int = NO_PRODUCER_ID) -> None:
        """Take over a record of the log; `producer_id` is that of its batch if the batch is transactional."""
        key = record.key
        if record.value is None:
            self._forget(key.group, key.topic, key.partition)
        elif producer_id == NO_PRODUCER_ID:
            self._put(key.group, key.topic, key.partition, committed_offset(record.value, record_offset))
        else:
            transaction = self._transactions.setdefault(producer_id, {})
            transaction[key.group, key.topic, key.partition] = committed_offset(record.value, record_offset)
            pending = self._pending.setdefault(key.group, {})
            pending.setdefault((key.topic, key.partition), set()).add(producer_id)

    def end_transaction(self, producer_id: int, *, commit: bool) -> None:
        """Take over a marker of the log: the transaction's offsets count from now on, or are forgotten."""
        for (group_id, topic, partition), offset in self._transactions.pop(producer_id, {}).items():
            self._close(group_id, topic, partition, producer_id)
            if commit:
                self._put(group_id, topic, partition, offset)

    def get(self, group_id: str, topic: str, partition: int) -> CommittedOffset | None:
        """The committed offset, if there is one."""
        return self._groups.get(group_id, {}).get(topic, {}).get(partition)

    def of_group(self, group_id: str) -> Mapping[str, Mapping[int, CommittedOffset]]:
        """All committed offsets of a group, by topic and partition."""
        return self._groups.get(group_id, {})

    def groups(self) -> Iterator[str]:
        """The groups that have offsets, committed or pending."""
        return iter({*self._groups, *self._pending})

    def is_pending(self, group_id: str, topic: str, partition: int) -> bool:
        """Whether an open transaction has committed an offset of the partition."""
        return (topic, partition) in self._pending.get(group_id, {})

    def pending_of_group(self, group_id: str) -> list[TopicPartition]:
        """The partitions whose offsets open transactions have committed."""
        return list(self._pending.get(group_id, {}))

    # Decisions

    def supersedes(self, new: CommittedOffset, old: CommittedOffset | None) -> bool:
        """The last commit wins, be it smaller or larger; that of a transaction counts from where its record stands."""
        return old is None or new.record_offset > old.record_offset

    def accepts_metadata(self, metadata: str, max_length: int) -> bool:
        """Whether the metadata is short enough: UTF-16 units are counted, not bytes as the setting's name says."""
        return utf16_length(metadata) <= max_length

    def is_visible(self, offset: CommittedOffset | None, topic_id: Uuid) -> bool:
        """Whether a fetch that names `topic_id` (or none) sees the offset; not if it was that of a deleted topic."""
        return offset is not None and (ZERO_UUID in (offset.topic_id, topic_id) or offset.topic_id == topic_id)

    def is_unstable(self, group_id: str, topic: str, partition: int) -> bool:
        """Whether a fetch that requires stable offsets has to wait for a transaction (KIP-447)."""
        return self.is_pending(group_id, topic, partition)

    def is_expired(self, offset: CommittedOffset, starts_ms: int, now_ms: int, retention_ms: int) -> bool:
        """Whether the offset is too old; one with an expiry time of its own (commits of version 2 to 4) has that."""
        if offset.expire_timestamp_ms != -1:
            return now_ms >= offset.expire_timestamp_ms
        return now_ms - starts_ms >= retention_ms

    # Changes

    def _put(self, group_id: str, topic: str, partition: int, offset: CommittedOffset) -> None:
        partitions = self._groups.setdefault(group_id, {}).setdefault(topic, {})
        if self.supersedes(offset, partitions.get(partition)):
            partitions[partition] = offset

    def _forget(self, group_id: str, topic: str, partition: int) -> None:
        topics = self._groups.get(group_id, {})
        partitions = topics.get(topic, {})
        partitions.pop(partition, None)
        if topic in topics and not partitions:
            del topics[topic]
        if group_id in self._groups and not topics:
            del self._groups[group_id]
        for producer_id in tuple(self._pending.get(group_id, {}).get((topic, partition), ())):
            self._transactions.get(producer_id, {}).pop((group_id, topic, partition), None)
            self._close(group_id, topic, partition, producer_id)

    def _close(self, group_id: str, topic: str, partition: int, producer_id: int) -> None:
        pending = self._pending.get(group_id, {})
        producers = pending.get((topic, partition), set())
        producers.discard(producer_id)
        if not producers:
            pending.pop((topic, partition), None)
        if not pending:
            self._pending.pop(group_id, None)
