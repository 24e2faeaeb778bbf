"""FindCoordinator: which broker coordinates a group or a transactional id.

Versions  v1 key type; v4 several keys; v6 share groups.
Errors    INVALID_REQUEST for an unknown key type, a share group below v6 or a malformed share key;
          COORDINATOR_NOT_AVAILABLE while __consumer_offsets or __transaction_state is being created or has no leader,
          and for share groups, which no broker here coordinates.
Source    KafkaApis.handleFindCoordinatorRequest, getCoordinator; SharePartitionKey.validate
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.find_coordinator import (
    Coordinator,
    FindCoordinatorRequest,
    FindCoordinatorResponse,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.topic_names import CONSUMER_OFFSETS, TRANSACTION_STATE

FIRST_VERSION_WITH_MANY_KEYS = 4
FIRST_VERSION_WITH_SHARE_GROUPS = 6
_MESSAGES = {
    ErrorCode.NONE: "NONE",
    ErrorCode.COORDINATOR_NOT_AVAILABLE: "The coordinator is not available.",
    ErrorCode.INVALID_REQUEST: "This most likely occurs because of a request being malformed by the client library or"
    " the message was sent to an incompatible broker. See the broker logs for more details.",
}


class CoordinatorType(IntEnum):
    """What a key names (FindCoordinatorRequest.CoordinatorType)."""

    GROUP = 0
    TRANSACTION = 1
    SHARE = 2


class Found(NamedTuple):
    """A coordinator's address, or why there is none."""

    error: ErrorCode
    node_id: int = -1
    host: str = ""
    port: int = -1


class FindCoordinatorRules(ApiRules):
    """How a broker finds coordinators."""

    def keys(self, request: FindCoordinatorRequest) -> list[str]:
        """The keys that are answered, from version 4 on."""
        return request.coordinator_keys

    def find(self, ctx: Context, key_type: int, key: str) -> Found:
        """Find the coordinator of a key."""
        if key_type == CoordinatorType.GROUP:
            return self.find_group_coordinator(ctx, key)
        if key_type == CoordinatorType.TRANSACTION:
            return self.find_transaction_coordinator(ctx, key)
        if key_type == CoordinatorType.SHARE and not self.is_share_key(key, ctx.api_version):
            return Found(ErrorCode.INVALID_REQUEST)
        is_known = key_type == CoordinatorType.SHARE
        return Found(ErrorCode.COORDINATOR_NOT_AVAILABLE if is_known else ErrorCode.INVALID_REQUEST)

    def find_group_coordinator(self, ctx: Context, group_id: str) -> Found:
        """The leader of the group's partition of __consumer_offsets."""
        return self._find_leader(ctx, CONSUMER_OFFSETS, lambda: ctx.broker.groups.partition_for(group_id))

    def find_transaction_coordinator(self, ctx: Context, transactional_id: str) -> Found:
        """The leader of the transactional id's partition of __transaction_state."""
        return self._find_leader(
            ctx, TRANSACTION_STATE, lambda: ctx.broker.transactions.partition_for(transactional_id)
        )

    def _find_leader(self, ctx: Context, topic: str, partition: Callable[[], int]) -> Found:
        """The leader of a partition of an internal topic, which is created when first asked for."""
        broker = ctx.broker
        if topic not in broker.image.topics:
            broker.auto_topic_creation.request(topic)
            return Found(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        state = broker.image.partition(topic, partition())
        leader = None if state is None else broker.metadata.alive_broker(state.leader)
        if leader is None:
            return Found(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return Found(ErrorCode.NONE, leader.node_id, leader.host, leader.port)

    def is_share_key(self, key: str, version: int) -> bool:
        """Whether a key is group:topic id:partition, in a version that knows share groups."""
        parts = key.rsplit(":", 2)
        if version < FIRST_VERSION_WITH_SHARE_GROUPS or len(parts) != 3 or not parts[0] or not parts[2].isdigit():
            return False
        try:
            return len(urlsafe_b64decode(parts[1] + "==")) == 16
        except ValueError:
            return False


def find_coordinator(ctx: Context, request: FindCoordinatorRequest) -> FindCoordinatorResponse:
    """Answer FindCoordinator."""
    rules = ctx.broker.rules.of(FindCoordinatorRules)
    if ctx.api_version >= FIRST_VERSION_WITH_MANY_KEYS:
        found_by_key = [(key, rules.find(ctx, request.key_type, key)) for key in rules.keys(request)]
        return FindCoordinatorResponse(coordinators=[_coordinator(key, found) for key, found in found_by_key])
    found = rules.find(ctx, request.key_type, request.key)
    return FindCoordinatorResponse(
        error_code=found.error,
        error_message=_MESSAGES[found.error],
        node_id=found.node_id,
        host=found.host,
        port=found.port,
    )


def _coordinator(key: str, found: Found) -> Coordinator:
    return Coordinator(key=key, error_code=found.error, node_id=found.node_id, host=found.host, port=found.port)
