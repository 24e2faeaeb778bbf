"""Questions about leader epochs."""

from __future__ import annotations

from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.protocol.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)

CONSUMER = -1
NO_EPOCH = -1


def current_epoch(topic: Topic, *, partition: int = 0) -> int:
    """The partition's leader epoch, as Metadata has it."""
    described = {entry.partition_index: entry for entry in topic.refresh().partitions}
    return described[partition].leader_epoch


def end_of_epoch(
    topic: Topic, epoch: int, *, partition: int = 0, current: int = NO_EPOCH, version: int | None = None
) -> EpochEndOffset:
    """OffsetForLeaderEpoch for one partition; `current` is the leader epoch that the asking client knows."""
    wanted = OffsetForLeaderPartition(partition=partition, current_leader_epoch=current, leader_epoch=epoch)
    request = OffsetForLeaderEpochRequest(
        replica_id=CONSUMER, topics=[OffsetForLeaderTopic(topic=topic.name, partitions=[wanted])]
    )
    answer: OffsetForLeaderEpochResponse = topic.cluster.send(request, version, node=topic.leader())
    return answer.topics[0].partitions[0]
