"""A Fetch that waits until there is enough to read (long polling).

Source: kafka.server.DelayedFetch. Kafka estimates what could be read from offsets; here it is read, which gives the
same sum and costs slices only.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.network.outcome import Abandonable

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.replication.fetching import PartitionRead, ReplicaReader
    from kafka_conformance.reference_broker.replication.partition import Partition
    from kafka_conformance.reference_broker.replication.reads import FetchParams, ReadResult


class DelayedFetch(asyncio.Future["list[ReadResult]"], Abandonable):
    """Done with what is read when there are `min_bytes`, when something must be told, or when time is up."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        reader: ReplicaReader,
        params: FetchParams,
        reads: list[PartitionRead],
        results: list[ReadResult],
    ) -> None:
        super().__init__(loop=loop)
        self._reader = reader
        self._params = params
        self._reads = reads
        self._results = results
        self._places: dict[Partition, list[int]] = {}
        for place, read in enumerate(reads):
            if read.partition is not None:
                self._places.setdefault(read.partition, []).append(place)
        for partition in self._places:
            partition.watch(self)
        self._timer = loop.call_later(params.max_wait_ms / 1000, self._finish)

    def wake(self, partition: Partition) -> None:
        """Look again: something has changed at a partition."""
        ends = False
        for place in self._places[partition]:
            result = self._reader.read(self._params, self._reads[place], self._params.max_bytes, min_one_batch=True)
            self._results[place] = result
            ends = ends or result.ends_waiting
        if ends or sum(result.size for result in self._results) >= self._params.min_bytes:
            self._release()
            if not self.done():
                self.set_result(self._what_was_read())

    def _what_was_read(self) -> list[ReadResult]:
        """A partition has woken this request with each change but that of its log's start, so little is read again.

        But where several have data, each was read as if the answer were its own.
        """
        if sum(result.size > 0 for result in self._results) > 1 or not all(map(_is_fresh, self._reads, self._results)):
            return self._reader.read_all(self._params, self._reads)
        return list(self._results)

    def abandon(self) -> None:
        """Nobody waits for the answer any more."""
        self._release()
        self.cancel()

    def _finish(self) -> None:
        self._release()
        if not self.done():
            self.set_result(self._reader.read_all(self._params, self._reads))

    def _release(self) -> None:
        self._timer.cancel()
        for partition in self._places:
            partition.unwatch(self)
        self._places = {}


def _is_fresh(read: PartitionRead, result: ReadResult) -> bool:
    partition = read.partition
    return partition is not None and partition.log.log_start_offset == result.log_start_offset
