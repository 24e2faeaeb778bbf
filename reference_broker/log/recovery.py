"""From files to a log: what a stop has left behind is found again, or cut off (Kafka: LogLoader, LogSegment.recover).

After a clean stop the files are believed. After any other, the segments from the recovery point on are read from their
start: the first batch that is cut off or damaged ends the log, and indexes, epochs and producers are built again from
what is left.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.records import BATCH_OVERHEAD, BatchHeader, read_batch_header, verify_crc
from kafka_conformance.protocol.records.batch import MAGIC_V2
from kafka_conformance.reference_broker.log import left_overs
from kafka_conformance.reference_broker.log.batch_scan import read_whole
from kafka_conformance.reference_broker.log.index_entries import CorruptIndexError
from kafka_conformance.reference_broker.log.leader_epochs import LeaderEpochCache
from kafka_conformance.reference_broker.log.local_log import LocalLog
from kafka_conformance.reference_broker.log.outcome import NO_OFFSET, AppendOrigin
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_state import CompletedTxn
from kafka_conformance.reference_broker.log.producer_state_manager import ProducerStateManager
from kafka_conformance.reference_broker.log.segment import (
    INDEX_SUFFIX,
    LOG_SUFFIX,
    SEGMENT_SUFFIXES,
    TIME_INDEX_SUFFIX,
    LogSegment,
    segment_path,
)
from kafka_conformance.reference_broker.storage import StorageError, StoredFile

MAGIC_POSITION = 16


class LoadedOffsets(NamedTuple):
    """Where a loaded log begins, where it ends, and up to where it is known to be flushed."""

    log_start_offset: int
    log_end_offset: int
    recovery_point: int


class StopState(NamedTuple):
    """What was written down about a log when the broker stopped."""

    clean: bool = False
    log_start_offset: int = 0
    recovery_point: int = 0


class LogLoader:
    """Loads one log; `new_producer_state` makes a state for the recovery of a single segment."""

    def __init__(
        self,
        local_log: LocalLog,
        leader_epochs: LeaderEpochCache,
        producer_state: ProducerStateManager,
        new_producer_state: Callable[[], ProducerStateManager],
    ) -> None:
        self._local_log = local_log
        self._leader_epochs = leader_epochs
        self._producer_state = producer_state
        self._new_producer_state = new_producer_state

    def load(self, stop: StopState, now_ms: int) -> LoadedOffsets:
        """Open all segments. Raises StorageError."""
        left_overs.settle(self._local_log.storage, self._local_log.directory)
        self._open_segments(stop, now_ms)
        if not stop.clean:
            self._recover_unflushed(stop, now_ms)
        end = self._end_offset(stop)
        if not self._local_log.segments:
            self._local_log.open(stop.log_start_offset, now_ms)
            end = stop.log_start_offset
        self._leader_epochs.truncate_from_end(end)
        self._leader_epochs.truncate_from_start(stop.log_start_offset)
        start = max(stop.log_start_offset, self._local_log.segments[0].base_offset)
        state = self._producer_state
        state.snapshots.reload()
        state.snapshots.remove_stray({segment.base_offset for segment in self._local_log.segments})
        rebuild_producer_state(state, self._local_log, start, end, now_ms, trust_absence=stop.clean)
        return LoadedOffsets(start, end, end if stop.clean else min(stop.recovery_point, end))

    def _open_segments(self, stop: StopState, now_ms: int) -> None:
        storage, directory = self._local_log.storage, self._local_log.directory
        names = set(storage.files(directory))
        bases = sorted(int(stem) for name in names if name.endswith(LOG_SUFFIX) and (stem := name[:-4]).isdigit())
        for name in names:
            stem, dot, suffix = name.partition(".")
            if dot + suffix in SEGMENT_SUFFIXES and stem.isdigit() and int(stem) not in bases:
                storage.remove(f"{directory}/{name}")
        for base_offset in bases:
            indexed = all(f"{base_offset:020d}{suffix}" in names for suffix in (INDEX_SUFFIX, TIME_INDEX_SUFFIX))
            segment = self._open_segment(base_offset, now_ms)
            if segment is None or not indexed:
                self.recover(segment or self._local_log.open(base_offset, now_ms), stop.log_start_offset, now_ms)

    def _open_segment(self, base_offset: int, now_ms: int) -> LogSegment | None:
        """None if an index is damaged; its file is then removed."""
        storage, directory = self._local_log.storage, self._local_log.directory
        try:
            segment = self._local_log.open(base_offset, now_ms)
            self._check_format(segment)
            segment.offset_index.sanity_check(segment.size)
            segment.time_index.sanity_check()
            segment.transaction_index.sanity_check()
        except CorruptIndexError:
            self._local_log.forget(base_offset)
            for suffix in SEGMENT_SUFFIXES[1:]:
                storage.remove(segment_path(directory, base_offset, suffix))
            return None
        return segment

    def _check_format(self, segment: LogSegment) -> None:
        """Kafka still reads message formats 0 and 1 from old logs; nobody writes them any more."""
        head = read_whole(segment.file, 0, BATCH_OVERHEAD)
        if len(head) > MAGIC_POSITION and head[MAGIC_POSITION] < MAGIC_V2:
            path = segment_path(self._local_log.directory, segment.base_offset, LOG_SUFFIX)
            raise StorageError(path, f"message format {head[MAGIC_POSITION]} is not supported, only 2 is")

    def _recover_unflushed(self, stop: StopState, now_ms: int) -> None:
        if not self._local_log.segments:
            return
        for segment in list(self._local_log.since(stop.recovery_point)):
            if self.recover(segment, stop.log_start_offset, now_ms):
                behind = [other for other in self._local_log.segments if other.base_offset > segment.base_offset]
                for other in behind:
                    self._producer_state.snapshots.remove(other.base_offset)
                self._local_log.remove(behind)
                return

    def recover(self, segment: LogSegment, log_start_offset: int, now_ms: int) -> int:
        """Read a segment from its start, and return how many bytes at its end had to go."""
        state = self._new_producer_state()
        rebuild_producer_state(state, self._local_log, log_start_offset, segment.base_offset, now_ms)
        segment.reset()
        position = 0
        next_offset = segment.base_offset
        for header, view in valid_batches(segment.file):
            if not self.continues(segment, header, next_offset):
                break
            segment.restore(header, position)
            position += header.size
            next_offset = header.next_offset
            if header.partition_leader_epoch > self._leader_epochs.latest_epoch:
                self._leader_epochs.assign(header.partition_leader_epoch, header.base_offset)
            self._replay(state, segment, header, view)
        cut = segment.cut(position)
        state.take_snapshot()
        return cut

    def continues(self, segment: LogSegment, header: BatchHeader, next_offset: int) -> bool:
        """Offsets only grow, and fit into the segment."""
        return header.base_offset >= next_offset and segment.offset_index.can_append_offset(header.last_offset)

    @staticmethod
    def _replay(state: ProducerStateManager, segment: LogSegment, header: BatchHeader, view: memoryview) -> None:
        if header.has_producer_id:
            infos: dict[int, ProducerAppendInfo] = {}
            completed = state.judge(header, view, infos, AppendOrigin.REPLICATION)
            state.update(infos[header.producer_id])
            if isinstance(completed, CompletedTxn):
                segment.transaction_index.append(completed, state.last_stable_offset(completed))
                state.complete_txn(completed)
        state.end_offset = header.next_offset

    def _end_offset(self, stop: StopState) -> int:
        """The end of the last segment. A log that ends before its start has lost its files: it begins anew."""
        if not self._local_log.segments:
            return NO_OFFSET
        end = self._local_log.active.next_offset()
        if end < stop.log_start_offset:
            self._local_log.remove(self._local_log.segments)
            self._leader_epochs.clear()
            self._producer_state.truncate_fully_and_start_at(stop.log_start_offset)
        return end


def valid_batches(file: StoredFile, position: int = 0) -> Iterator[tuple[BatchHeader, memoryview]]:
    """The batches of a file up to the first that is cut off or damaged."""
    while True:
        try:
            header = read_batch_header(read_whole(file, position, BATCH_OVERHEAD))
        except ProtocolError:
            return
        view = read_whole(file, position, header.size)
        if len(view) < header.size or not verify_crc(header, view):
            return
        yield header, view
        position += header.size


def stored_batches(file: StoredFile, position: int, end: int) -> Iterator[tuple[BatchHeader, memoryview]]:
    """The batches between two positions of a file that has been checked."""
    while position < end:
        header = read_batch_header(read_whole(file, position, BATCH_OVERHEAD))
        yield header, read_whole(file, position, header.size)
        position += header.size


def rebuild_producer_state(
    state: ProducerStateManager,
    local_log: LocalLog,
    log_start_offset: int,
    end_offset: int,
    now_ms: int,
    *,
    trust_absence: bool = False,
) -> None:
    """Bring the state to `end_offset`: from the newest snapshot below it, and from the batches behind that.

    Kafka takes snapshots on the way, at the last two segments. `trust_absence`: after a clean stop a log without
    snapshots has no producers (Kafka: UnifiedLog.rebuildProducerState).
    """
    bases = [segment.base_offset for segment in local_log.segments[-2:]]
    if trust_absence and state.snapshots.newest is None:
        for offset in (*bases, end_offset):
            state.end_offset = offset
            state.take_snapshot()
        return
    nothing_to_find = state.is_empty and state.end_offset >= end_offset
    state.truncate_and_reload(log_start_offset, end_offset, now_ms)
    if end_offset > state.end_offset and not nothing_to_find and local_log.segments:
        for segment in list(local_log.since(state.end_offset)):
            if segment.base_offset < end_offset:
                state.end_offset = max(segment.base_offset, state.end_offset, log_start_offset)
                if segment.base_offset in bases:
                    state.take_snapshot()
                _replay_segment(state, segment, end_offset)
    state.end_offset = end_offset
    state.take_snapshot()


def _replay_segment(state: ProducerStateManager, segment: LogSegment, end_offset: int) -> None:
    first = segment.translate_offset(state.end_offset)
    if first is None:
        return
    last = segment.translate_offset(end_offset)
    end = segment.size if last is None else last.position
    infos: dict[int, ProducerAppendInfo] = {}
    completed: list[CompletedTxn] = []
    for header, view in stored_batches(segment.file, first.position, end):
        if header.has_producer_id:
            outcome = state.judge(header, view, infos, AppendOrigin.REPLICATION)
            if isinstance(outcome, CompletedTxn):
                completed.append(outcome)
    for info in infos.values():
        state.update(info)
    for txn in completed:
        state.complete_txn(txn)
