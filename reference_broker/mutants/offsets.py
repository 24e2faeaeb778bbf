"""Defects of committed offsets: what is stored, who may commit, when they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_commit import OffsetCommitRequest, OffsetCommitRequestTopic
from kafka_conformance.protocol.messages.offset_delete import OffsetDeleteRequest, OffsetDeleteResponse
from kafka_conformance.protocol.messages.offset_fetch import OffsetFetchRequestGroup, OffsetFetchResponseGroup
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.apis.offset_commit import OffsetCommitRules
from kafka_conformance.reference_broker.apis.offset_delete import OffsetDeleteRules
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.states import State
from kafka_conformance.reference_broker.groups.decision import Caller, Decision
from kafka_conformance.reference_broker.groups.offsets.store import CommittedOffset, OffsetStore
from kafka_conformance.reference_broker.groups.shard import GroupShard
from kafka_conformance.reference_broker.mutants.registry import mutant

# What is stored


@mutant("offsets/never-goes-back", violates="offsets/commit/last-one-wins")
class NeverGoesBack(OffsetStore):
    """A commit of a smaller offset is acknowledged and ignored."""

    @override
    def supersedes(self, new: CommittedOffset, old: CommittedOffset | None) -> bool:
        return old is None or new.offset > old.offset


@mutant("offsets/partition-0-for-all", violates="offsets/commit/partitions-are-apart")
class PartitionZeroForAll(OffsetStore):
    """A partition without an offset has that of partition 0."""

    @override
    def get(self, group_id: str, topic: str, partition: int) -> CommittedOffset | None:
        return super().get(group_id, topic, partition) or super().get(group_id, topic, 0)


@mutant("offsets/any-group", violates="offsets/commit/groups-are-apart")
class AnyGroup(OffsetStore):
    """A group without an offset of a partition has that of another."""

    @override
    def get(self, group_id: str, topic: str, partition: int) -> CommittedOffset | None:
        found = (super(AnyGroup, self).get(each, topic, partition) for each in (group_id, *self.groups()))
        return next((offset for offset in found if offset is not None), None)


@mutant("offsets/old-versions-lose-metadata", violates="offsets/commit/every-version-round-trips")
class OldVersionsLoseMetadata(GroupShard):
    """Before OffsetCommit 5 metadata is not stored."""

    @override
    def commit(self, request: OffsetCommitRequest, caller: Caller) -> Decision:
        for partition in [each for topic in request.topics if caller.api_version < 5 for each in topic.partitions]:
            partition.committed_metadata = ""
        return super().commit(request, caller)


@mutant("offsets/metadata-is-ascii", violates="offsets/commit/metadata-round-trips")
class MetadataIsAscii(OffsetStore):
    """Letters beyond ASCII are read back as question marks."""

    @override
    def get(self, group_id: str, topic: str, partition: int) -> CommittedOffset | None:
        found = super().get(group_id, topic, partition)
        if found is None:
            return None
        return found._replace(metadata=found.metadata.encode("ascii", "replace").decode())


@mutant("offsets/metadata-without-limit", violates="offsets/commit/metadata-has-a-limit")
class MetadataWithoutLimit(OffsetStore):
    """Metadata of any length is stored."""

    @override
    def accepts_metadata(self, metadata: str, max_length: int) -> bool:
        return True


@mutant("offsets/forgets-leader-epochs", violates="offsets/commit/leader-epoch-is-kept")
class ForgetsLeaderEpochs(OffsetStore):
    """The leader epoch of an offset is not read back."""

    @override
    def get(self, group_id: str, topic: str, partition: int) -> CommittedOffset | None:
        found = super().get(group_id, topic, partition)
        return None if found is None else found._replace(leader_epoch=-1)


@mutant("offsets/commits-what-does-not-exist", violates="offsets/commit/unknown-partition-is-refused")
class CommitsWhatDoesNotExist(OffsetCommitRules):
    """Offsets of partitions that do not exist are stored."""

    @override
    def check_partition(self, image: MetadataImage, topic: OffsetCommitRequestTopic, partition: int) -> ErrorCode:
        error = super().check_partition(image, topic, partition)
        return ErrorCode.NONE if error is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION else error


@mutant("offsets/topic-ids-are-names", violates="offsets/topic-ids/unknown-is-refused")
class TopicIdsAreNames(OffsetCommitRules):
    """A topic id that does not exist is answered as a name that does not exist."""

    @override
    def check_partition(self, image: MetadataImage, topic: OffsetCommitRequestTopic, partition: int) -> ErrorCode:
        error = super().check_partition(image, topic, partition)
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if error is ErrorCode.UNKNOWN_TOPIC_ID else error


# What is read


@mutant("offsets/zero-for-nothing", violates="offsets/fetch/nothing-committed-is-minus-one")
class ZeroForNothing(GroupShard):
    """What was never committed is read as offset 0, so a consumer starts over and does not know it."""

    @override
    def fetch(self, request: OffsetFetchRequestGroup) -> OffsetFetchResponseGroup:
        answer = super().fetch(request)
        for partition in [each for topic in answer.topics for each in topic.partitions]:
            partition.committed_offset = max(partition.committed_offset, 0)
        return answer


@mutant("offsets/one-topic-for-all", violates="offsets/fetch/all-topics")
class OneTopicForAll(OffsetStore):
    """Of all topics of a group only the first is read."""

    @override
    def of_group(self, group_id: str) -> Mapping[str, Mapping[int, CommittedOffset]]:
        return dict(list(super().of_group(group_id).items())[:1])


@mutant("offsets/groups-without-names", violates="offsets/fetch/several-groups")
class GroupsWithoutNames(GroupShard):
    """An answer for several groups does not say which one is which."""

    @override
    def fetch(self, request: OffsetFetchRequestGroup) -> OffsetFetchResponseGroup:
        answer = super().fetch(request)
        answer.group_id = ""
        return answer


@mutant("offsets/never-stable", violates="offsets/fetch/require-stable-without-transactions")
class NeverStable(OffsetStore):
    """A fetch of stable offsets is told to wait for a transaction that does not exist."""

    @override
    def is_unstable(self, group_id: str, topic: str, partition: int) -> bool:
        return True


# Who may commit


@mutant("offsets/only-the-leader-commits", violates="offsets/members/current-generation-may-commit")
class OnlyTheLeaderCommits(ClassicGroup):
    """A follower's commit is refused."""

    @override
    def validate_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
    ) -> ErrorCode:
        error = super().validate_commit(member_id, instance_id, generation, transactional=transactional)
        follows = self.state is State.STABLE and member_id != self.leader
        return ErrorCode.UNKNOWN_MEMBER_ID if follows else error


