"""What the controller decides: a reply, and the records that make it true once they are written."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.controller.records import MetadataRecord

R = TypeVar("R")

MAX_RECORDS_PER_OPERATION = 10_000
"""QuorumController.MAX_RECORDS_PER_USER_OP."""


class ApiError(NamedTuple):
    """An error as an API answers it. Source: org.apache.kafka.common.requests.ApiError."""

    code: ErrorCode
    message: str | None = None


NO_ERROR = ApiError(ErrorCode.NONE)
TOO_LARGE = ApiError(ErrorCode.POLICY_VIOLATION, "Unable to perform excessively large batch operation.")


class Decision(NamedTuple, Generic[R]):
    """A reply that holds once `records` are in the log, all of them or none."""

    reply: R
    records: tuple[MetadataRecord, ...] = ()
