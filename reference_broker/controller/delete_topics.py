"""DeleteTopics as the controller decides it. Source: ControllerApis.deleteTopics, ReplicationControlManager.

Kafka shuffles the answers; here they keep an order, errors first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_topics import (
    DeletableTopicResult,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
)
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid
from kafka_conformance.reference_broker.controller.decision import NO_ERROR, ApiError, Decision
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.records import RemoveTopicRecord

_UNKNOWN_NAME = ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.")
_UNKNOWN_ID = ApiError(ErrorCode.UNKNOWN_TOPIC_ID, "This server does not host this topic ID.")


def _invalid(message: str) -> ApiError:
    return ApiError(ErrorCode.INVALID_REQUEST, message)


def delete_topics(
    image: MetadataImage, request: DeleteTopicsRequest, api_version: int, *, enabled: bool
) -> Decision[DeleteTopicsResponse]:
    """Decide a whole request; topics go or stay one by one. `enabled` is delete.topic.enable."""
    if not enabled:
        error = ErrorCode.INVALID_REQUEST if api_version < 3 else ErrorCode.TOPIC_DELETION_DISABLED
        return Decision(refuse_all(request, error))
    named = [*request.topic_names, *(topic.name for topic in request.topics if _is_named(topic.name, topic.topic_id))]
    times_named = Counter(name for name in named if name is not None)
    times_identified = Counter(topic.topic_id for topic in request.topics if topic.name is None and any(topic.topic_id))
    if request.timeout_ms <= 0 and 1 in (*times_named.values(), *times_identified.values()):
        return Decision(refuse_all(request, ErrorCode.REQUEST_TIMED_OUT))
    results = list(_malformed(request))
    results += (_result(name, ZERO_UUID, _invalid("Duplicate topic name.")) for name, n in times_named.items() if n > 1)
    results += (_result(None, each, _invalid("Duplicate topic id.")) for each, n in times_identified.items() if n > 1)
    doomed: dict[Uuid, str] = {}
    for topic_id, times in times_identified.items():
        if times == 1:
            _by_id(image, topic_id, doomed, results)
    for name, times in times_named.items():
        if times == 1:
            _by_name(image, name, doomed, results, times_identified)
    results += (_result(name, topic_id, NO_ERROR) for topic_id, name in doomed.items())
    return Decision(
        DeleteTopicsResponse(responses=results), tuple(RemoveTopicRecord(topic_id=topic_id) for topic_id in doomed)
    )


def _is_named(name: str | None, topic_id: Uuid) -> bool:
    return name is not None and not any(topic_id)


def refuse_all(request: DeleteTopicsRequest, code: ErrorCode) -> DeleteTopicsResponse:
    """Return the answer where nothing is tried. Source: DeleteTopicsRequest.getErrorResponse, without messages."""
    error = ApiError(code)
    by_name = [_result(name, ZERO_UUID, error) for name in request.topic_names]
    by_both = [_result(topic.name, topic.topic_id, error) for topic in request.topics]
    return DeleteTopicsResponse(responses=by_name + by_both)


def _malformed(request: DeleteTopicsRequest) -> Iterator[DeletableTopicResult]:
    for topic in request.topics:
        if topic.name is None and not any(topic.topic_id):
            yield _result(None, ZERO_UUID, _invalid("Neither topic name nor id were specified."))
        elif topic.name is not None and any(topic.topic_id):
            error = _invalid("You may not specify both topic name and topic id.")
            yield _result(topic.name, topic.topic_id, error)


def _by_id(image: MetadataImage, topic_id: Uuid, doomed: dict[Uuid, str], results: list[DeletableTopicResult]) -> None:
    name = image.topic_names.get(topic_id)
    if name is None:
        results.append(_result(None, topic_id, _UNKNOWN_ID))
    else:
        doomed[topic_id] = name


def _by_name(
    image: MetadataImage,
    name: str,
    doomed: dict[Uuid, str],
    results: list[DeletableTopicResult],
    times_identified: Counter[Uuid],
) -> None:
    topic = image.topics.get(name)
    if topic is None:
        results.append(_result(name, ZERO_UUID, _UNKNOWN_NAME))
    elif times_identified[topic.topic_id]:
        # Named and identified at once: neither is deleted
        doomed.pop(topic.topic_id, None)
        error = _invalid("The provided topic name maps to an ID that was already supplied.")
        results.append(_result(name, topic.topic_id, error))
    else:
        doomed[topic.topic_id] = name


def _result(name: str | None, topic_id: Uuid, error: ApiError) -> DeletableTopicResult:
    return DeletableTopicResult(name=name, topic_id=topic_id, error_code=error.code, error_message=error.message)
