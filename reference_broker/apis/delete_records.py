"""DeleteRecords: forget what lies before an offset.

Versions  v2 flexible.
Errors    UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION for an internal topic, NOT_LEADER_OR_FOLLOWER,
          POLICY_VIOLATION for a topic that is compacted only, OFFSET_OUT_OF_RANGE below 0 or above the high watermark.
          -1 is the high watermark; an offset below the start of the log changes nothing and is no error. The answer
          waits until all live replicas have done it: else REQUEST_TIMED_OUT.
Source    KafkaApis.handleDeleteRecordsRequest, ReplicaManager.deleteRecords (KIP-107)
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_records import (
    DeleteRecordsPartitionResult,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopicResult,
)
from kafka_conformance.reference_broker.apis.deferred import Deferred
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.image import INTERNAL_TOPICS, MetadataImage
from kafka_conformance.reference_broker.replication.delayed_delete import AwaitedDeletion, DelayedDelete

INVALID_LOW_WATERMARK = -1
HIGH_WATERMARK = -1
"""The offset that means it."""


class DeleteRecordsRules(ApiRules):
    """What a broker decides about a DeleteRecords request before it looks at a partition."""

    def check_partition(self, image: MetadataImage, topic: str, partition: int) -> ErrorCode:
        """Whether there is such a partition, and whether clients may delete its records."""
        if image.partition(topic, partition) is None:
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return ErrorCode.INVALID_TOPIC_EXCEPTION if topic in INTERNAL_TOPICS else ErrorCode.NONE


def delete_records(
    ctx: Context, request: DeleteRecordsRequest
) -> DeleteRecordsResponse | Deferred[DeleteRecordsResponse]:
    """Answer DeleteRecords."""
    pending: list[AwaitedDeletion] = []
    response = DeleteRecordsResponse(
        topics=[
            DeleteRecordsTopicResult(
                name=topic.name,
                partitions=[
                    _delete(ctx, topic.name, each.partition_index, each.offset, pending) for each in topic.partitions
                ],
            )
            for topic in request.topics
        ]
    )
    if not pending:
        return response
    return Deferred(DelayedDelete(ctx.broker.env.loop, pending, request.timeout_ms), lambda _: response)


def _delete(
    ctx: Context, topic: str, index: int, offset: int, pending: list[AwaitedDeletion]
) -> DeleteRecordsPartitionResult:
    error = ctx.broker.rules.of(DeleteRecordsRules).check_partition(ctx.broker.image, topic, index)
    if error is not ErrorCode.NONE:
        return _result(index, error)
    partition = ctx.broker.find_partition(topic, index)
    if isinstance(partition, ErrorCode):
        return _result(index, partition)
    outcome = partition.delete_records(offset)
    answer = _result(index, outcome)
    if partition.followers and not isinstance(outcome, ErrorCode):
        awaited = AwaitedDeletion(partition, outcome if offset == HIGH_WATERMARK else offset, answer)
        if not awaited.is_decided():
            pending.append(awaited)
    return answer


def _result(index: int, outcome: int | ErrorCode) -> DeleteRecordsPartitionResult:
    if isinstance(outcome, ErrorCode):
        return DeleteRecordsPartitionResult(
            partition_index=index, low_watermark=INVALID_LOW_WATERMARK, error_code=outcome
        )
    return DeleteRecordsPartitionResult(partition_index=index, low_watermark=outcome)
