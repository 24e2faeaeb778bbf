"""The runtime of the transaction coordinator on one partition of __transaction_state: it carries out what the shard
decides.

It replays the log before it answers, appends records, and has them applied and answers sent once they are replicated.
What is then prepared to end gets its markers, and is completed. Nothing here knows what a transaction is.
Source: TransactionStateManager (loadTransactionsForTxnTopicPartition, appendTransactionToLog);
        TransactionMarkerChannelManager (addTxnMarkersToSend, tryAppendToLog)
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.reference_broker.groups.coordinator_state import APPEND_ERROR, REFUSAL, CoordinatorState
from kafka_conformance.reference_broker.groups.log_port import CoordinatorLog, LoggedMarker, LoggedRecord
from kafka_conformance.reference_broker.transactions.decision import Decision
from kafka_conformance.reference_broker.transactions.markers import MarkerSender, PreparedTransaction
from kafka_conformance.reference_broker.transactions.records import TransactionRecord, decode_record, encode_record
from kafka_conformance.reference_broker.transactions.shard import TransactionShard

if TYPE_CHECKING:
    import asyncio

    from kafka_conformance.reference_broker.environment import Clock

R = TypeVar("R")

RECORDS_PER_SLICE = 10_000
"""How many records are replayed before the loop may do something else."""

RETRY_MS = 100
"""After how long the record that completes a transaction is tried again."""

_logger = logging.getLogger(__name__)


class _Write:
    """Records in the log, and who waits until they are replicated up to `end_offset`."""

    def __init__(self, decision: Decision, end_offset: int, refuse: Callable[[ErrorCode], Any]) -> None:
        self.records = decision.records
        self.end_offset = end_offset
        self.answer: Any = None
        self.is_answered = False
        self.future: asyncio.Future[Any] | None = None
        self.timeout: asyncio.TimerHandle | None = None
        self._reply = decision.reply
        self._refuse = refuse

    def finish(self, error: ErrorCode) -> None:
        """Answer, once."""
        if self.is_answered:
            return
        self.is_answered = True
        if self.timeout is not None:
            self.timeout.cancel()
        self.answer = self._refuse(APPEND_ERROR.get(error, error)) if error else self._reply
        if self.future is not None and not self.future.done():
            self.future.set_result(self.answer)


class TransactionCoordinator:
    """The coordinator of one partition. All methods are called on the loop's thread."""

    def __init__(
        self,
        shard: TransactionShard,
        log: CoordinatorLog,
        markers: MarkerSender,
        *,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        leader_epoch: int = 0,
    ) -> None:
        self.shard = shard
        self.state = CoordinatorState.LOADING
        self.leader_epoch = leader_epoch
        """Of the partition: it is the coordinator epoch of the markers."""
        self._log = log
        self._markers = markers
        self._loop = loop
        self._clock = clock
        self._high_watermark = 0
        self._writes: deque[_Write] = deque()
        self._is_busy = False
        self._tasks: dict[asyncio.Task[None], None] = {}
        """In the order in which they began: an order by address would be another one in each run."""

    def execute(
        self, operate: Callable[[TransactionShard], Decision], refuse: Callable[[ErrorCode], R]
    ) -> R | Awaitable[R]:
        """Carry out an operation; `refuse` makes the answer where an error takes the place of its own."""
        error = REFUSAL[self.state]
        if error:
            return refuse(error)
        answer: R | Awaitable[R] = self._perform(operate(self.shard), refuse)
        return answer

    def read(self, read: Callable[[TransactionShard], R], refuse: Callable[[ErrorCode], R]) -> R:
        """Answer at once."""
        error = REFUSAL[self.state]
        return refuse(error) if error else read(self.shard)

    def high_watermark_reached(self, offset: int) -> None:
        """Everything below `offset` is replicated; may be called from within an append."""
        self._high_watermark = max(self._high_watermark, offset)
        if self.state is CoordinatorState.ACTIVE:
            self._settle_replicated()

    # Loading and unloading

    def load(self) -> None:
        """Replay the log, then be ACTIVE; a log that cannot be read makes the coordinator FAILED."""
        self._loop.call_soon(self._load_slice, self._log.read())

    def _load_slice(self, logged: Iterator[LoggedRecord | LoggedMarker]) -> None:
        if self.state is not CoordinatorState.LOADING:
            return
        try:
            read = list(islice(logged, RECORDS_PER_SLICE))
            for each in read:
                self._replay(each)
        except ProtocolError as error:
            _logger.error("a partition of __transaction_state cannot be loaded: %s", error)
            self.state = CoordinatorState.FAILED
            return
        if len(read) == RECORDS_PER_SLICE:
            self._loop.call_soon(self._load_slice, logged)
            return
        self._high_watermark = max(self._high_watermark, self._log.high_watermark)
        self.state = CoordinatorState.ACTIVE
        for metadata in list(self.shard.prepared()):
            self._complete_later(metadata.transactional_id)

    def _replay(self, logged: LoggedRecord | LoggedMarker) -> None:
        if isinstance(logged, LoggedRecord):
            record = decode_record(logged.key, logged.value)
            if record is not None:
                self.shard.apply(record)

    def unload(self) -> None:
        """Stop: whoever waits is told NOT_COORDINATOR, and so is everybody who asks from now on."""
        self.state = CoordinatorState.CLOSED
        for task in list(self._tasks):
            task.cancel()
        writes, self._writes = self._writes, deque()
        for write in writes:
            write.finish(ErrorCode.NOT_COORDINATOR)

    # Carrying out a decision

    def carry_out(self, decide: Callable[[TransactionShard], Iterator[Decision]]) -> None:
        """Carry out what nobody has asked for and nobody waits for."""
        if self.state is CoordinatorState.ACTIVE:
            for decision in list(decide(self.shard)):
                self._perform(decision, lambda error: None)

    def _perform(self, decision: Decision, refuse: Callable[[ErrorCode], Any]) -> Any:
        """Return the answer, or the future that will have it."""
        if not decision.records:
            return decision.reply
        was_busy, self._is_busy = self._is_busy, True
        try:
            appended = self._log.append([encode_record(record) for record in decision.records])
        finally:
            self._is_busy = was_busy
        if appended.error:
            self.shard.refused(decision.records)
            return refuse(APPEND_ERROR.get(appended.error, appended.error))
        write = _Write(decision, appended.base_offset + len(decision.records), refuse)
        self._writes.append(write)
        self._settle_replicated()
        if write.is_answered:
            return write.answer
        write.future = self._loop.create_future()
        if decision.timeout_ms is not None:
            write.timeout = self._loop.call_later(decision.timeout_ms / 1000, write.finish, ErrorCode.REQUEST_TIMED_OUT)
        return write.future

    def _settle_replicated(self) -> None:
        """Finish the writes that are replicated, in their order."""
        if self._is_busy:
            return  # Further up somebody is in the middle of an append, or of this.
        self._is_busy = True
        try:
            while self._writes and self._writes[0].end_offset <= self._high_watermark:
                write = self._writes.popleft()
                for record in write.records:
                    self._take_over(record)
                write.finish(ErrorCode.NONE)
        finally:
            self._is_busy = False

    def _take_over(self, record: TransactionRecord) -> None:
        self.shard.apply(record)
        if record.metadata is not None and record.metadata.state.is_prepared:
            self._complete_later(record.transactional_id)

    # Markers

    def _complete_later(self, transactional_id: str) -> None:
        metadata = self.shard.transactions[transactional_id].metadata
        prepared = PreparedTransaction(
            transactional_id,
            metadata.producer_id,
            metadata.producer_epoch,
            self.leader_epoch,
            metadata.state.commits,
            metadata.client_version,
            metadata.partitions,
        )
        task = self._loop.create_task(self._write_markers(prepared))
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)

    async def _write_markers(self, prepared: PreparedTransaction) -> None:
        """Have all markers written; a fenced coordinator leaves the transaction to its successor."""
        transactional_id = prepared.transactional_id
        if await self._markers.deliver(prepared, lambda done: self.shard.marked(transactional_id, done)):
            self._complete(transactional_id)

    def _complete(self, transactional_id: str) -> None:
        if self.state is not CoordinatorState.ACTIVE:
            return

        def failed(error: ErrorCode) -> None:
            _logger.info("the end of the transaction of %s is not in the log yet: %s", transactional_id, error.name)
            if error is ErrorCode.COORDINATOR_NOT_AVAILABLE:
                self._loop.call_later(RETRY_MS / 1000, self._complete, transactional_id)

        # Without a time-out: the record is in the log, and the id stays pending until it is replicated.
        decision = self.shard.complete(transactional_id, self._clock.now_ms())
        self._perform(decision._replace(timeout_ms=None), failed)
