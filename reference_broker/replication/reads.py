"""What is asked of a replica in a Fetch, and what comes of it.

Source: org.apache.kafka.server.storage.log.{FetchParams, FetchPartitionData}, LogReadResult.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import AbortedTransaction

NO_OFFSET = -1
NO_PREFERRED_REPLICA = -1
CONSUMER_REPLICA_ID = -1
READ_COMMITTED = 1


class FetchIsolation(Enum):
    """How far a reader may see."""

    LOG_END = "log end"
    HIGH_WATERMARK = "high watermark"
    TXN_COMMITTED = "last stable offset"


class FetchParams(NamedTuple):
    """What a Fetch request says of all its partitions."""

    replica_id: int
    isolation: FetchIsolation
    max_wait_ms: int
    min_bytes: int
    max_bytes: int
    rack_id: str = ""
    may_prefer_replica: bool = False
    """Fetch v11 and later: the answer can send a consumer to another replica (KIP-392)."""
    replica_epoch: int = -1
    """The broker epoch of a follower, -1 where it does not say it (KIP-903)."""

    @property
    def is_from_follower(self) -> bool:
        """Whether a replica asks. -2, the debugging consumer, does not count (observed on 4.3.1)."""
        return self.replica_id >= 0


def isolation_of(replica_id: int, isolation_level: int) -> FetchIsolation:
    """How far the sender of a request may see (FetchIsolation.of)."""
    if replica_id >= 0:
        return FetchIsolation.LOG_END
    return FetchIsolation.TXN_COMMITTED if isolation_level == READ_COMMITTED else FetchIsolation.HIGH_WATERMARK


class DivergingEpoch(NamedTuple):
    """Where the log of the reader and that of the leader part (KIP-595)."""

    epoch: int
    end_offset: int


class ReadResult(NamedTuple):
    """What was read of one partition; after an error the offsets are -1."""

    error: ErrorCode
    high_watermark: int = NO_OFFSET
    last_stable_offset: int = NO_OFFSET
    log_start_offset: int = NO_OFFSET
    buffers: list[memoryview] = []
    size: int = 0
    """Bytes in `buffers`."""
    aborted: list[AbortedTransaction] | None = None
    diverging: DivergingEpoch | None = None
    preferred_replica: int = NO_PREFERRED_REPLICA

    @property
    def ends_waiting(self) -> bool:
        """Whether it must be told at once, however little data there is."""
        return self.error is not ErrorCode.NONE or self.diverging is not None or self.preferred_replica >= 0
