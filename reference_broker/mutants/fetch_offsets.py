"""Defects of ListOffsets, of leader epochs and of DeleteRecords."""

from __future__ import annotations

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import FetchPartition
from kafka_conformance.protocol.messages.list_offsets import ListOffsetsRequest
from kafka_conformance.protocol.records import BatchHeader
from kafka_conformance.reference_broker.apis.delete_records import DeleteRecordsRules
from kafka_conformance.reference_broker.apis.list_offsets import ListOffsetsRules
from kafka_conformance.reference_broker.apis.offset_for_leader_epoch import OffsetForLeaderEpochRules
from kafka_conformance.reference_broker.cluster.broker import Broker
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.log import Log, TimestampOffset
from kafka_conformance.reference_broker.log.leader_epochs import EpochEndOffset, LeaderEpochCache
from kafka_conformance.reference_broker.log.outcome import Refusal
from kafka_conformance.reference_broker.log.reader import LogReader
from kafka_conformance.reference_broker.log.validator import LogValidator, Placement, ValidBatch
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.offset_lookup import NO_TIMESTAMP, SpecialTimestamp
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.replication.reads import DivergingEpoch, FetchIsolation

NO_EPOCH = -1
HIGH_WATERMARK = -1


@mutant("fetch/latest-is-the-last-record", violates="fetch/list-offsets/latest-is-the-end")
class LatestIsTheLastRecord(Partition):
    """The latest offset is that of the last record, not the one behind it."""

    @override
    def latest(self, bound: int) -> TimestampOffset:
        return super().latest(max(bound - 1, 0))


@mutant("fetch/earliest-is-always-zero", violates="fetch/list-offsets/earliest-is-the-start")
class EarliestIsAlwaysZero(Partition):
    """The earliest offset is 0, whatever was deleted."""

    @override
    def earliest(self) -> TimestampOffset:
        return super().earliest()._replace(offset=0)


@mutant("fetch/finds-later-times-only", violates="fetch/list-offsets/first-at-or-after-a-time")
class FindsLaterTimesOnly(LogReader):
    """A time gives the first record that is later, not one of that very time."""

    @override
    def find_timestamp(self, timestamp: int, log_start_offset: int) -> TimestampOffset | None:
        return super().find_timestamp(timestamp + 1, log_start_offset)


@mutant("fetch/finds-deleted-records", violates="fetch/list-offsets/deleted-records-are-not-found")
class FindsDeletedRecords(LogReader):
    """A time gives records that were deleted but are still stored."""

    @override
    def find_timestamp(self, timestamp: int, log_start_offset: int) -> TimestampOffset | None:
        return super().find_timestamp(timestamp, 0)


@mutant("fetch/later-than-all-is-the-last-record", violates="fetch/list-offsets/later-than-all")
class LaterThanAllIsTheLastRecord(Partition):
    """A time later than all gives the last record."""

    @override
    def find(self, timestamp: int) -> TimestampOffset | None:
        last = TimestampOffset(timestamp, self.log.log_end_offset - 1)
        return super().find(timestamp) or last


@mutant("fetch/max-timestamp-is-the-last-record", violates="fetch/list-offsets/max-timestamp")
class MaxTimestampIsTheLastRecord(LogReader):
    """The maximal timestamp is told with the offset of the last record that has it."""

    @override
    def find_max_timestamp(self) -> TimestampOffset | None:
        found = super().find_max_timestamp()
        while found is not None and (later := self.find_timestamp(found.timestamp, found.offset + 1)):
            found = later
        return found


@mutant("fetch/times-of-empty-logs-fail", violates="fetch/list-offsets/empty-log")
class TimesOfEmptyLogsFail(Partition):
    """To ask an empty log for a time is an error."""

    @override
    def offset_for_timestamp(
        self, timestamp: int, isolation: FetchIsolation, current_leader_epoch: int, *, only_leader: bool
    ) -> TimestampOffset | ErrorCode:
        if self.log.log_end_offset == 0 and timestamp not in (SpecialTimestamp.LATEST, SpecialTimestamp.EARLIEST):
            return ErrorCode.OFFSET_NOT_AVAILABLE
        return super().offset_for_timestamp(timestamp, isolation, current_leader_epoch, only_leader=only_leader)


@mutant("fetch/special-timestamps-in-all-versions", violates="fetch/list-offsets/meaning-by-version")
class SpecialTimestampsInAllVersions(ListOffsetsRules):
    """A special timestamp means the same in versions that do not have it."""

    @override
    def is_supported(self, timestamp: int, version: int) -> bool:
        return True


