"""Requests about partitions of one topic, for every version: by name and by id, whichever the version carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kafka_conformance.protocol.messages.fetch import FetchPartition, FetchRequest, FetchTopic
from kafka_conformance.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from kafka_conformance.protocol.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from kafka_conformance.protocol.primitives import Uuid

TIMEOUT_MS = 30_000


class NamedTopic(Protocol):
    """What identifies a topic."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def id(self) -> Uuid: ...  # noqa: D102


def produce_request(
    topic: NamedTopic, batches: Mapping[int, bytes | None], *, acks: int = -1, transactional_id: str | None = None
) -> ProduceRequest:
    """A Produce of one record set to each partition."""
    data = [PartitionProduceData(index=index, records=records) for index, records in batches.items()]
    return ProduceRequest(
        transactional_id=transactional_id,
        acks=acks,
        timeout_ms=TIMEOUT_MS,
        topic_data=[TopicProduceData(name=topic.name, topic_id=topic.id, partition_data=data)],
    )


def fetch_request(
    topic: NamedTopic,
    offsets: Mapping[int, int],
    *,
    max_wait_ms: int = 0,
    min_bytes: int = 1,
    max_bytes: int = 0x7FFFFFFF,
    partition_max_bytes: int = 1 << 20,
    isolation_level: int = 0,
    current_leader_epoch: int = -1,
    last_fetched_epoch: int = -1,
    session_id: int = 0,
    session_epoch: int = -1,
) -> FetchRequest:
    """A Fetch from an offset of each partition, in the mapping's order; no session unless asked."""
    partitions = [
        FetchPartition(
            partition=index,
            fetch_offset=offset,
            partition_max_bytes=partition_max_bytes,
            current_leader_epoch=current_leader_epoch,
            last_fetched_epoch=last_fetched_epoch,
        )
        for index, offset in offsets.items()
    ]
    return FetchRequest(
        max_wait_ms=max_wait_ms,
        min_bytes=min_bytes,
        max_bytes=max_bytes,
        isolation_level=isolation_level,
        session_id=session_id,
        session_epoch=session_epoch,
        topics=[FetchTopic(topic=topic.name, topic_id=topic.id, partitions=partitions)] if partitions else [],
    )


def list_offsets_request(
    topic: NamedTopic, timestamps: Mapping[int, int], *, isolation_level: int = 0, current_leader_epoch: int = -1
) -> ListOffsetsRequest:
    """A ListOffsets by a consumer for a timestamp of each partition."""
    partitions = [
        ListOffsetsPartition(partition_index=index, timestamp=timestamp, current_leader_epoch=current_leader_epoch)
        for index, timestamp in timestamps.items()
    ]
    return ListOffsetsRequest(
        replica_id=-1,
        isolation_level=isolation_level,
        topics=[ListOffsetsTopic(name=topic.name, partitions=partitions)],
        timeout_ms=TIMEOUT_MS,
    )
