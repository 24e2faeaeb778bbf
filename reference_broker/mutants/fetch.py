"""Defects of Fetch: where it begins, what it gives and how much, what it waits for."""

from __future__ import annotations

from copy import copy

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import FetchPartition, FetchRequest
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.protocol.records import read_batch_header
from kafka_conformance.reference_broker.apis.fetch import FetchRules
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.fetch.session import FetchTarget
from kafka_conformance.reference_broker.log import Log
from kafka_conformance.reference_broker.log.batch_scan import BatchPosition
from kafka_conformance.reference_broker.log.outcome import Fetched
from kafka_conformance.reference_broker.log.reader import LogReader
from kafka_conformance.reference_broker.log.segment import LogSegment
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.delayed_fetch import DelayedFetch
from kafka_conformance.reference_broker.replication.fetching import PartitionRead, ReplicaReader
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.replication.reads import FetchIsolation, FetchParams, ReadResult


@mutant("fetch/begins-behind-the-offset", violates="fetch/offsets/any-offset-gives-its-batch")
class BeginsBehindTheOffset(LogReader):
    """A fetch begins with the batch that holds the next offset."""

    @override
    def read(
        self, offset: int, max_bytes: int, upper_bound: int, log_end_offset: int, *, min_one_batch: bool
    ) -> Fetched:
        return super().read(offset + 1, max_bytes, upper_bound, log_end_offset, min_one_batch=min_one_batch)


@mutant("fetch/reads-once", violates="fetch/offsets/rewind-gives-the-same")
class ReadsOnce(LogReader):
    """A log that was read once is read only forwards, wherever a reader seeks to."""

    _reached = 0

    @override
    def read(
        self, offset: int, max_bytes: int, upper_bound: int, log_end_offset: int, *, min_one_batch: bool
    ) -> Fetched:
        self._reached = max(self._reached, offset)
        return super().read(self._reached, max_bytes, upper_bound, log_end_offset, min_one_batch=min_one_batch)


@mutant("fetch/end-is-out-of-range", violates="fetch/offsets/end-is-empty")
class EndIsOutOfRange(Log):
    """The end of the log is out of range, as if nothing could come there."""

    @override
    def is_in_range(self, offset: int) -> bool:
        return self.log_start_offset <= offset < self.log_end_offset


@mutant("fetch/start-is-always-zero", violates="fetch/offsets/limits-are-reported")
class StartIsAlwaysZero(Partition):
    """Every answer says that the log starts at 0."""

    @override
    def fetch(self, params: FetchParams, wanted: FetchPartition, max_bytes: int, *, min_one_batch: bool) -> ReadResult:
        result = super().fetch(params, wanted, max_bytes, min_one_batch=min_one_batch)
        return result._replace(log_start_offset=0)


@mutant("fetch/beyond-the-end-is-empty", violates="fetch/offsets/out-of-range")
class BeyondTheEndIsEmpty(Log):
    """There is nothing behind the end of the log, and nobody is told so."""

    @override
    def is_in_range(self, offset: int) -> bool:
        return self.log_start_offset <= offset


@mutant("fetch/knows-ids-only", violates="fetch/versions-agree")
class KnowsIdsOnly(FetchRules):
    """A topic is found by its id but not by its name."""

    @override
    def check_partition(self, image: MetadataImage, target: FetchTarget) -> ErrorCode:
        if target.topic_id == ZERO_UUID:
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return super().check_partition(image, target)


@mutant("fetch/mixes-partitions", violates="fetch/partitions/never-mixed")
class MixesPartitions(ReplicaReader):
    """Of two neighbouring partitions the second gives the records of the first."""

    @override
    def read(self, params: FetchParams, read: PartitionRead, left: int, *, min_one_batch: bool) -> ReadResult:
        wanted = copy(read.wanted)
        wanted.partition -= wanted.partition % 2
        return super().read(params, read._replace(wanted=wanted), left, min_one_batch=min_one_batch)