@mutant("fetch/all-is-tiered", violates="fetch/list-offsets/local-and-tiered")
class AllIsTiered(Partition):
    """The last tiered offset is that of the last record, though nothing is tiered."""

    @override
    def find(self, timestamp: int) -> TimestampOffset | None:
        if timestamp == SpecialTimestamp.LATEST_TIERED:
            return TimestampOffset(NO_TIMESTAMP, self.log.log_end_offset - 1)
        return super().find(timestamp)


@mutant("fetch/answers-the-last-of-two", violates="fetch/list-offsets/partition-named-twice")
class AnswersTheLastOfTwo(ListOffsetsRules):
    """Of two questions for a partition in one request the last is answered."""

    @override
    def named_twice(self, request: ListOffsetsRequest) -> set[tuple[str, int]]:
        return set()


@mutant("fetch/unknown-offsets-are-led-elsewhere", violates="fetch/list-offsets/unknown-partition")
class UnknownOffsetsAreLedElsewhere(ListOffsetsRules):
    """Who asks for offsets of a partition that is not there is sent to another leader."""

    @override
    def told_error(self, error: ErrorCode, version: int) -> ErrorCode:
        if error is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
            return ErrorCode.NOT_LEADER_OR_FOLLOWER
        return super().told_error(error, version)


@mutant("fetch/fences-the-current-epoch", violates="fetch/leader-epochs/current-is-accepted")
class FencesTheCurrentEpoch(Partition):
    """A client that knows the current leader epoch is told that it is old."""

    @override
    def check_epoch(self, current_leader_epoch: int) -> ErrorCode:
        if current_leader_epoch == self.leader_epoch:
            return ErrorCode.FENCED_LEADER_EPOCH
        return super().check_epoch(current_leader_epoch)


@mutant("fetch/takes-epochs-to-come", violates="fetch/leader-epochs/unknown-is-refused")
class TakesEpochsToCome(Partition):
    """A client that knows a newer leader epoch is served by the old leader."""

    @override
    def check_epoch(self, current_leader_epoch: int) -> ErrorCode:
        return super().check_epoch(min(current_leader_epoch, self.leader_epoch))


@mutant("fetch/trusts-unknown-epochs", violates="fetch/leader-epochs/last-fetched-above-all")
class TrustsUnknownEpochs(Partition):
    """A reader that claims an epoch that the log never had goes on reading."""

    @override
    def find_divergence(self, wanted: FetchPartition) -> DivergingEpoch | ErrorCode | None:
        if self.log.end_offset_for_epoch(wanted.last_fetched_epoch) is None:
            return None
        return super().find_divergence(wanted)


@mutant("fetch/hides-divergence", violates="fetch/leader-epochs/divergence")
class HidesDivergence(Partition):
    """A reader whose log has parted from the leader's is not told where."""

    @override
    def find_divergence(self, wanted: FetchPartition) -> DivergingEpoch | ErrorCode | None:
        found = super().find_divergence(wanted)
        return None if isinstance(found, DivergingEpoch) else found


@mutant("fetch/epochs-end-where-they-begin", violates="fetch/leader-epochs/end-of-the-current")
class EpochsEndWhereTheyBegin(LeaderEpochCache):
    """The current epoch is said to end where it began."""

    @override
    def end_offset_for(self, epoch: int, log_end_offset: int) -> EpochEndOffset | None:
        if epoch == self.latest_epoch and self.entries:
            return EpochEndOffset(epoch, self.entries[-1].start_offset)
        return super().end_offset_for(epoch, log_end_offset)


@mutant("fetch/unknown-epochs-end-with-the-log", violates="fetch/leader-epochs/end-of-an-unknown")
class UnknownEpochsEndWithTheLog(LeaderEpochCache):
    """An epoch above all known is said to end where the log ends."""

    @override
    def end_offset_for(self, epoch: int, log_end_offset: int) -> EpochEndOffset | None:
        found = super().end_offset_for(epoch, log_end_offset)
        return EpochEndOffset(epoch, log_end_offset) if found is None and epoch != NO_EPOCH else found