@mutant("offsets/fenced-generation-commits", violates="offsets/members/stale-generation-is-fenced")
class FencedGenerationCommits(ClassicGroup):
    """A member that missed a rebalance overwrites the offsets of who has its partitions now."""

    @override
    def validate_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
    ) -> ErrorCode:
        error = super().validate_commit(member_id, instance_id, generation, transactional=transactional)
        return ErrorCode.NONE if error is ErrorCode.ILLEGAL_GENERATION and generation >= 0 else error


@mutant("offsets/stranger-commits", violates="offsets/members/unknown-member-is-fenced")
class StrangerCommits(ClassicGroup):
    """Who is no member commits if it only guesses the generation."""

    @override
    def validate_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
    ) -> ErrorCode:
        error = super().validate_commit(member_id, instance_id, generation, transactional=transactional)
        return ErrorCode.NONE if self.members and self.is_current_generation(generation) else error


@mutant("offsets/outsider-commits", violates="offsets/members/outsiders-are-fenced")
class OutsiderCommits(ClassicGroup):
    """A commit without a generation overwrites the offsets of a group with members."""

    @override
    def validate_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
    ) -> ErrorCode:
        if generation < 0:
            return ErrorCode.NONE
        return super().validate_commit(member_id, instance_id, generation, transactional=transactional)


@mutant("offsets/empty-group-is-closed", violates="offsets/members/outsiders-may-use-an-empty-group")
class EmptyGroupIsClosed(ClassicGroup):
    """A group that once had members takes no commits from outside any more."""

    @override
    def validate_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
    ) -> ErrorCode:
        if self.state is State.EMPTY and self.generation > 0:
            return ErrorCode.UNKNOWN_MEMBER_ID
        return super().validate_commit(member_id, instance_id, generation, transactional=transactional)