@mutant("fetch/one-error-fails-all", violates="fetch/partitions/errors-are-their-own")
class OneErrorFailsAll(ReplicaReader):
    """An error of one partition is the answer for all."""

    @override
    def read_all(self, params: FetchParams, reads: list[PartitionRead]) -> list[ReadResult]:
        results = super().read_all(params, reads)
        failed = [result for result in results if result.error is not ErrorCode.NONE]
        return failed[:1] * len(results) if failed else results


@mutant("fetch/unknown-partition-is-led-elsewhere", violates="fetch/unknown/partition")
class UnknownPartitionIsLedElsewhere(FetchRules):
    """A reader of a partition that a topic does not have is sent to another leader."""

    @override
    def check_partition(self, image: MetadataImage, target: FetchTarget) -> ErrorCode:
        error = super().check_partition(image, target)
        known = target.topic is not None and target.topic in image.topics
        return ErrorCode.NOT_LEADER_OR_FOLLOWER if known and error is not ErrorCode.NONE else error


@mutant("fetch/unknown-topic-is-led-elsewhere", violates="fetch/unknown/topic")
class UnknownTopicIsLedElsewhere(FetchRules):
    """A reader of a topic that is not there is sent to another leader."""

    @override
    def check_partition(self, image: MetadataImage, target: FetchTarget) -> ErrorCode:
        if target.topic is not None and target.topic not in image.topics:
            return ErrorCode.NOT_LEADER_OR_FOLLOWER
        return super().check_partition(image, target)


@mutant("fetch/unknown-id-is-an-unknown-name", violates="fetch/unknown/topic-id")
class UnknownIdIsAnUnknownName(FetchRules):
    """An id that no topic has is answered as a name that no topic has."""

    @override
    def check_partition(self, image: MetadataImage, target: FetchTarget) -> ErrorCode:
        if target.topic is None:
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return super().check_partition(image, target)


@mutant("fetch/withholds-large-batches", violates="fetch/limits/first-batch-is-whole")
class WithholdsLargeBatches(LogReader):
    """A first batch that is larger than asked for is not given: the reader is stuck in front of it."""

    @override
    def first_batch_rule(self, first_batch_size: int, max_bytes: int, *, min_one_batch: bool) -> int:
        return max_bytes


@mutant("fetch/ignores-partition-max-bytes", violates="fetch/limits/partition-max-bytes")
class IgnoresPartitionMaxBytes(LogReader):
    """A partition gives all it has."""

    @override
    def last_whole_batch(self, segment: LogSegment, first: BatchPosition, limit: int, bound: int) -> int:
        return bound


@mutant("fetch/counts-bytes-by-partition", violates="fetch/limits/max-bytes")
class CountsBytesByPartition(ReplicaReader):
    """The bytes that a fetch may give are counted for each partition anew."""

    @override
    def read(self, params: FetchParams, read: PartitionRead, left: int, *, min_one_batch: bool) -> ReadResult:
        return super().read(params, read, params.max_bytes, min_one_batch=min_one_batch)


@mutant("fetch/every-first-batch-is-given", violates="fetch/limits/later-partition-is-not-cut")
class EveryFirstBatchIsGiven(LogReader):
    """The first batch of every partition is given whole, not only that of the first one with records."""

    @override
    def first_batch_rule(self, first_batch_size: int, max_bytes: int, *, min_one_batch: bool) -> int:
        return max(max_bytes, first_batch_size)


@mutant("fetch/serves-the-last-first", violates="fetch/limits/partitions-are-served-in-order")
class ServesTheLastFirst(ReplicaReader):
    """The bytes are given out from the last partition of a request to the first."""

    @override
    def read_all(self, params: FetchParams, reads: list[PartitionRead]) -> list[ReadResult]:
        return super().read_all(params, reads[::-1])[::-1]


@mutant("fetch/sleeps-through-appends", violates="fetch/long-poll/produce-ends-it")
class SleepsThroughAppends(Partition):
    """An append wakes nobody: a waiting fetch gets its records when its time is over."""

    @override
    def notify(self) -> None:
        pass


