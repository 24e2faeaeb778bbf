"""Gives out producer ids from blocks that the controller allocates.

Source: RPCProducerIdManager. Kafka fetches the first block in the background and answers COORDINATOR_LOAD_IN_PROGRESS
until it is there; here the controller answers at once.
"""

from __future__ import annotations

from kafka_conformance.reference_broker.controller.controller import Controller


class ProducerIds:
    """The ids of one broker: never given twice, also over restarts."""

    def __init__(self, controller: Controller, node_id: int) -> None:
        self._controller = controller
        self._node_id = node_id
        self._next = 0
        self._end = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether the next id takes another block."""
        return self._next == self._end

    def next_id(self) -> int:
        """Return an id that nobody has had."""
        if self.is_exhausted:
            block = self._controller.allocate_producer_ids(self._node_id)
            self._next, self._end = block.first, block.first + block.size
        self._next += 1
        return self._next - 1
