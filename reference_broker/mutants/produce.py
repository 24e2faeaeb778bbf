"""Defects of Produce: acknowledgements, answers, topics, and what is appended."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.produce import PartitionProduceResponse
from kafka_conformance.protocol.records import BatchHeader, batches, read_batch_header, restamp
from kafka_conformance.protocol.records.batch import COMPRESSION_MASK
from kafka_conformance.reference_broker.apis.produce import ProduceRules
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.log.outcome import AppendInfo, AppendOrigin, Fetched, Refusal
from kafka_conformance.reference_broker.log.reader import LogReader
from kafka_conformance.reference_broker.log.validator import LogValidator, Placement, ValidBatch
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.mutants.rewriting import rewritten
from kafka_conformance.reference_broker.replication.appending import Entry, ReplicaAppender, refuse
from kafka_conformance.reference_broker.replication.delayed_produce import DelayedProduce
from kafka_conformance.reference_broker.replication.partition import ALL_IN_SYNC, Partition


@mutant("produce/leaves-a-gap", violates="produce/append/offsets-are-consecutive")
class LeavesAGap(LogValidator):
    """Between two batches one offset is left out."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        gap = 1 if place.base_offset else 0
        return super().validate_records(header, view, place._replace(base_offset=place.base_offset + gap))


@mutant("produce/names-offset-zero", violates="produce/append/offsets-are-consecutive")
class NamesOffsetZero(Partition):
    """Now and then a batch is acknowledged with offset 0, wherever it lies (Bufstream 0.1.0)."""

    @override
    def tell_append(self, outcome: AppendInfo | Refusal, origin: AppendOrigin) -> AppendInfo | Refusal:
        if isinstance(outcome, Refusal) or origin is not AppendOrigin.CLIENT or outcome.base_offset % 2 == 0:
            return outcome
        return outcome._replace(base_offset=0)


@mutant("produce/null-becomes-empty", violates="produce/append/content-round-trips")
class NullBecomesEmpty(LogValidator):
    """A null key is stored as an empty one."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        outcome = super().validate_records(header, view, place)
        if isinstance(outcome, Refusal):
            return outcome
        return rewritten(outcome, lambda record: record._replace(key=record.key or b""))


@mutant("produce/reverses-headers", violates="produce/append/content-round-trips")
class ReversesHeaders(LogValidator):
    """The headers of a record are stored in reverse order."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        outcome = super().validate_records(header, view, place)
        if isinstance(outcome, Refusal):
            return outcome
        return rewritten(outcome, lambda record: record._replace(headers=record.headers[::-1]))


@mutant("produce/reads-backwards", violates="produce/append/order-is-kept")
class ReadsBackwards(LogReader):
    """The batches of an answer stand in reverse order."""

    @override
    def read(
        self, offset: int, max_bytes: int, upper_bound: int, log_end_offset: int, *, min_one_batch: bool
    ) -> Fetched:
        found = super().read(offset, max_bytes, upper_bound, log_end_offset, min_one_batch=min_one_batch)
        return found._replace(buffers=[view for _, view in batches(b"".join(found.buffers))][::-1])