@mutant("fetch/unknown-epochs-are-led-elsewhere", violates="fetch/leader-epochs/of-an-unknown-partition")
class UnknownEpochsAreLedElsewhere(OffsetForLeaderEpochRules):
    """Who asks for epochs of a partition that is not there is sent to another leader."""

    @override
    def find_partition(self, broker: Broker, topic: str, partition: int) -> Partition | ErrorCode:
        found = super().find_partition(broker, topic, partition)
        return ErrorCode.NOT_LEADER_OR_FOLLOWER if found is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION else found


@mutant("fetch/stamps-the-next-epoch", violates="fetch/leader-epochs/stamped-into-batches")
class StampsTheNextEpoch(LogValidator):
    """Batches carry the epoch of the next leader."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        return super().validate_records(header, view, place._replace(leader_epoch=place.leader_epoch + 1))


@mutant("fetch/deletes-nothing", violates="fetch/delete-records/moves-the-start")
class DeletesNothing(Partition):
    """DeleteRecords is acknowledged, and nothing is deleted."""

    @override
    def delete_records(self, offset: int) -> int | ErrorCode:
        return offset


@mutant("fetch/knows-no-shorthand-for-the-end", violates="fetch/delete-records/up-to-the-high-watermark")
class KnowsNoShorthandForTheEnd(Partition):
    """To delete before -1 is an error."""

    @override
    def delete_records(self, offset: int) -> int | ErrorCode:
        return ErrorCode.OFFSET_OUT_OF_RANGE if offset == HIGH_WATERMARK else super().delete_records(offset)


@mutant("fetch/deletes-as-far-as-it-can", violates="fetch/delete-records/beyond-the-end")
class DeletesAsFarAsItCan(Partition):
    """An offset above the high watermark deletes everything."""

    @override
    def delete_records(self, offset: int) -> int | ErrorCode:
        return super().delete_records(min(offset, self.log.high_watermark))


@mutant("fetch/start-moves-back", violates="fetch/delete-records/never-moves-back")
class StartMovesBack(Partition):
    """An offset below the start of the log brings deleted records back."""

    @override
    def delete_records(self, offset: int) -> int | ErrorCode:
        if 0 <= offset < self.log.log_start_offset:
            self.log.log_start_offset = offset
        return super().delete_records(offset)


@mutant("fetch/gives-deleted-records", violates="fetch/delete-records/below-the-start-is-out-of-range")
class GivesDeletedRecords(Log):
    """Deleted records are read as long as they are stored."""

    @override
    def is_in_range(self, offset: int) -> bool:
        return 0 <= offset <= self.log_end_offset


@mutant("fetch/begins-anew-behind-a-deletion", violates="fetch/delete-records/offsets-go-on")
class BeginsAnewBehindADeletion(Log):
    """A log whose records were all deleted leaves out an offset before it goes on."""

    @override
    def assign_offset(self) -> int:
        is_emptied = self.log_start_offset == self.log_end_offset > 0
        return super().assign_offset() + is_emptied


@mutant("fetch/deletes-from-compacted-topics", violates="fetch/delete-records/compacted-only-is-refused")
class DeletesFromCompactedTopics(Partition):
    """The last values of keys can be deleted from a compacted topic."""

    @override
    def may_delete_records(self) -> bool:
        return True


@mutant("fetch/never-deletes-from-compacted-topics", violates="fetch/delete-records/compacted-and-deleted-is-allowed")
class NeverDeletesFromCompactedTopics(Partition):
    """A topic that is compacted keeps its records even if its policy is to delete, too."""

    @override
    def may_delete_records(self) -> bool:
        return not self.log.config.is_compacted


@mutant("fetch/deletes-from-internal-topics", violates="fetch/delete-records/internal-topics-are-refused")
class DeletesFromInternalTopics(DeleteRecordsRules):
    """A client can delete the offsets of groups."""

    @override
    def check_partition(self, image: MetadataImage, topic: str, partition: int) -> ErrorCode:
        error = super().check_partition(image, topic, partition)
        return ErrorCode.NONE if error is ErrorCode.INVALID_TOPIC_EXCEPTION else error


@mutant("fetch/deletes-elsewhere", violates="fetch/delete-records/unknown-partition")
class DeletesElsewhere(DeleteRecordsRules):
    """Who deletes from a partition that is not there is sent to another leader."""

    @override
    def check_partition(self, image: MetadataImage, topic: str, partition: int) -> ErrorCode:
        error = super().check_partition(image, topic, partition)
        return ErrorCode.NOT_LEADER_OR_FOLLOWER if error is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION else error
