"""Reads for one Fetch request: which replica, how much of each, now or later.

Source: ReplicaManager.fetchMessages, ReplicaManager.readFromLog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import FetchPartition
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid
from kafka_conformance.reference_broker.replication.delayed_fetch import DelayedFetch
from kafka_conformance.reference_broker.replication.reads import FetchParams, ReadResult

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.replication.partition import Partition


class PartitionRead(NamedTuple):
    """A partition to read, and how. `partition` is None if this broker had no replica of it when the request came."""

    topic: str
    topic_id: Uuid
    wanted: FetchPartition
    partition: Partition | None


class ReplicaReader:
    """Reads the replicas of one broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def fetch(self, params: FetchParams, reads: list[PartitionRead]) -> list[ReadResult] | DelayedFetch:
        """Read at once, or return what will be done when there is enough."""
        results = self.read_all(params, reads)
        if self.answers_at_once(params, results):
            return results
        return DelayedFetch(self._broker.env.loop, self, params, reads, results)

    def answers_at_once(self, params: FetchParams, results: list[ReadResult]) -> bool:
        """Whether a request need not wait: it does not want to, there is enough, or something must be told."""
        return (
            params.max_wait_ms <= 0
            or sum(result.size for result in results) >= params.min_bytes
            or any(result.ends_waiting for result in results)
        )

    def read_all(self, params: FetchParams, reads: list[PartitionRead]) -> list[ReadResult]:
        """Read partitions in their order until the answer is full; the first one with data gives a batch at least."""
        left = params.max_bytes
        min_one_batch = True
        results = []
        for read in reads:
            result = self.read(params, read, left, min_one_batch=min_one_batch)
            if result.size > 0:
                min_one_batch = False
                left = max(0, left - result.size)
            results.append(result)
        return results

    def read(self, params: FetchParams, read: PartitionRead, left: int, *, min_one_batch: bool) -> ReadResult:
        """Read one partition, up to what is left of the answer."""
        partition = self._broker.find_partition(read.topic, read.wanted.partition)
        if isinstance(partition, ErrorCode):
            return ReadResult(partition)
        if read.topic_id not in (ZERO_UUID, partition.topic_id):
            return ReadResult(ErrorCode.INCONSISTENT_TOPIC_ID)
        max_bytes = min(read.wanted.partition_max_bytes, left)
        return partition.fetch(params, read.wanted, max_bytes, min_one_batch=min_one_batch)
