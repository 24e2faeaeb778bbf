"""Metadata: brokers, topics, and where the partitions' leaders are.

Versions  v1 null for all topics, [] for none (v0: [] for all); v4 allow_auto_topic_creation; v8 authorised operations;
          v10 topic ids in the answer; v12 topics by id; v13 error code (KIP-1102), always NONE here.
Errors    of each topic: INVALID_REQUEST (v10 and v11: a null name or an id), UNKNOWN_TOPIC_ID, INVALID_TOPIC_EXCEPTION,
          UNKNOWN_TOPIC_OR_PARTITION, also for one that is about to be created; of each partition see MetadataView.
          A null name without an id gives UNKNOWN_SERVER_ERROR (observed on 4.3.1).
Source    KafkaApis.handleTopicMetadataRequest
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataResponse, MetadataResponseTopic
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.reference_broker.cluster.authorized_operations import (
    ALL_CLUSTER_OPERATIONS,
    ALL_TOPIC_OPERATIONS,
)
from kafka_conformance.reference_broker.cluster.context import Context


def metadata(ctx: Context, request: MetadataRequest) -> MetadataResponse:
    """Answer Metadata."""
    broker, version = ctx.broker, ctx.api_version
    error = _check(request, version)
    topics = _topics(ctx, request) if error is ErrorCode.NONE else _refused(request, error)
    if request.include_topic_authorized_operations:
        for topic in topics:
            topic.topic_authorized_operations = ALL_TOPIC_OPERATIONS
    response = MetadataResponse(
        brokers=broker.metadata.brokers(),
        cluster_id=broker.image.cluster_id,
        controller_id=broker.metadata.controller_id(),
        topics=topics,
    )
    if request.include_cluster_authorized_operations:
        response.cluster_authorized_operations = ALL_CLUSTER_OPERATIONS
    return response


def _check(request: MetadataRequest, version: int) -> ErrorCode:
    topics = request.topics or []
    if version < 12:
        if any(topic.name is None or topic.topic_id != ZERO_UUID for topic in topics):
            return ErrorCode.INVALID_REQUEST
    elif all(topic.topic_id == ZERO_UUID for topic in topics) and any(topic.name is None for topic in topics):
        return ErrorCode.UNKNOWN_SERVER_ERROR
    return ErrorCode.NONE


def _refused(request: MetadataRequest, error: ErrorCode) -> list[MetadataResponseTopic]:
    return [
        MetadataResponseTopic(error_code=error, name=topic.name or "", topic_id=topic.topic_id)
        for topic in request.topics or []
    ]


def _topics(ctx: Context, request: MetadataRequest) -> list[MetadataResponseTopic]:
    view, image, version = ctx.broker.metadata, ctx.broker.image, ctx.api_version
    if request.topics is None or view.asks_for_all(request.topics, version):
        return [view.topic(topic, version) for topic in image.topics.values()]
    ids = view.distinct(topic.topic_id for topic in request.topics if topic.topic_id != ZERO_UUID)
    if ids:
        found = [(topic_id, view.topic_by_id(topic_id)) for topic_id in ids]
        unknown = [view.unknown_topic_id(topic_id) for topic_id, topic in found if topic is None]
        return unknown + [view.topic(topic, version) for _, topic in found if topic is not None]
    names = view.distinct(topic.name for topic in request.topics if topic.name is not None)
    creation = ctx.broker.auto_topic_creation
    creates = creation.may_create(client_allows=request.allow_auto_topic_creation)
    answers, missing = [], []
    for name in names:
        topic = image.topics.get(name)
        if topic is not None:
            answers.append(view.topic(topic, version))
            continue
        missing.append(view.unknown_topic(name))
        if creates:
            creation.request(name)
    return answers + missing
