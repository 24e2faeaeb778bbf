"""Defects that show when a broker comes back: what it has lost, and what it should have lost."""

from __future__ import annotations

import random
from typing import ClassVar

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.metadata import MetadataResponseTopic
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.protocol.records import BatchHeader
from kafka_conformance.reference_broker.cluster.metadata_view import MetadataView
from kafka_conformance.reference_broker.cluster.producer_ids import ProducerIds
from kafka_conformance.reference_broker.controller.image import TopicImage
from kafka_conformance.reference_broker.fetch.cache import FetchSessionCache
from kafka_conformance.reference_broker.fetch.session import FetchSession
from kafka_conformance.reference_broker.log.checkpoints import TopicPartition
from kafka_conformance.reference_broker.log.leader_epochs import EpochEndOffset, LeaderEpochCache
from kafka_conformance.reference_broker.log.log_directory import LogDirectory
from kafka_conformance.reference_broker.log.outcome import Refusal
from kafka_conformance.reference_broker.log.recovery import LoadedOffsets, LogLoader, StopState
from kafka_conformance.reference_broker.log.segment import LogSegment
from kafka_conformance.reference_broker.log.validator import LogValidator, Placement, ValidBatch
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.partition import Partition


@mutant("durability/recovers-one-batch", violates="durability/acknowledged-records-survive")
class RecoversOneBatch(LogLoader):
    """Of a segment that was not closed, the first batch is recovered and the rest is cut off."""

    @override
    def continues(self, segment: LogSegment, header: BatchHeader, next_offset: int) -> bool:
        return next_offset == segment.base_offset and super().continues(segment, header, next_offset)


@mutant("durability/counts-one-too-many", violates="durability/offsets-go-on")
class CountsOneTooMany(LogLoader):
    """A log that was not closed goes on one offset behind its end."""

    @override
    def load(self, stop: StopState, now_ms: int) -> LoadedOffsets:
        loaded = super().load(stop, now_ms)
        if stop.clean or loaded.log_end_offset == 0:
            return loaded
        return loaded._replace(log_end_offset=loaded.log_end_offset + 1)


@mutant("durability/counts-from-zero", violates="durability/offsets-go-on")
class CountsFromZero(LogLoader):
    """A log that was not closed gives its offsets again, from 0 on (AutoMQ #163)."""

    @override
    def load(self, stop: StopState, now_ms: int) -> LoadedOffsets:
        loaded = super().load(stop, now_ms)
        return loaded if stop.clean else loaded._replace(log_end_offset=0)


@mutant("durability/recovers-no-times", violates="durability/times-are-found-again")
class RecoversNoTimes(LogSegment):
    """The timestamps of recovered batches are not looked at."""

    @override
    def restore(self, header: BatchHeader, position: int) -> None:
        super().restore(header._replace(max_timestamp=-1), position)


@mutant("durability/loses-topic-ids", violates="durability/topics-survive")
class LosesTopicIds(MetadataView):
    """A topic has no id any more once its leader has been away."""

    @override
    def topic(self, topic: TopicImage, version: int) -> MetadataResponseTopic:
        described = super().topic(topic, version)
        if any(partition.leader_epoch for partition in topic.partitions):
            described.topic_id = ZERO_UUID
        return described


@mutant("durability/leaves-logs-behind", violates="durability/deleted-topics-stay-deleted")
class LeavesLogsBehind(LogDirectory):
    """The log of a deleted topic stays, and is that of the next topic with its name."""

    @override
    def delete(self, partition: TopicPartition) -> None:
        pass


@mutant("durability/counts-producer-ids-anew", violates="durability/producer-ids-are-not-given-again")
class CountsProducerIdsAnew(ProducerIds):
    """A broker counts producer ids from its start on."""

    _given = 0

    @override
    def next_id(self) -> int:
        self._given += 1
        return self._given


@mutant("durability/forgets-closed-logs", violates="durability/records-outlive-a-restart")
class ForgetsClosedLogs(LogLoader):
    """A log that was closed in order begins at its end."""

    @override
    def load(self, stop: StopState, now_ms: int) -> LoadedOffsets:
        loaded = super().load(stop, now_ms)
        return loaded._replace(log_start_offset=loaded.log_end_offset) if stop.clean else loaded


@mutant("durability/forgets-deletions", violates="durability/log-start-survives")
class ForgetsDeletions(LogLoader):
    """A log begins again with the first record that is stored."""

    @override
    def load(self, stop: StopState, now_ms: int) -> LoadedOffsets:
        return super().load(stop._replace(log_start_offset=0), now_ms)


@mutant("durability/stamps-the-first-epoch", violates="durability/leader-epoch-never-goes-back")
class StampsTheFirstEpoch(LogValidator):
    """Batches carry the first leader epoch, whoever leads."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        return super().validate_records(header, view, place._replace(leader_epoch=0))


@mutant("durability/old-epochs-end-with-the-log", violates="durability/epochs-keep-their-ends")
class OldEpochsEndWithTheLog(LeaderEpochCache):
    """Every known epoch is said to end where the log ends."""

    @override
    def end_offset_for(self, epoch: int, log_end_offset: int) -> EpochEndOffset | None:
        found = super().end_offset_for(epoch, log_end_offset)
        return found and found._replace(end_offset=log_end_offset)


@mutant("durability/takes-old-epochs", violates="durability/older-epochs-are-fenced")
class TakesOldEpochs(Partition):
    """A client that knows an older leader epoch is served as if nothing had happened."""

    @override
    def check_epoch(self, current_leader_epoch: int) -> ErrorCode:
        return super().check_epoch(max(current_leader_epoch, self.leader_epoch))


@mutant("durability/keeps-sessions", violates="durability/sessions-end")
class KeepsSessions(FetchSessionCache):
    """A broker that comes back still has its fetch sessions."""

    _kept: ClassVar[dict[int, FetchSession]] = {}

    @override
    def __init__(self, session_class: type[FetchSession], chance: random.Random, max_slots: int) -> None:
        super().__init__(session_class, chance, max_slots)
        self._sessions = self._kept
