"""A Produce with acks=-1 that waits until what it wrote is committed.

Source: org.apache.kafka.server.purgatory.DelayedProduce.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from kafka_conformance.protocol.error_codes import ErrorCode

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.replication.partition import Partition


class PartitionAnswer(Protocol):
    """What is told of one partition."""

    error_code: int


class AwaitedAppend:
    """An append and the offset that the high watermark must reach."""

    __slots__ = ("answer", "partition", "required_offset")

    def __init__(self, partition: Partition, required_offset: int, answer: PartitionAnswer) -> None:
        self.partition = partition
        self.required_offset = required_offset
        self.answer = answer

    def is_decided(self) -> bool:
        """Whether it is known what becomes of it; if so the answer says it."""
        reached, error = self.partition.check_enough_replicas_reach_offset(self.required_offset)
        if not reached and error is ErrorCode.NONE:
            return False
        self.answer.error_code = error
        return True


class DelayedProduce(asyncio.Future[None]):
    """Done when every append is committed or lost, or after the time-out."""

    def __init__(self, loop: asyncio.AbstractEventLoop, pending: list[AwaitedAppend], timeout_ms: int) -> None:
        super().__init__(loop=loop)
        self._pending = pending
        for append in pending:
            append.partition.watch(self)
        self._timer = loop.call_later(max(timeout_ms, 0) / 1000, self._time_out)

    def wake(self, partition: Partition) -> None:
        """Look again: something has changed at a partition."""
        still = [append for append in self._pending if not append.is_decided()]
        if len(still) < len(self._pending):
            waited_for = {append.partition for append in still}
            for append in self._pending:
                if append.partition not in waited_for:
                    append.partition.unwatch(self)
            self._pending = still
        if not still:
            self._finish()

    def _time_out(self) -> None:
        for append in self._pending:
            append.answer.error_code = ErrorCode.REQUEST_TIMED_OUT
            append.partition.unwatch(self)
        self._pending = []
        self._finish()

    def _finish(self) -> None:
        self._timer.cancel()
        if not self.done():
            self.set_result(None)
