"""Whether the coordinator of a partition answers, and what clients are told when it does not.

Source: CoordinatorRuntime.CoordinatorState, withActiveContextOrThrow; CoordinatorOperationExceptionHelper
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from kafka_conformance.protocol.error_codes import ErrorCode


class CoordinatorState(Enum):
    """Whether the coordinator of a partition answers."""

    LOADING = "loading"
    ACTIVE = "active"
    FAILED = "failed"
    CLOSED = "closed"


REFUSAL: Mapping[CoordinatorState, ErrorCode] = {
    CoordinatorState.LOADING: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    CoordinatorState.ACTIVE: ErrorCode.NONE,
    CoordinatorState.FAILED: ErrorCode.NOT_COORDINATOR,
    CoordinatorState.CLOSED: ErrorCode.NOT_COORDINATOR,
}

APPEND_ERROR: Mapping[ErrorCode, ErrorCode] = {
    # An append that failed, or that was not replicated in time; other errors are told as they are.
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION: ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_ENOUGH_REPLICAS: ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.REQUEST_TIMED_OUT: ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_LEADER_OR_FOLLOWER: ErrorCode.NOT_COORDINATOR,
    ErrorCode.KAFKA_STORAGE_ERROR: ErrorCode.NOT_COORDINATOR,
    ErrorCode.MESSAGE_TOO_LARGE: ErrorCode.UNKNOWN_SERVER_ERROR,
    ErrorCode.RECORD_LIST_TOO_LARGE: ErrorCode.UNKNOWN_SERVER_ERROR,
    ErrorCode.INVALID_FETCH_SIZE: ErrorCode.UNKNOWN_SERVER_ERROR,
}
