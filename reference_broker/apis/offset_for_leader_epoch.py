"""OffsetForLeaderEpoch: where a leader epoch ended, so that a reader finds out whether its log was truncated.

Versions  v2 current leader epoch; v3 replica id; v4 flexible.
Errors    UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH. An epoch that
          the log does not know gives (-1, -1) and no error.
Source    KafkaApis.handleOffsetForLeaderEpochRequest, ReplicaManager.lastOffsetForLeaderEpoch (KIP-101, KIP-320)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopicResult,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.replication.partition import Partition


class OffsetForLeaderEpochRules(ApiRules):
    """What a broker decides about an OffsetForLeaderEpoch request before it looks at a log."""

    def find_partition(self, broker: Broker, topic: str, partition: int) -> Partition | ErrorCode:
        """The replica that is asked, or why there is none."""
        return broker.find_partition(topic, partition)


def offset_for_leader_epoch(ctx: Context, request: OffsetForLeaderEpochRequest) -> OffsetForLeaderEpochResponse:
    """Answer OffsetForLeaderEpoch."""
    return OffsetForLeaderEpochResponse(
        topics=[
            OffsetForLeaderTopicResult(
                topic=topic.topic, partitions=[_partition(ctx, topic.topic, each) for each in topic.partitions]
            )
            for topic in request.topics
        ]
    )


def _partition(ctx: Context, topic: str, wanted: OffsetForLeaderPartition) -> EpochEndOffset:
    partition = ctx.broker.rules.of(OffsetForLeaderEpochRules).find_partition(ctx.broker, topic, wanted.partition)
    if isinstance(partition, ErrorCode):
        return EpochEndOffset(partition=wanted.partition, error_code=partition)
    found = partition.end_offset_for_epoch(wanted.current_leader_epoch, wanted.leader_epoch)
    if isinstance(found, ErrorCode):
        return EpochEndOffset(partition=wanted.partition, error_code=found)
    if found is None:
        return EpochEndOffset(partition=wanted.partition)
    return EpochEndOffset(partition=wanted.partition, leader_epoch=found.epoch, end_offset=found.end_offset)
