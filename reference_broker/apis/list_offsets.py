"""ListOffsets: the offset of a point in time, or of an end of the log.

Versions  v2 isolation level; v4 leader epochs; v7 -3 max timestamp; v8 -4 local; v9 -5 tiered; v11 -6 pending upload.
Errors    of a partition: INVALID_REQUEST where it is named twice, UNSUPPORTED_VERSION for a special timestamp that the
          version does not have, UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH,
          UNKNOWN_LEADER_EPOCH, OFFSET_NOT_AVAILABLE (LEADER_NOT_AVAILABLE below v5).
Source    KafkaApis.handleListOffsetRequest, ReplicaManager.fetchOffset
"""

from __future__ import annotations

from collections import Counter

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsPartitionResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopicResponse,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.replication.offset_lookup import SpecialTimestamp
from kafka_conformance.reference_broker.replication.reads import FetchIsolation, isolation_of

DEBUGGING_REPLICA_ID = -2
FIRST_VERSION_WITH_LEADER_EPOCH = 4
FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE = 5
_FIRST_VERSIONS = {
    SpecialTimestamp.LATEST: 1,
    SpecialTimestamp.EARLIEST: 1,
    SpecialTimestamp.MAX_TIMESTAMP: 7,
    SpecialTimestamp.EARLIEST_LOCAL: 8,
    SpecialTimestamp.LATEST_TIERED: 9,
    SpecialTimestamp.EARLIEST_PENDING_UPLOAD: 11,
}


class ListOffsetsRules(ApiRules):
    """What a broker decides about a ListOffsets request before it looks at a partition."""

    def named_twice(self, request: ListOffsetsRequest) -> set[tuple[str, int]]:
        """The partitions that are named more than once."""
        asked = Counter((topic.name, each.partition_index) for topic in request.topics for each in topic.partitions)
        return {key for key, count in asked.items() if count > 1}

    def is_supported(self, timestamp: int, version: int) -> bool:
        """Whether a version knows what a timestamp means."""
        if timestamp >= 0:
            return True
        try:
            return version >= _FIRST_VERSIONS[SpecialTimestamp(timestamp)]
        except ValueError:
            return False

    def only_leader(self, request: ListOffsetsRequest) -> bool:
        """Whether only the leader may answer."""
        return request.replica_id != DEBUGGING_REPLICA_ID

    def isolation(self, request: ListOffsetsRequest) -> FetchIsolation:
        """How far the sender may see: the debugging consumer all that there is (fetchOffset: isClientRequest)."""
        if request.replica_id == DEBUGGING_REPLICA_ID:
            return FetchIsolation.LOG_END
        return isolation_of(request.replica_id, request.isolation_level)

    def told_error(self, error: ErrorCode, version: int) -> ErrorCode:
        """An error as a version knows it (KIP-207)."""
        if error is ErrorCode.OFFSET_NOT_AVAILABLE and version < FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE:
            return ErrorCode.LEADER_NOT_AVAILABLE
        return error


def list_offsets(ctx: Context, request: ListOffsetsRequest) -> ListOffsetsResponse:
    """Answer ListOffsets."""
    twice = ctx.broker.rules.of(ListOffsetsRules).named_twice(request)
    return ListOffsetsResponse(
        topics=[
            ListOffsetsTopicResponse(
                name=topic.name,
                partitions=[
                    _failed(each.partition_index, ErrorCode.INVALID_REQUEST)
                    if (topic.name, each.partition_index) in twice
                    else _partition(ctx, request, topic.name, each)
                    for each in {each.partition_index: each for each in topic.partitions}.values()
                ],
            )
            for topic in request.topics
        ]
    )


def _partition(
    ctx: Context, request: ListOffsetsRequest, topic: str, wanted: ListOffsetsPartition
) -> ListOffsetsPartitionResponse:
    index, version, rules = wanted.partition_index, ctx.api_version, ctx.broker.rules.of(ListOffsetsRules)
    if not rules.is_supported(wanted.timestamp, version):
        return _failed(index, ErrorCode.UNSUPPORTED_VERSION)
    partition = ctx.broker.find_partition(topic, index)
    if isinstance(partition, ErrorCode):
        return _failed(index, rules.told_error(partition, version))
    found = partition.offset_for_timestamp(
        wanted.timestamp,
        rules.isolation(request),
        wanted.current_leader_epoch,
        only_leader=rules.only_leader(request),
    )
    if isinstance(found, ErrorCode):
        return _failed(index, rules.told_error(found, version))
    answer = ListOffsetsPartitionResponse(partition_index=index, timestamp=found.timestamp, offset=found.offset)
    if found.leader_epoch is not None and version >= FIRST_VERSION_WITH_LEADER_EPOCH:
        answer.leader_epoch = found.leader_epoch
    return answer


def _failed(index: int, error: ErrorCode) -> ListOffsetsPartitionResponse:
    return ListOffsetsPartitionResponse(partition_index=index, error_code=error)
