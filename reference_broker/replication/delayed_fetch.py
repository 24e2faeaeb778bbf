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
        self._sizes = [result.size for result in results]
        self._places: dict[Partition, list[int]] = {}
        for place, read in enumerate(reads):
            if read.partition is not None:
                self._places.setdefault(read.partition, []).append(place)
        for partition in self._places:
            partition.watch(self)
        self._timer = loop.call_later(params.max_wait_ms / 1000, self._finish)

    def wake(self, partition: Partition) -> None:
        """Look again: something has changed at a partition."""
        for place in self._places[partition]:
            result = self._reader.read(self._params, self._reads[place], self._params.max_bytes, min_one_batch=True)
            self._sizes[place] = result.size
            if result.ends_waiting:
                self._finish()
                return
        if sum(self._sizes) >= self._params.min_bytes:
            self._finish()

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
