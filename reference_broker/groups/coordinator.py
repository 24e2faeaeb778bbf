"""The runtime of the group coordinator on one partition of __consumer_offsets: it carries out what the shard decides.

It replays the log before it answers, appends records and has them applied in one step, sends answers once the log is
replicated so far, and keeps the timers. Nothing here knows what a group is.
Source: CoordinatorRuntime, CoordinatorTimerImpl, CoordinatorLoaderImpl, CoordinatorOperationExceptionHelper
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.reference_broker.groups.coordinator_state import APPEND_ERROR, REFUSAL, CoordinatorState
from kafka_conformance.reference_broker.groups.decision import Decision, Parked, Release, SetTimer, Timer, TimerKey
from kafka_conformance.reference_broker.groups.log_port import (
    CoordinatorLog,
    LoggedMarker,
    LoggedRecord,
    TransactionalProducer,
    TransactionEnd,
)
from kafka_conformance.reference_broker.groups.offsets.store import NO_PRODUCER_ID
from kafka_conformance.reference_broker.groups.records import GroupRecord, decode_record, encode_record
from kafka_conformance.reference_broker.groups.shard import GroupShard

if TYPE_CHECKING:
    import asyncio

    from kafka_conformance.reference_broker.environment import Clock

R = TypeVar("R")

RECORDS_PER_SLICE = 10_000
"""How many records are replayed before the loop may do something else."""

_logger = logging.getLogger(__name__)


Entry = tuple[int, GroupRecord, int] | LoggedMarker
"""What is applied: (offset, record, producer id), or the end of a transaction."""


@dataclass(slots=True, eq=False)
class _Write:
    """What is to happen once the log is replicated up to `end_offset`."""

    entries: tuple[Entry, ...] = ()
    end_offset: int = 0
    then: Callable[[ErrorCode, int], Decision] | None = None
    refuse: Callable[[ErrorCode], Any] | None = None
    reply: Any = None
    future: asyncio.Future[Any] | None = None
    timeout: asyncio.TimerHandle | None = None


class GroupCoordinator:
    """The coordinator of one partition. All methods are called on the loop's thread."""

    def __init__(
        self,
        shard: GroupShard,
        log: CoordinatorLog,
        *,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        write_timeout_ms: int,
        leader_epoch: int = 0,
    ) -> None:
        self.shard = shard
        self.state = CoordinatorState.LOADING
        self.leader_epoch = leader_epoch
        self._log = log
        self._loop = loop
        self._clock = clock
        self._write_timeout_ms = write_timeout_ms
        self._high_watermark = 0
        self._writes: deque[_Write] = deque()
        self._is_busy = False
        self._parked: dict[Parked, asyncio.Future[Any]] = {}
        self._timers: dict[TimerKey, asyncio.TimerHandle] = {}

    def execute(self, operate: Callable[[GroupShard], Decision], refuse: Callable[[ErrorCode], R]) -> R | Awaitable[R]:
        """Carry out an operation; `refuse` makes the answer where an error takes the place of its own."""
        error = REFUSAL[self.state]
        if error:
            return refuse(error)
        answer: R | Awaitable[R] = self._perform(operate(self.shard), refuse)
        return answer

    def read(self, read: Callable[[GroupShard], R], refuse: Callable[[ErrorCode], R]) -> R:
        """Answer at once, from what is replicated."""
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
            _logger.error("a partition of __consumer_offsets cannot be loaded: %s", error)
            self.state = CoordinatorState.FAILED
            return
        self._high_watermark = max(self._high_watermark, self._log.high_watermark)
        self._settle_replicated()
        if len(read) == RECORDS_PER_SLICE:
            self._loop.call_soon(self._load_slice, logged)
            return
        self.state = CoordinatorState.ACTIVE
        self._perform_all(self.shard.loaded(self._clock.now_ms()))

    def _replay(self, logged: LoggedRecord | LoggedMarker) -> None:
        if isinstance(logged, LoggedMarker):
            self._apply((logged,), logged.offset + 1)
            return
        record = decode_record(logged.key, logged.value)
        if record is not None:
            self._apply(((logged.offset, record, logged.producer_id),), logged.offset + 1)

    def unload(self) -> None:
        """Stop: whoever waits is told NOT_COORDINATOR, and so is everybody who asks from now on."""
        was_active = self.state is CoordinatorState.ACTIVE
        self.state = CoordinatorState.CLOSED
        writes, self._writes = self._writes, deque()
        for write in writes:
            self._finish(write, ErrorCode.NOT_COORDINATOR)
        if was_active:
            self._perform_all(self.shard.unloaded(self._clock.now_ms()))
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    # Carrying out a decision

    def _perform_all(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            self._perform(decision)

    def _perform(self, decision: Decision, refuse: Callable[[ErrorCode], Any] | None = None) -> Any:
        """Return the answer, or the future that will have it."""
        for timer in decision.timers:
            self._set_timer(timer)
        reply, answer = decision.reply, None
        if isinstance(reply, Parked):
            answer = self._parked[reply] = self._loop.create_future()
        if decision.records or self._writes:
            write = _Write(then=decision.then, refuse=refuse)
            if answer is None and reply is not None and not decision.at_once:
                write.reply, answer = reply, self._loop.create_future()
                write.future = answer
            self._append(write, decision.records, decision.producer)
        for release in decision.releases:
            self._release(release)
        if answer is None:
            return reply
        return answer.result() if answer.done() else answer

    def _append(
        self, write: _Write, records: tuple[GroupRecord, ...], producer: TransactionalProducer | None = None
    ) -> None:
        """Append and apply records; `write` is finished at once, or when they and all before them are replicated."""
        if not records:
            write.end_offset = self._writes[-1].end_offset
            self._writes.append(write)
            self._wait_for_replication(write)
            return
        if self.state is not CoordinatorState.ACTIVE:
            self._finish(write, ErrorCode.NOT_COORDINATOR)
            return
        was_busy, self._is_busy = self._is_busy, True
        try:
            appended = self._log.append([encode_record(record) for record in records], producer)
        finally:
            self._is_busy = was_busy
        if appended.error:
            self._finish(write, appended.error)
            return
        first = appended.base_offset
        producer_id = NO_PRODUCER_ID if producer is None else producer.producer_id
        entries = tuple((first + number, record, producer_id) for number, record in enumerate(records))
        self._apply(entries, first + len(records), write)
        self._wait_for_replication(write)

    def complete_transaction(self, end: TransactionEnd) -> ErrorCode | Awaitable[ErrorCode]:
        """Write the marker of a transaction that has committed offsets here; they count once it is in the log."""
        error = REFUSAL[self.state]
        if error:
            return error
        was_busy, self._is_busy = self._is_busy, True
        try:
            appended = self._log.append_marker(end)
        finally:
            self._is_busy = was_busy
        if appended.error:
            return appended.error
        write = _Write(reply=ErrorCode.NONE, refuse=lambda error: error, future=self._loop.create_future())
        marker = LoggedMarker(appended.base_offset, end.producer_id, end.commit)
        self._apply((marker,), appended.base_offset + 1, write)
        future = write.future
        assert future is not None
        self._wait_for_replication(write)
        answer: ErrorCode | Awaitable[ErrorCode] = future.result() if future.done() else future
        return answer

    def _wait_for_replication(self, write: _Write) -> None:
        self._settle_replicated()
        if write.future is not None or write.then is not None:
            seconds = self._write_timeout_ms / 1000
            write.timeout = self._loop.call_later(seconds, self._finish, write, ErrorCode.REQUEST_TIMED_OUT)

    def _apply(self, entries: tuple[Entry, ...], end_offset: int, write: _Write | None = None) -> None:
        for entry in entries:
            if isinstance(entry, LoggedMarker):
                self.shard.end_transaction(entry.producer_id, commit=entry.commit)
            else:
                offset, record, producer_id = entry
                self.shard.apply(record, offset, producer_id)
        write = write or _Write()
        write.entries, write.end_offset = entries, end_offset
        self._writes.append(write)

    def _settle_replicated(self) -> None:
        """Finish the writes that are replicated, in their order, and whatever follows from them."""
        if self._is_busy:
            return  # Further up somebody is in the middle of an append, or of this.
        self._is_busy = True
        try:
            while self._writes and self._writes[0].end_offset <= self._high_watermark:
                write = self._writes.popleft()
                for entry in write.entries:
                    self._see(entry)
                self._finish(write, ErrorCode.NONE)
        finally:
            self._is_busy = False

    def _see(self, entry: Entry) -> None:
        if isinstance(entry, LoggedMarker):
            self.shard.end_transaction_replicated(entry.producer_id, commit=entry.commit)
        else:
            offset, record, producer_id = entry
            self.shard.replicated(record, offset, producer_id)

    def _finish(self, write: _Write, error: ErrorCode) -> None:
        """Answer and go on, once; a write that timed out is still replicated later, without anybody waiting."""
        told = APPEND_ERROR.get(error, error)
        then, future, write.then, write.future = write.then, write.future, None, None
        if write.timeout is not None:
            write.timeout.cancel()
        if then is not None:
            self._perform(then(told, self._clock.now_ms()))
        if future is not None and not future.done():
            future.set_result(write.refuse(told) if told and write.refuse else write.reply)

    def _release(self, release: Release) -> None:
        future = self._parked.pop(release.parked, None)
        if future is not None and not future.done():
            future.set_result(release.response)

    # Timers

    def _set_timer(self, timer: Timer) -> None:
        previous = self._timers.pop(timer.key, None)
        if previous is not None:
            previous.cancel()
        if isinstance(timer, SetTimer) and self.state is CoordinatorState.ACTIVE:
            seconds = timer.delay_ms / 1000
            self._timers[timer.key] = self._loop.call_later(seconds, self._timer_ran_off, timer)

    def _timer_ran_off(self, timer: SetTimer) -> None:
        del self._timers[timer.key]
        self._perform_all(self.shard.on_timer(timer.event, self._clock.now_ms()))
