"""What the controller decides: a reply, and the records that make it true once they are written."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.controller.records import MetadataRecord

R = TypeVar("R")

MAX_RECORDS_PER_OPERATION = 10_000
"""QuorumController.MAX_RECORDS_PER_USER_OP."""


class ApiError(NamedTuple):
    """An error as an API answers it. Source: org.apache.kafka.common.requests.ApiError."""

    code: ErrorCode
    message: str | None = None


LONGEST_MESSAGE = 32_767


def refusal(refused: ConfigError) -> ApiError:
    """Return the error for a refused configuration. One that cannot be written as a string has no message."""
    if len(refused.message) > LONGEST_MESSAGE:
        return ApiError(ErrorCode.UNKNOWN_SERVER_ERROR)  # as Kafka fails to write its answer
    return ApiError(refused.error_code, refused.message)


NO_ERROR = ApiError(ErrorCode.NONE)
TIMED_OUT = ApiError(ErrorCode.REQUEST_TIMED_OUT)
"""Of a request that allows no time: Kafka's controller drops it when its turn comes."""
TOO_LARGE = ApiError(ErrorCode.POLICY_VIOLATION, "Unable to perform excessively large batch operation.")


class Decision(NamedTuple, Generic[R]):
    """A reply that holds once `records` are in the log, all of them or none."""

    reply: R
    records: tuple[MetadataRecord, ...] = ()
