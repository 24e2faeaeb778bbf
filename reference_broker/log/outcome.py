"""What an append, a read or a lookup answers: values, never exceptions, because a client may ask for anything."""

from enum import Enum
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode

NO_TIMESTAMP = -1
NO_OFFSET = -1
NO_EPOCH = -1
NO_PRODUCER_ID = -1
NO_PRODUCER_EPOCH = -1
NO_SEQUENCE = -1


class AppendOrigin(Enum):
    """Who appends, which decides what is checked (Kafka: AppendOrigin)."""

    CLIENT = "client"
    COORDINATOR = "coordinator"
    REPLICATION = "replication"


class RecordError(NamedTuple):
    """Why one record made its batch be refused: its index in the batch, and a sentence."""

    batch_index: int
    message: str


class Refusal(NamedTuple):
    """An append that changed nothing.

    `reason` is for logs. `message` is what Kafka puts into the answer: None but for refused records and for bytes that
    are no batch. `log_start_offset` is -1 where Kafka refuses without looking at the log (ReplicaManager's list of
    expected exceptions), else the log's.
    """

    error: ErrorCode
    reason: str
    message: str | None = None
    record_errors: tuple[RecordError, ...] = ()
    log_start_offset: int = NO_OFFSET


class AppendInfo(NamedTuple):
    """Where a batch lies in the log. For a duplicate these are the offsets that it got the first time.

    `log_append_time_ms` is -1 for a topic with CreateTime, except for a duplicate: then it is the stored batch's
    largest timestamp (observed on 4.3.1). `max_timestamp` is the batch's, -1 for a duplicate.
    """

    base_offset: int
    last_offset: int
    log_append_time_ms: int
    log_start_offset: int
    max_timestamp: int = NO_TIMESTAMP
    duplicate: bool = False


class Fetched(NamedTuple):
    """Whole batches, in order. The first may begin before the offset that was asked for."""

    buffers: list[memoryview]
    size: int
    upper_bound_offset: int
    """Aborted transactions that begin below this offset concern the reader of these batches; -1 without batches."""


class TimestampOffset(NamedTuple):
    """A record found by its timestamp; `leader_epoch` is None where it is not known."""

    timestamp: int
    offset: int
    leader_epoch: int | None = None
