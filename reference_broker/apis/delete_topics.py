"""DeleteTopics: by name, from version 6 on also by id.

Versions  v5 error messages; v6 ids.
Errors    of each topic: TOPIC_DELETION_DISABLED (INVALID_REQUEST below v3) where delete.topic.enable is false;
          INVALID_REQUEST (named twice, named and identified, neither), UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION.
Source    KafkaApis.handleDeleteTopicsRequest, ControllerApis.deleteTopics
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
    from kafka_conformance.reference_broker.apis.deferred import Deferred
    from kafka_conformance.reference_broker.cluster.context import Context


def delete_topics(ctx: Context, request: DeleteTopicsRequest) -> DeleteTopicsResponse | Deferred[DeleteTopicsResponse]:
    """Answer DeleteTopics."""
    return ctx.broker.forward(lambda: ctx.broker.controller.delete_topics(request, ctx.api_version))