@mutant("produce/forgets-the-codec", violates="produce/append/every-codec-round-trips")
class ForgetsTheCodec(LogValidator):
    """A compressed batch is stored as if it were plain."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        outcome = super().validate_records(header, view, place)
        if isinstance(outcome, Refusal):
            return outcome
        restamp(outcome.view, attributes=outcome.header.attributes & ~COMPRESSION_MASK)
        return ValidBatch(read_batch_header(outcome.view), outcome.view)


@mutant("produce/takes-any-acks", violates="produce/acks/invalid-is-refused")
class TakesAnyAcks(ReplicaAppender):
    """Any number of acknowledgements is accepted."""

    @override
    def accepts_acks(self, acks: int) -> bool:
        return True


@mutant("produce/refuses-one-ack", violates="produce/acks/leader-acknowledges")
class RefusesOneAck(ReplicaAppender):
    """Acks 1 is refused as if it meant nothing."""

    @override
    def accepts_acks(self, acks: int) -> bool:
        return acks in (-1, 0)


@mutant("produce/answers-without-acks", violates="produce/acks/none-gets-no-answer")
class AnswersWithoutAcks(ProduceRules):
    """Acks 0 is answered like the others."""

    @override
    def is_answered(self, acks: int) -> bool:
        return True


@mutant("produce/stays-open-on-error", violates="produce/acks/none-closes-on-error")
class StaysOpenOnError(ProduceRules):
    """An error with acks 0 is told to nobody."""

    @override
    def closes_after(self, errors: list[PartitionProduceResponse]) -> bool:
        return False


@mutant("produce/acknowledges-without-appending", violates="produce/acks/all-is-readable-at-once")
class AcknowledgesWithoutAppending(Partition):
    """A batch with acks -1 is acknowledged, and lost."""

    @override
    def append_as_leader(self, records: memoryview, **how: Any) -> AppendInfo | Refusal:
        end = self.log.log_end_offset
        if how.get("acks") == ALL_IN_SYNC and "origin" not in how:
            return AppendInfo(end, end - 1, -1, self.log.log_start_offset)
        return super().append_as_leader(records, **how)


@mutant("produce/one-error-for-all", violates="produce/answers/each-partition-once")
class OneErrorForAll(ReplicaAppender):
    """Behind a partition that is refused, those that follow in the request are refused too."""

    @override
    def append(self, entries: list[Entry], acks: int, timeout_ms: int) -> DelayedProduce | None:
        for number, entry in enumerate(entries):
            waiting = super().append([entry], acks, timeout_ms)
            assert waiting is None, "one replica decides at once"
            if entry.answer.error_code:
                for other in entries[number + 1 :]:
                    refuse(other.answer, Refusal(ErrorCode(entry.answer.error_code), "another was refused"))
                break
        return None


@mutant("produce/log-starts-at-zero", violates="produce/answers/log-start-offset")
class LogStartsAtZero(Partition):
    """The answer to Produce always says that the log starts at offset 0."""

    @override
    def tell_append(self, outcome: AppendInfo | Refusal, origin: AppendOrigin) -> AppendInfo | Refusal:
        return outcome if isinstance(outcome, Refusal) else outcome._replace(log_start_offset=0)


@mutant("produce/partition-led-elsewhere", violates="produce/unknown-partition")
class PartitionLedElsewhere(ProduceRules):
    """A partition that the topic does not have is said to be led by another broker."""

    @override
    def check_partition(self, image: MetadataImage, topic: str | None, partition: int) -> Refusal | None:
        if topic is not None and topic in image.topics and image.partition(topic, partition) is None:
            return Refusal(ErrorCode.NOT_LEADER_OR_FOLLOWER, "no such partition")
        return super().check_partition(image, topic, partition)


@mutant("produce/topic-without-leader", violates="produce/unknown-topic")
class TopicWithoutLeader(ProduceRules):
    """A topic that nobody knows is said to have no leader yet."""

    @override
    def check_partition(self, image: MetadataImage, topic: str | None, partition: int) -> Refusal | None:
        if topic is not None and topic not in image.topics:
            return Refusal(ErrorCode.LEADER_NOT_AVAILABLE, "no such topic")
        return super().check_partition(image, topic, partition)


@mutant("produce/id-like-a-name", violates="produce/unknown-topic-id")
class IdLikeAName(ProduceRules):
    """A topic id that nobody knows is answered as a name would be."""

    @override
    def check_partition(self, image: MetadataImage, topic: str | None, partition: int) -> Refusal | None:
        if topic is None:
            return Refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "no topic has this id")
        return super().check_partition(image, topic, partition)


@mutant("produce/opens-internal-topics", violates="produce/internal-topic-is-refused")
class OpensInternalTopics(ReplicaAppender):
    """Clients may write the topics of the coordinators."""

    @override
    def may_write(self, topic: str) -> bool:
        return True
