"""WriteTxnMarkers: the coordinator ends a transaction in the partitions that this broker leads.

Versions  v1 flexible; v2 the transaction version (KIP-890), by which the epoch of a marker is judged.
Errors    of each partition: UNKNOWN_TOPIC_OR_PARTITION without a replica here, NOT_LEADER_OR_FOLLOWER (also where a
          group coordinator is not ready), INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED, those of an append
          with acks=all, within request.timeout.ms. A marker without a producer id or epoch is a batch that Kafka cannot
          build: UNKNOWN_SERVER_ERROR for the whole request, of which the markers before it are written.
Source    KafkaApis.handleWriteTxnMarkersRequest, DefaultRecordBatch.writeHeader
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.topic_names import CONSUMER_OFFSETS
from kafka_conformance.reference_broker.groups.log_port import TransactionEnd
from kafka_conformance.reference_broker.log.outcome import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, Refusal
from kafka_conformance.reference_broker.replication.coordinator_log import append_marker, end_marker
from kafka_conformance.reference_broker.replication.delayed_produce import AwaitedAppend, DelayedProduce
from kafka_conformance.reference_broker.replication.partition import Partition

_NOT_READY = frozenset(
    {ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_COORDINATOR}
)


class WriteTxnMarkersRules(ApiRules):
    """What a broker decides about markers."""

    def end_of(self, marker: WritableTxnMarker, topic: str) -> TransactionEnd:
        """What is written into the partitions of a topic."""
        return TransactionEnd(
            marker.producer_id,
            marker.producer_epoch,
            marker.coordinator_epoch,
            marker.transaction_result,
            marker.transaction_version,
        )

    def can_be_built(self, marker: WritableTxnMarker) -> bool:
        """Whether a batch can be made of it."""
        return marker.producer_id != NO_PRODUCER_ID and marker.producer_epoch != NO_PRODUCER_EPOCH

    def batch(self, end: TransactionEnd, now_ms: int) -> bytearray:
        """What is appended."""
        return end_marker(end, now_ms)

    def missing_error(self) -> ErrorCode:
        """What is told of a partition of which there is no replica here."""
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def told_error(self, error: ErrorCode) -> ErrorCode:
        """What the transaction coordinator is told of a group coordinator that is not ready."""
        return ErrorCode.NOT_LEADER_OR_FOLLOWER if error in _NOT_READY else error


async def write_txn_markers(ctx: Context, request: WriteTxnMarkersRequest) -> WriteTxnMarkersResponse:
    """Answer WriteTxnMarkers; the markers of one producer make one result."""
    rules = ctx.broker.rules.of(WriteTxnMarkersRules)
    by_producer: dict[int, dict[str, list[WritableTxnMarkerPartitionResult]]] = {}
    awaited: list[AwaitedAppend] = []
    offsets: list[tuple[WritableTxnMarkerPartitionResult, Awaitable[ErrorCode]]] = []
    for marker in request.markers:
        if not rules.can_be_built(marker) and _is_here(ctx, marker):
            return _unexpected(request)
        topics = by_producer.setdefault(marker.producer_id, {})
        for topic in marker.topics:
            for index in topic.partition_indexes:
                result = WritableTxnMarkerPartitionResult(partition_index=index)
                topics.setdefault(topic.name, []).append(result)
                _write(ctx, marker, topic.name, result, awaited, offsets)
    if awaited:
        await DelayedProduce(ctx.broker.env.loop, awaited, ctx.broker.config.int("request.timeout.ms"))
    for result, completion in offsets:
        result.error_code = rules.told_error(await completion)
    return _response(by_producer)


def _response(
    by_producer: Mapping[int, Mapping[str, list[WritableTxnMarkerPartitionResult]]],
) -> WriteTxnMarkersResponse:
    return WriteTxnMarkersResponse(
        markers=[
            WritableTxnMarkerResult(
                producer_id=producer_id,
                topics=[WritableTxnMarkerTopicResult(name=name, partitions=found) for name, found in topics.items()],
            )
            for producer_id, topics in by_producer.items()
        ]
    )


def _is_here(ctx: Context, marker: WritableTxnMarker) -> bool:
    """Whether the marker would be appended to a partition that this broker has."""
    named = ((topic.name, index) for topic in marker.topics for index in topic.partition_indexes)
    return any(partition in ctx.broker.partitions for partition in named)


def _unexpected(request: WriteTxnMarkersRequest) -> WriteTxnMarkersResponse:
    by_producer: dict[int, dict[str, list[WritableTxnMarkerPartitionResult]]] = {}
    for marker in request.markers:
        topics = by_producer.setdefault(marker.producer_id, {})
        for topic in marker.topics:
            topics.setdefault(topic.name, []).extend(
                WritableTxnMarkerPartitionResult(partition_index=index, error_code=ErrorCode.UNKNOWN_SERVER_ERROR)
                for index in topic.partition_indexes
            )
    return _response(by_producer)


def _write(
    ctx: Context,
    marker: WritableTxnMarker,
    topic: str,
    result: WritableTxnMarkerPartitionResult,
    awaited: list[AwaitedAppend],
    offsets: list[tuple[WritableTxnMarkerPartitionResult, Awaitable[ErrorCode]]],
) -> None:
    broker = ctx.broker
    rules = broker.rules.of(WriteTxnMarkersRules)
    partition = broker.partitions.get((topic, result.partition_index))
    end = rules.end_of(marker, topic)
    if partition is None:
        result.error_code = rules.missing_error()
    elif topic == CONSUMER_OFFSETS:
        completion = broker.groups.complete_transaction(result.partition_index, end)
        if isinstance(completion, ErrorCode):
            result.error_code = rules.told_error(completion)
        else:
            offsets.append((result, completion))
    else:
        _append(ctx, partition, end, result, awaited)


def _append(
    ctx: Context,
    partition: Partition,
    end: TransactionEnd,
    result: WritableTxnMarkerPartitionResult,
    awaited: list[AwaitedAppend],
) -> None:
    batch = ctx.broker.rules.of(WriteTxnMarkersRules).batch(end, ctx.now_ms)
    outcome = append_marker(partition, batch, end.transaction_version)
    if isinstance(outcome, Refusal):
        result.error_code = outcome.error
        return
    append = AwaitedAppend(partition, outcome.last_offset + 1, result)
    if not append.is_decided():
        awaited.append(append)