@mutant("fetch/any-byte-is-enough", violates="fetch/long-poll/waits-for-min-bytes")
class AnyByteIsEnough(FetchRules):
    """A fetch that wants many bytes is answered with the first."""

    @override
    def min_bytes(self, request: FetchRequest, max_bytes: int) -> int:
        return min(1, super().min_bytes(request, max_bytes))


@mutant("fetch/one-partition-must-have-all-bytes", violates="fetch/long-poll/min-bytes-of-all-partitions")
class OnePartitionMustHaveAllBytes(ReplicaReader):
    """A fetch waits until one of its partitions alone has as many bytes as it wants."""

    @override
    def answers_at_once(self, params: FetchParams, results: list[ReadResult]) -> bool:
        return any(super(OnePartitionMustHaveAllBytes, self).answers_at_once(params, [result]) for result in results)


@mutant("fetch/waits-seconds-for-milliseconds", violates="fetch/long-poll/max-wait-ends-it")
class WaitsSecondsForMilliseconds(ReplicaReader):
    """A fetch waits a thousand times too long."""

    @override
    def fetch(self, params: FetchParams, reads: list[PartitionRead]) -> list[ReadResult] | DelayedFetch:
        return super().fetch(params._replace(max_wait_ms=params.max_wait_ms * 1000), reads)


@mutant("fetch/wants-a-byte-at-least", violates="fetch/long-poll/no-min-bytes-no-wait")
class WantsAByteAtLeast(FetchRules):
    """A fetch that wants no bytes waits for one."""

    @override
    def min_bytes(self, request: FetchRequest, max_bytes: int) -> int:
        return max(1, super().min_bytes(request, max_bytes))


@mutant("fetch/zero-wait-is-forever", violates="fetch/long-poll/no-max-wait-no-wait")
class ZeroWaitIsForever(ReplicaReader):
    """A fetch that may not wait waits for a minute."""

    @override
    def fetch(self, params: FetchParams, reads: list[PartitionRead]) -> list[ReadResult] | DelayedFetch:
        return super().fetch(params._replace(max_wait_ms=params.max_wait_ms or 60_000), reads)


@mutant("fetch/errors-wait", violates="fetch/long-poll/error-ends-it")
class ErrorsWait(ReplicaReader):
    """An error is told when there are enough bytes or the time is over."""

    @override
    def answers_at_once(self, params: FetchParams, results: list[ReadResult]) -> bool:
        return super().answers_at_once(params, [result for result in results if not result.ends_waiting])


@mutant("fetch/lists-aborted-transactions-to-all", violates="fetch/isolation/aborted-transactions")
class ListsAbortedTransactionsToAll(Partition):
    """A reader at read_uncommitted gets a list of aborted transactions instead of null."""

    @override
    def fetch(self, params: FetchParams, wanted: FetchPartition, max_bytes: int, *, min_one_batch: bool) -> ReadResult:
        result = super().fetch(params, wanted, max_bytes, min_one_batch=min_one_batch)
        return result._replace(aborted=result.aborted or [])


@mutant("fetch/read-committed-lags", violates="fetch/isolation/same-without-transactions")
class ReadCommittedLags(Partition):
    """A reader at read_committed sees one record less than there is."""

    @override
    def upper_bound(self, isolation: FetchIsolation) -> int:
        bound = super().upper_bound(isolation)
        return max(bound - 1, 0) if isolation is FetchIsolation.TXN_COMMITTED else bound


@mutant("fetch/begins-behind-a-cut-batch", violates="fetch/delete-records/inside-a-batch")
class BeginsBehindACutBatch(LogReader):
    """A batch that begins before the fetched offset is left out."""

    @override
    def read(
        self, offset: int, max_bytes: int, upper_bound: int, log_end_offset: int, *, min_one_batch: bool
    ) -> Fetched:
        fetched = super().read(offset, max_bytes, upper_bound, log_end_offset, min_one_batch=min_one_batch)
        if not fetched.size or (header := read_batch_header(fetched.buffers[0])).base_offset >= offset:
            return fetched
        return super().read(header.next_offset, max_bytes, upper_bound, log_end_offset, min_one_batch=min_one_batch)
