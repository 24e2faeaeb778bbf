"""TxnOffsetCommit: a transaction commits offsets of a group, which count when the transaction does.

Versions  v2 leader epochs; v3 the member and its generation (KIP-447); v4 TRANSACTION_ABORTABLE; v5 adds the group's
          partition of __consumer_offsets to the transaction by the way (KIP-890). v6 is unstable and not served.
Errors    of each partition: UNKNOWN_TOPIC_OR_PARTITION, and for all others those of the verification, then those of
          the group coordinator. Below v2 COORDINATOR_NOT_AVAILABLE for COORDINATOR_LOAD_IN_PROGRESS (KAFKA-7296).
Source    KafkaApis.handleTxnOffsetCommitRequest, GroupCoordinatorService.commitTransactionalOffsets,
          CoordinatorRuntime.scheduleTransactionalWriteOperation, CoordinatorOperationExceptionHelper
"""

from __future__ import annotations

from collections.abc import Mapping

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.topic_names import CONSUMER_OFFSETS
from kafka_conformance.reference_broker.groups.coordinator_state import APPEND_ERROR
from kafka_conformance.reference_broker.groups.log_port import TransactionalProducer
from kafka_conformance.reference_broker.groups.offsets.transactional import refuse_commit
from kafka_conformance.reference_broker.groups.shapes import with_refused

FIRST_VERSION_THAT_WAITS_FOR_LOADING = 2
_VERIFICATION_ERROR: Mapping[ErrorCode, ErrorCode] = {
    **APPEND_ERROR,
    ErrorCode.NETWORK_EXCEPTION: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
}


class TxnOffsetCommitRules(ApiRules):
    """What a broker decides about a TxnOffsetCommit request."""

    def check_partition(self, image: MetadataImage, topic: str, partition: int) -> ErrorCode:
        """Whether there is such a partition."""
        exists = image.partition(topic, partition) is not None
        return ErrorCode.NONE if exists else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def told_error(self, error: int, version: int) -> int:
        """What an older producer is told while the group is being loaded."""
        is_loading = error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
        if is_loading and version < FIRST_VERSION_THAT_WAITS_FOR_LOADING:
            return ErrorCode.COORDINATOR_NOT_AVAILABLE
        return error


async def txn_offset_commit(ctx: Context, request: TxnOffsetCommitRequest) -> TxnOffsetCommitResponse:
    """Answer TxnOffsetCommit."""
    rules = ctx.broker.rules.of(TxnOffsetCommitRules)
    refused: list[TxnOffsetCommitResponseTopic] = []
    request.topics = [found for topic in request.topics if (found := _existing(ctx, topic, refused)) is not None]
    if not request.topics:
        return TxnOffsetCommitResponse(topics=refused)
    response = await _commit(ctx, request)
    for topic in response.topics:
        for partition in topic.partitions:
            partition.error_code = rules.told_error(partition.error_code, ctx.api_version)
    return with_refused(refused, response)


async def _commit(ctx: Context, request: TxnOffsetCommitRequest) -> TxnOffsetCommitResponse:
    broker = ctx.broker
    error = broker.groups.txn_commit_refusal(request)
    if error is not ErrorCode.NONE:
        return refuse_commit(request, error)
    guard = await broker.transaction_verifier.verify_offsets(
        (CONSUMER_OFFSETS, broker.groups.partition_for(request.group_id)),
        request.transactional_id,
        request.producer_id,
        request.producer_epoch,
        ctx.api_version,
    )
    if isinstance(guard, ErrorCode):
        return refuse_commit(request, _VERIFICATION_ERROR.get(guard, guard))
    producer = TransactionalProducer(request.producer_id, request.producer_epoch, guard)
    answer = broker.groups.commit_in_transaction(request, producer, ctx.caller)
    return answer if isinstance(answer, TxnOffsetCommitResponse) else await answer


def _existing(
    ctx: Context, topic: TxnOffsetCommitRequestTopic, refused: list[TxnOffsetCommitResponseTopic]
) -> TxnOffsetCommitRequestTopic | None:
    """Return the topic with the partitions that exist; the others are refused."""
    image, rules = ctx.broker.image, ctx.broker.rules.of(TxnOffsetCommitRules)
    found, failed = [], []
    for each in topic.partitions:
        error = rules.check_partition(image, topic.name, each.partition_index)
        if error is ErrorCode.NONE:
            found.append(each)
        else:
            failed.append(TxnOffsetCommitResponsePartition(partition_index=each.partition_index, error_code=error))
    if failed:
        refused.append(TxnOffsetCommitResponseTopic(name=topic.name, partitions=failed))
    topic.partitions = found
    return topic if found else None
