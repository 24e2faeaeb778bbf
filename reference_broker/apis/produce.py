"""Produce: one batch for each of some partitions.

Versions  advertised from v0 on (KAFKA-18659), served from v3 on; v5 log start offset; v7 zstd; v8 record errors and
          message; v10 the current leader beside an error (KIP-951); v13 topic ids.
Errors    of all partitions: TRANSACTIONAL_ID_AUTHORIZATION_FAILED for transactional records without a transactional
          id, CORRUPT_MESSAGE where a record set is no row of batches. Of each: UNKNOWN_TOPIC_ID,
          UNKNOWN_TOPIC_OR_PARTITION, INVALID_RECORD, UNSUPPORTED_COMPRESSION_TYPE, INVALID_REQUIRED_ACKS, those of
          ReplicaAppender and of the log. With acks=0 nothing is answered, and an error closes the connection. Null
          records are INVALID_RECORD (Kafka never answers them).
Source    KafkaApis.handleProduceRequest, ProduceRequest.validateRecords, RequestUtils.hasTransactionalRecords
"""

from __future__ import annotations

from collections.abc import Awaitable

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.produce import (
    LeaderIdAndEpoch,
    NodeEndpoint,
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
    TopicProduceResponse,
)
from kafka_conformance.protocol.records import BatchHeader
from kafka_conformance.reference_broker.apis.deferred import Deferred
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import CloseConnection, Context
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.log.outcome import Refusal
from kafka_conformance.reference_broker.log.produce_records import find_batch
from kafka_conformance.reference_broker.replication.appending import Entry, refuse

FIRST_VERSION_WITH_TOPIC_IDS = 13
FIRST_VERSION_WITH_LEADERS = 10
_NULL_RECORDS = Refusal(ErrorCode.INVALID_RECORD, "null records")


Found = BatchHeader | Refusal


class ProduceRules(ApiRules):
    """What a broker decides about a Produce request before any log sees it."""

    def find_batch(self, partition: PartitionProduceData, version: int) -> Found:
        """The one batch for a partition."""
        records = partition.records
        if records is None:
            return _NULL_RECORDS
        assert isinstance(records, memoryview)
        return find_batch(records, version)

    def refusal_of_all(self, request: ProduceRequest, found: list[list[Found]]) -> Refusal | None:
        """Kafka looks for transactional batches first: what stops that refuses the whole request."""
        for topic in found:
            for batch in topic:
                if isinstance(batch, Refusal):
                    if batch.message is not None:
                        return batch
                elif batch.is_transactional:
                    if request.transactional_id is None:
                        return Refusal(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, "no transactional id")
                    return None
        return None

    def check_partition(self, image: MetadataImage, topic: str | None, partition: int) -> Refusal | None:
        """Whether there is such a partition; the topic is None for an id that no topic has."""
        if topic is None:
            return Refusal(ErrorCode.UNKNOWN_TOPIC_ID, "no topic has this id")
        if image.partition(topic, partition) is None:
            return Refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "no such partition")
        return None

    def is_answered(self, acks: int) -> bool:
        """Whether the producer waits for an answer."""
        return acks != 0

    def closes_after(self, errors: list[PartitionProduceResponse]) -> bool:
        """Whether a request that wants no answer ends its connection: the producer must learn that something failed."""
        return bool(errors)

    def tells_leader(self, answer: PartitionProduceResponse, version: int) -> bool:
        """Whether the current leader stands beside an error (KIP-951)."""
        return version >= FIRST_VERSION_WITH_LEADERS and answer.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER


def produce(ctx: Context, request: ProduceRequest) -> ProduceResponse | Awaitable[ProduceResponse | None] | None:
    """Answer Produce."""
    broker, version = ctx.broker, ctx.api_version
    rules = broker.rules.of(ProduceRules)
    found = [
        [rules.find_batch(partition, version) for partition in topic.partition_data] for topic in request.topic_data
    ]
    refusal = rules.refusal_of_all(request, found)
    if refusal is not None:
        return _finish(ctx, request, _refused(request, refusal))
    response, entries = _entries(ctx, request, found)
    allowed = broker.transaction_verifier.verify(entries, request.transactional_id, version)
    if not isinstance(allowed, list):
        return _append_later(ctx, request, response, allowed)
    waiting = broker.appender.append(allowed, request.acks, request.timeout_ms)
    if waiting is None:
        return _finish(ctx, request, response)
    return Deferred(waiting, lambda _: _finish(ctx, request, response))


async def _append_later(
    ctx: Context, request: ProduceRequest, response: ProduceResponse, verifying: Awaitable[list[Entry]]
) -> ProduceResponse | None:
    waiting = ctx.broker.appender.append(await verifying, request.acks, request.timeout_ms)
    if waiting is not None:
        await waiting
    return _finish(ctx, request, response)


def _refused(request: ProduceRequest, refusal: Refusal) -> ProduceResponse:
    response = ProduceResponse()
    for topic in request.topic_data:
        answers = _answers(response, topic)
        for partition in topic.partition_data:
            answer = PartitionProduceResponse(index=partition.index)
            refuse(answer, refusal)
            answers.append(answer)
    return response


def _answers(response: ProduceResponse, topic: TopicProduceData) -> list[PartitionProduceResponse]:
    answer = TopicProduceResponse(name=topic.name, topic_id=topic.topic_id)
    response.responses.append(answer)
    return answer.partition_responses


def _entries(ctx: Context, request: ProduceRequest, found: list[list[Found]]) -> tuple[ProduceResponse, list[Entry]]:
    """The answer, with what can be refused already, and what is left to be appended."""
    image, rules = ctx.broker.image, ctx.broker.rules.of(ProduceRules)
    response = ProduceResponse()
    entries: list[Entry] = []
    for topic, batches in zip(request.topic_data, found, strict=True):
        answers = _answers(response, topic)
        name = image.topic_names.get(topic.topic_id) if ctx.api_version >= FIRST_VERSION_WITH_TOPIC_IDS else topic.name
        for partition, batch in zip(topic.partition_data, batches, strict=True):
            answer = PartitionProduceResponse(index=partition.index)
            answers.append(answer)
            missing = rules.check_partition(image, name, partition.index)
            if missing is not None or name is None:
                refuse(answer, missing or _NULL_RECORDS)
            elif isinstance(batch, Refusal):
                refuse(answer, batch)
            else:
                records = partition.records
                assert isinstance(records, memoryview)
                entries.append(Entry(name, topic.topic_id, partition.index, batch, records, answer))
    return response, entries


def _finish(ctx: Context, request: ProduceRequest, response: ProduceResponse) -> ProduceResponse | None:
    errors = [answer for topic in response.responses for answer in topic.partition_responses if answer.error_code]
    if not ctx.broker.rules.of(ProduceRules).is_answered(request.acks):
        if ctx.broker.rules.of(ProduceRules).closes_after(errors):
            raise CloseConnection(f"Produce with acks=0: {ErrorCode(errors[0].error_code).name}")
        return None
    if errors:
        _tell_leaders(ctx, response)
    return response


def _tell_leaders(ctx: Context, response: ProduceResponse) -> None:
    broker, nodes = ctx.broker, {}
    for topic in response.responses:
        name = topic.name or broker.image.topic_names.get(topic.topic_id, "")
        for answer in topic.partition_responses:
            if broker.rules.of(ProduceRules).tells_leader(answer, ctx.api_version):
                leader = broker.current_leader(name, answer.index)
                answer.current_leader = LeaderIdAndEpoch(leader_id=leader.leader_id, leader_epoch=leader.leader_epoch)
                if leader.node is not None:
                    nodes[leader.leader_id] = leader.node
    response.node_endpoints = [
        NodeEndpoint(node_id=node.node_id, host=node.host, port=node.port, rack=node.rack) for node in nodes.values()
    ]
