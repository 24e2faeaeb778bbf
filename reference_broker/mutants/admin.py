"""Defects of metadata and of its pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsResponsePartition,
)
from kafka_conformance.protocol.messages.metadata import (
    MetadataRequestTopic,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.apis.describe_quorum import DescribeQuorumRules
from kafka_conformance.reference_broker.apis.describe_topic_partitions import DescribeTopicPartitionsRules
from kafka_conformance.reference_broker.cluster.auto_topic_creation import AutoTopicCreation
from kafka_conformance.reference_broker.cluster.broker import Broker
from kafka_conformance.reference_broker.cluster.metadata_view import MetadataView, N
from kafka_conformance.reference_broker.cluster.publication import MetadataPublication
from kafka_conformance.reference_broker.controller.image import MetadataImage, PartitionImage, TopicImage
from kafka_conformance.reference_broker.controller.quorum import QuorumState, ReplicaOfLog
from kafka_conformance.reference_broker.mutants.registry import mutant

NEVER_MS = 3_600_000
SOME_ID = b"the same for all"
NOBODY = 4711


@mutant("admin/leader-not-in-sync", violates="admin/metadata/partitions-fit-together")
class LeaderNotInSync(MetadataView):
    """The leader of a partition is left out of its in-sync replicas."""

    @override
    def partition(self, partition: PartitionImage, version: int) -> MetadataResponsePartition:
        shown = super().partition(partition, version)
        shown.isr_nodes = [node for node in shown.isr_nodes if node != shown.leader_id]
        return shown


@mutant("admin/knows-no-ids", violates="admin/metadata/describes-by-id")
class KnowsNoIds(MetadataView):
    """A topic is not found by its id."""

    @override
    def topic_by_id(self, topic_id: Uuid) -> TopicImage | None:
        return None


@mutant("admin/one-id-for-all", violates="admin/metadata/ids-are-of-topics")
class OneIdForAll(MetadataView):
    """All topics are shown with the same id."""

    @override
    def topic(self, topic: TopicImage, version: int) -> MetadataResponseTopic:
        shown = super().topic(topic, version)
        shown.topic_id = SOME_ID
        return shown


@mutant("admin/empty-means-all", violates="admin/metadata/all-or-none")
class EmptyMeansAll(MetadataView):
    """An empty list asks for all topics in every version."""

    @override
    def asks_for_all(self, topics: Sequence[MetadataRequestTopic], version: int) -> bool:
        return not topics


@mutant("admin/empty-means-none", violates="admin/metadata/all-or-none")
class EmptyMeansNone(MetadataView):
    """An empty list asks for no topics in version 0 either."""

    @override
    def asks_for_all(self, topics: Sequence[MetadataRequestTopic], version: int) -> bool:
        return False


@mutant("admin/looking-creates", violates="admin/metadata/unknown-name")
class LookingCreates(AutoTopicCreation):
    """Metadata makes the topic that it is asked for, also where the request forbids it."""

    @override
    def may_create(self, *, client_allows: bool) -> bool:
        return True


@mutant("admin/any-name-may-come", violates="admin/metadata/invalid-name")
class AnyNameMayCome(MetadataView):
    """A name that no topic can have is merely unknown."""

    @override
    def unknown_topic(self, name: str) -> MetadataResponseTopic:
        shown = super().unknown_topic(name)
        shown.error_code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return shown


@mutant("admin/unknown-id-as-name", violates="admin/metadata/unknown-id")
class UnknownIdAsName(MetadataView):
    """An unknown id is answered like an unknown name."""

    @override
    def unknown_topic_id(self, topic_id: Uuid) -> MetadataResponseTopic:
        shown = super().unknown_topic_id(topic_id)
        shown.error_code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return shown


@mutant("admin/as-often-as-asked", violates="admin/metadata/each-topic-once")
class AsOftenAsAsked(MetadataView):
    """A topic is described as often as it is named."""

    @override
    def distinct(self, asked: Iterable[N]) -> list[N]:
        return list(asked)


@mutant("admin/controller-is-nobody", violates="admin/metadata/cluster-is-one")
class ControllerIsNobody(MetadataView):
    """The controller is none of the brokers."""

    @override
    def controller_id(self) -> int:
        return NOBODY


@mutant("admin/never-hears-of-topics", violates="admin/metadata/follows-topics")
class NeverHearsOfTopics(MetadataPublication):
    """A broker learns of new topics and of deleted ones an hour later."""

    @override
    def lag_ms(self, broker: Broker, image: MetadataImage) -> int:
        return 0 if image.topics.keys() == broker.image.topics.keys() else NEVER_MS


@mutant("admin/pages-overlap", violates="admin/describe-topic-partitions/pages-are-complete")
class PagesOverlap(DescribeTopicPartitionsRules):
    """A page begins with the partition that ended the one before."""

    @override
    def cursor(self, name: str, partition: int) -> Cursor:
        return super().cursor(name, max(0, partition - 1))


@mutant("admin/pages-leave-gaps", violates="admin/describe-topic-partitions/pages-are-complete")
class PagesLeaveGaps(DescribeTopicPartitionsRules):
    """Between two pages a partition is left out."""

    @override
    def cursor(self, name: str, partition: int) -> Cursor:
        return super().cursor(name, partition + 1)


@mutant("admin/pages-name-no-leader", violates="admin/describe-topic-partitions/agrees-with-metadata")
class PagesNameNoLeader(DescribeTopicPartitionsRules):
    """The leaders of partitions are not named."""

    @override
    def partition(self, image: MetadataImage, partition: PartitionImage) -> DescribeTopicPartitionsResponsePartition:
        shown = super().partition(image, partition)
        shown.leader_id = -1
        return shown


@mutant("admin/quorum-without-its-leader", violates="admin/quorum/leader-is-a-voter")
class QuorumWithoutItsLeader(DescribeQuorumRules):
    """The leader is left out of the voters."""

    @override
    def voters(self, state: QuorumState) -> Sequence[ReplicaOfLog]:
        return [each for each in state.voters if each.replica_id != state.leader_id]


@mutant("admin/quorum-stands-still", violates="admin/quorum/commits-what-is-answered")
class QuorumStandsStill(DescribeQuorumRules):
    """The high watermark of the metadata is told as it was when the cluster began."""

    @override
    def high_watermark(self, state: QuorumState) -> int:
        return 0


@mutant("admin/quorum-of-every-partition", violates="admin/quorum/other-partitions")
class QuorumOfEveryPartition(DescribeQuorumRules):
    """Whatever is asked for, the quorum of the metadata is described."""

    @override
    def is_metadata_log(self, partitions: Sequence[tuple[str, int]]) -> bool:
        return True