@mutant("offsets/former-member-commits", violates="offsets/members/former-members-are-fenced")
class FormerMemberCommits(ClassicGroup):
    """A member that has left still commits in the empty group."""

    @override
    def validate_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
    ) -> ErrorCode:
        if self.state is State.EMPTY:
            return ErrorCode.NONE
        return super().validate_commit(member_id, instance_id, generation, transactional=transactional)


@mutant("offsets/commits-before-the-assignment", violates="offsets/members/awaiting-assignment-is-refused")
class CommitsBeforeTheAssignment(ClassicGroup):
    """A member commits for partitions that it may not own any more."""

    @override
    def validate_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
    ) -> ErrorCode:
        error = super().validate_commit(member_id, instance_id, generation, transactional=transactional)
        return ErrorCode.NONE if error is ErrorCode.REBALANCE_IN_PROGRESS else error


@mutant("offsets/no-commit-before-the-rejoin", violates="offsets/members/may-commit-before-they-rejoin")
class NoCommitBeforeTheRejoin(ClassicGroup):
    """A member cannot commit what it has read when a rebalance begins."""

    @override
    def validate_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
    ) -> ErrorCode:
        error = super().validate_commit(member_id, instance_id, generation, transactional=transactional)
        return ErrorCode.REBALANCE_IN_PROGRESS if self.state is State.PREPARING_REBALANCE else error


@mutant("offsets/commit-makes-a-group", violates="offsets/members/missing-group-is-refused")
class CommitMakesAGroup(GroupShard):
    """A commit of a member of a group that does not exist is stored."""

    @override
    def commit_error(self, request: OffsetCommitRequest, caller: Caller) -> ErrorCode:
        return super().commit_error(request, caller) if request.group_id in self.groups else ErrorCode.NONE


# The ends of offsets


@mutant("offsets/deletes-nothing", violates="offsets/delete/forgets-what-was-named")
class DeletesNothing(GroupShard):
    """OffsetDelete is acknowledged and ignored."""

    @override
    def delete_offsets(self, request: OffsetDeleteRequest) -> Decision:
        return super().delete_offsets(request)._replace(records=())


@mutant("offsets/deletes-what-is-consumed", violates="offsets/delete/subscribed-topic-is-kept")
class DeletesWhatIsConsumed(ClassicGroup):
    """The offsets of a topic that members consume are deleted."""

    @override
    def is_subscribed_to(self, topic: str) -> bool:
        return False


@mutant("offsets/deletes-of-any-group", violates="offsets/delete/unknown-group-is-refused")
class DeletesOfAnyGroup(GroupShard):
    """OffsetDelete of a group that does not exist is acknowledged."""

    @override
    def delete_offsets(self, request: OffsetDeleteRequest) -> Decision:
        if request.group_id not in self.groups:
            return Decision(OffsetDeleteResponse())
        return super().delete_offsets(request)


@mutant("offsets/deletes-of-any-partition", violates="offsets/delete/unknown-partition-is-refused")
class DeletesOfAnyPartition(OffsetDeleteRules):
    """OffsetDelete of a partition that does not exist is acknowledged."""

    @override
    def exists(self, image: MetadataImage, topic: str, partition: int) -> bool:
        return True


@mutant("offsets/outlive-their-topic", violates="offsets/topic-deletion/forgets-them")
class OutliveTheirTopic(GroupShard):
    """The offsets of a deleted topic are those of the next topic of its name."""

    @override
    def topics_deleted(self, deleted: Mapping[str, Uuid]) -> Decision:
        return Decision()


@mutant("offsets/lost-at-failover", violates="offsets/durability/survive-the-coordinator")
class LostAtFailover(GroupShard):
    """A coordinator that takes over starts without the offsets."""

    @override
    def loaded(self, now_ms: int) -> Iterator[Decision]:
        self.offsets, self.committed.offsets = OffsetStore(), OffsetStore()
        return super().loaded(now_ms)
