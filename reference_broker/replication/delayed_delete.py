"""A DeleteRecords that waits until all live replicas have forgotten the records.

Source: kafka.server.DelayedDeleteRecords.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.delete_records import DeleteRecordsPartitionResult
    from kafka_conformance.reference_broker.replication.partition import Partition


class AwaitedDeletion:
    """A deletion, and where the log has to begin everywhere."""

    __slots__ = ("answer", "partition", "required_offset")

    def __init__(self, partition: Partition, required_offset: int, answer: DeleteRecordsPartitionResult) -> None:
        self.partition = partition
        self.required_offset = required_offset
        self.answer = answer

    def is_decided(self) -> bool:
        """Whether it is known what becomes of it; if so the answer says it."""
        if not self.partition.is_leader:
            self.answer.error_code, self.answer.low_watermark = ErrorCode.NOT_LEADER_OR_FOLLOWER, -1
            return True
        self.answer.low_watermark = self.partition.low_watermark
        return self.answer.low_watermark >= self.required_offset


class DelayedDelete(asyncio.Future[None]):
    """Done when every deletion is everywhere, or after the time-out."""

    def __init__(self, loop: asyncio.AbstractEventLoop, pending: list[AwaitedDeletion], timeout_ms: int) -> None:
        super().__init__(loop=loop)
        self._pending = pending
        for deletion in pending:
            deletion.partition.watch(self)
        self._timer = loop.call_later(max(timeout_ms, 0) / 1000, self._time_out)

    def wake(self, partition: Partition) -> None:
        """Look again: something has changed at a partition."""
        if all(deletion.is_decided() for deletion in self._pending):
            self._finish()

    def _time_out(self) -> None:
        for deletion in self._pending:
            if not deletion.is_decided():
                deletion.answer.error_code = ErrorCode.REQUEST_TIMED_OUT
        self._finish()

    def _finish(self) -> None:
        self._timer.cancel()
        for deletion in self._pending:
            deletion.partition.unwatch(self)
        if not self.done():
            self.set_result(None)
