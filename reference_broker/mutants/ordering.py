"""Defects of order: on a connection, in a partition, between producers, across retries."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from kafka_conformance.protocol.records import BatchHeader, batches
from kafka_conformance.reference_broker.log.outcome import AppendInfo, AppendOrigin, Fetched, Refusal
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_state import BatchMetadata
from kafka_conformance.reference_broker.log.producer_state_manager import ProducerStateManager
from kafka_conformance.reference_broker.log.reader import LogReader
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.network.dispatcher import Dispatcher
from kafka_conformance.reference_broker.replication.appending import Entry, ReplicaAppender
from kafka_conformance.reference_broker.replication.delayed_produce import DelayedProduce
from kafka_conformance.reference_broker.replication.partition import Partition

HELD_BACK_S = 0.005


@mutant("ordering/answers-when-ready", violates="ordering/answers/follow-requests")
class AnswersWhenReady(Dispatcher):
    """Requests of a connection are served side by side, and each is answered when it is ready."""

    @override
    def accepts_next(self, in_progress: int) -> bool:
        return True


@mutant("ordering/unanswered-come-later", violates="ordering/appends/follow-requests")
class UnansweredComeLater(ReplicaAppender):
    """What nobody waits for is appended a little later than what comes behind it."""

    @override
    def append(self, entries: list[Entry], acks: int, timeout_ms: int) -> DelayedProduce | None:
        append = super().append
        if acks:
            return append(entries, acks, timeout_ms)
        self._broker.env.loop.call_later(HELD_BACK_S, append, entries, acks, timeout_ms)
        return None


@mutant("ordering/appends-twice", violates="ordering/appends/batches-stay-whole")
class AppendsTwice(Partition):
    """A batch with acks 1 is appended a second time."""

    @override
    def append_as_leader(self, records: memoryview, **how: Any) -> AppendInfo | Refusal:
        copy = memoryview(bytearray(records))
        outcome = super().append_as_leader(records, **how)
        if how.get("acks") == 1 and isinstance(outcome, AppendInfo):
            super().append_as_leader(copy, **how)
        return outcome


@mutant("ordering/names-the-offset-before", violates="ordering/offsets/never-given-twice")
class NamesTheOffsetBefore(Partition):
    """A batch that is not the first is acknowledged with the last offset of the one before it."""

    @override
    def tell_append(self, outcome: AppendInfo | Refusal, origin: AppendOrigin) -> AppendInfo | Refusal:
        if isinstance(outcome, Refusal) or origin is not AppendOrigin.CLIENT:
            return outcome
        return outcome._replace(base_offset=max(outcome.base_offset - 1, 0))


@mutant("ordering/partitions-begin-apart", violates="ordering/offsets/count-by-partition")
class PartitionsBeginApart(Partition):
    """Each partition's answers count from its own number on."""

    @override
    def tell_append(self, outcome: AppendInfo | Refusal, origin: AppendOrigin) -> AppendInfo | Refusal:
        if isinstance(outcome, Refusal) or origin is not AppendOrigin.CLIENT:
            return outcome
        return outcome._replace(base_offset=outcome.base_offset + self.partition)


@mutant("ordering/wanders-between-partitions", violates="ordering/keys/same-key-same-order")
class WandersBetweenPartitions(ReplicaAppender):
    """Every second batch of a partition is appended to the one before it."""

    @override
    def append(self, entries: list[Entry], acks: int, timeout_ms: int) -> DelayedProduce | None:
        moved = []
        for entry in entries:
            replica = self._broker.find_partition(entry.topic, entry.partition)
            odd = isinstance(replica, Partition) and replica.log.log_end_offset % 2 == 1
            moved.append(entry._replace(partition=max(entry.partition - odd, 0)))
        return super().append(moved, acks, timeout_ms)


@mutant("ordering/begins-behind-the-batch", violates="ordering/reads/follow-the-log")
class BeginsBehindTheBatch(LogReader):
    """A read from inside a batch begins with the next one."""

    @override
    def read(
        self, offset: int, max_bytes: int, upper_bound: int, log_end_offset: int, *, min_one_batch: bool
    ) -> Fetched:
        found = super().read(offset, max_bytes, upper_bound, log_end_offset, min_one_batch=min_one_batch)
        whole = memoryview(b"".join(found.buffers))
        kept = [view for header, view in batches(whole) if header.base_offset >= offset]
        return found._replace(buffers=kept, size=sum(map(len, kept)))


@mutant("ordering/remembers-the-last-batch", violates="ordering/retries/window-is-appended-once")
class RemembersTheLastBatch(ProducerStateManager):
    """Only a retry of a producer's very last batch is recognised."""

    @override
    def find_duplicate(self, header: BatchHeader) -> BatchMetadata | None:
        entry = self.producers.get(header.producer_id)
        found = super().find_duplicate(header)
        return found if entry is not None and entry.batches and found == entry.batches[-1] else None


@mutant("ordering/later-batches-overtake", violates="ordering/retries/nothing-overtakes")
class LaterBatchesOvertake(ProducerAppendInfo):
    """What is behind a refused batch is appended without it."""

    @override
    def check_next_sequence(self, first_sequence: int) -> Refusal | None:
        return None


@mutant("ordering/gives-each-batch-once", violates="ordering/histories/one-log-for-all")
class GivesEachBatchOnce(LogReader):
    """What was given to one reader is not given to another, as a queue does it, as long as there is something newer."""

    @override
    def read(
        self, offset: int, max_bytes: int, upper_bound: int, log_end_offset: int, *, min_one_batch: bool
    ) -> Fetched:
        found = super().read(offset, max_bytes, upper_bound, log_end_offset, min_one_batch=min_one_batch)
        listed = list(batches(memoryview(b"".join(found.buffers))))
        given: set[int] = vars(self).setdefault("given", set())
        kept = [view for header, view in listed if header.base_offset not in given]
        given.update(header.base_offset for header, _ in listed)
        return found._replace(buffers=kept, size=sum(map(len, kept))) if kept else found
