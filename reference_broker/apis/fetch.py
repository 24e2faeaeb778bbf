"""Fetch: records from an offset on, at once or when there are enough.

Versions  v7 sessions (KIP-227); v9 current leader epoch; v11 preferred replica (KIP-392); v12 diverging epoch; v13
          topic ids; v15 replica state; v16 the current leader beside an error (KIP-951).
Errors    of the session: see FetchContexts. Of a partition: UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION,
          NOT_LEADER_OR_FOLLOWER, INCONSISTENT_TOPIC_ID, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, OFFSET_OUT_OF_RANGE.
Source    KafkaApis.handleFetchRequest
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import (
    EpochEndOffset,
    FetchRequest,
    FetchResponse,
    LeaderIdAndEpoch,
    NodeEndpoint,
    PartitionData,
)
from kafka_conformance.reference_broker.apis.deferred import Deferred
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.fetch.contexts import FetchContext, PartitionAnswer, SessionRequest
from kafka_conformance.reference_broker.fetch.session import FetchTarget
from kafka_conformance.reference_broker.replication.delayed_fetch import DelayedFetch
from kafka_conformance.reference_broker.replication.fetching import PartitionRead
from kafka_conformance.reference_broker.replication.reads import FetchParams, ReadResult, isolation_of

FIRST_VERSION_WITH_TOPIC_IDS = 13
FIRST_VERSION_WITH_PREFERRED_REPLICA = 11
FIRST_VERSION_WITH_LEADERS = 16
_TOLD_LEADERS = (ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.FENCED_LEADER_EPOCH)


class FetchRules(ApiRules):
    """What a broker decides about a Fetch request beside its session and its reads."""

    def check_partition(self, image: MetadataImage, target: FetchTarget) -> ErrorCode:
        """Whether there is such a partition."""
        if target.topic is None:
            return ErrorCode.UNKNOWN_TOPIC_ID
        if image.partition(target.topic, target.wanted.partition) is None:
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return ErrorCode.NONE

    def max_bytes(self, request: FetchRequest, broker_limit: int) -> int:
        """How many bytes the answer may have: as many as were asked for, and no more than fetch.max.bytes."""
        return min(request.max_bytes, broker_limit)

    def min_bytes(self, request: FetchRequest, max_bytes: int) -> int:
        """For how many bytes a request waits: never for more than it can get."""
        return min(request.min_bytes, max_bytes)

    def tells_leader(self, data: PartitionData, version: int) -> bool:
        """Whether the current leader stands beside an error (KIP-951)."""
        return version >= FIRST_VERSION_WITH_LEADERS and data.error_code in _TOLD_LEADERS


def fetch(ctx: Context, request: FetchRequest) -> FetchResponse | Deferred[FetchResponse]:
    """Answer Fetch."""
    broker = ctx.broker
    replica_id = request.replica_id if ctx.api_version < 15 else request.replica_state.replica_id
    session = _session_request(ctx, request, from_follower=replica_id >= 0)
    context = broker.fetch_contexts.context_of(session, broker.image.topic_names, ctx.now_ms)
    interesting: list[FetchTarget] = []
    erroneous: list[PartitionAnswer] = []
    for target in context.targets():
        error = broker.rules.of(FetchRules).check_partition(broker.image, target)
        if error is ErrorCode.NONE:
            interesting.append(target)
        else:
            erroneous.append(PartitionAnswer(target, _error_data(target, error)))
    if not interesting:
        return context.respond(erroneous, ctx.now_ms)
    reads = [
        PartitionRead(
            target.topic or "",
            target.topic_id,
            target.wanted,
            broker.partitions.get((target.topic or "", target.wanted.partition)),
        )
        for target in interesting
    ]
    found = broker.reader.fetch(_params(ctx, request, replica_id), reads)
    if isinstance(found, DelayedFetch):
        return Deferred(found, lambda results: _respond(ctx, context, interesting, results, erroneous))
    return _respond(ctx, context, interesting, found, erroneous)


def _session_request(ctx: Context, request: FetchRequest, *, from_follower: bool) -> SessionRequest:
    uses_ids = ctx.api_version >= FIRST_VERSION_WITH_TOPIC_IDS
    names = ctx.broker.image.topic_names
    targets = []
    for topic in request.topics:
        name = names.get(topic.topic_id) if uses_ids else topic.topic
        targets += [FetchTarget(name, topic.topic_id, wanted) for wanted in topic.partitions]
    forgotten = [
        (topic.topic_id if uses_ids else topic.topic, partition)
        for topic in request.forgotten_topics_data
        for partition in topic.partitions
    ]
    return SessionRequest(request.session_id, request.session_epoch, uses_ids, from_follower, targets, forgotten)


def _error_data(target: FetchTarget, error: ErrorCode) -> PartitionData:
    return PartitionData(partition_index=target.wanted.partition, error_code=error, high_watermark=-1, records=b"")


def _params(ctx: Context, request: FetchRequest, replica_id: int) -> FetchParams:
    rules = ctx.broker.rules.of(FetchRules)
    max_bytes = rules.max_bytes(request, ctx.broker.config.int("fetch.max.bytes"))
    return FetchParams(
        replica_id=replica_id,
        isolation=isolation_of(replica_id, request.isolation_level),
        max_wait_ms=request.max_wait_ms,
        min_bytes=rules.min_bytes(request, max_bytes),
        max_bytes=max_bytes,
        rack_id=request.rack_id,
        may_prefer_replica=ctx.api_version >= FIRST_VERSION_WITH_PREFERRED_REPLICA,
    )


def _respond(
    ctx: Context,
    context: FetchContext,
    targets: list[FetchTarget],
    results: list[ReadResult],
    erroneous: list[PartitionAnswer],
) -> FetchResponse:
    answers = [
        PartitionAnswer(target, _data(ctx, target, result), result.size)
        for target, result in zip(targets, results, strict=True)
    ]
    response = context.respond(answers + erroneous, ctx.now_ms)
    _tell_leaders(ctx, answers, response)
    return response


def _data(ctx: Context, target: FetchTarget, result: ReadResult) -> PartitionData:
    data = PartitionData(
        partition_index=target.wanted.partition,
        error_code=result.error,
        high_watermark=result.high_watermark,
        last_stable_offset=result.last_stable_offset,
        log_start_offset=result.log_start_offset,
        aborted_transactions=result.aborted,
        preferred_read_replica=result.preferred_replica,
        records=result.buffers,
    )
    if result.diverging is not None:
        data.diverging_epoch = EpochEndOffset(epoch=result.diverging.epoch, end_offset=result.diverging.end_offset)
    return data


def _tell_leaders(ctx: Context, answers: list[PartitionAnswer], response: FetchResponse) -> None:
    nodes = {}
    for target, data, _ in answers:
        if target.topic is not None and ctx.broker.rules.of(FetchRules).tells_leader(data, ctx.api_version):
            leader = ctx.broker.current_leader(target.topic, target.wanted.partition)
            data.current_leader = LeaderIdAndEpoch(leader_id=leader.leader_id, leader_epoch=leader.leader_epoch)
            if leader.node is not None:
                nodes[leader.leader_id] = leader.node
    response.node_endpoints = [
        NodeEndpoint(node_id=node.node_id, host=node.host, port=node.port, rack=node.rack) for node in nodes.values()
    ]
