"""Defects of topics made, deleted and grown."""

from __future__ import annotations

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsResponse
from kafka_conformance.protocol.messages.create_topics import (
    CreatableTopic,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.reference_broker.apis.fetch import FetchRules
from kafka_conformance.reference_broker.controller.controller import Controller
from kafka_conformance.reference_broker.controller.delete_topics import delete_topics
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.fetch.session import FetchTarget
from kafka_conformance.reference_broker.log.checkpoints import TopicPartition
from kafka_conformance.reference_broker.log.log_directory import LogDirectory
from kafka_conformance.reference_broker.mutants.registry import mutant


def _with_error(answer: CreateTopicsResponse, error: ErrorCode, instead: ErrorCode) -> CreateTopicsResponse:
    for result in answer.topics:
        if result.error_code == error:
            result.error_code = instead
    return answer


def _grown_with_error(
    answer: CreatePartitionsResponse, error: ErrorCode, instead: ErrorCode
) -> CreatePartitionsResponse:
    for result in answer.results:
        if result.error_code == error:
            result.error_code = instead
    return answer


@mutant("admin/one-partition-less", violates="admin/creation/makes-what-was-asked")
class OnePartitionLess(Controller):
    """A topic gets one partition less than it is to have."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        for topic in request.topics:
            topic.num_partitions -= topic.num_partitions > 1
        return super().create_topics(request)


@mutant("admin/hides-new-id", violates="admin/creation/answer-tells-what-was-made")
class HidesNewId(Controller):
    """The answer does not tell a new topic's id."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        answer = super().create_topics(request)
        for result in answer.topics:
            result.topic_id = ZERO_UUID
        return answer


@mutant("admin/drops-configurations", violates="admin/creation/stores-configurations")
class DropsConfigurations(Controller):
    """The last configuration of a new topic is dropped."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        for topic in request.topics:
            topic.configs = topic.configs[:-1]
        return super().create_topics(request)


@mutant("admin/default-is-two", violates="admin/creation/defaults-are-the-brokers")
class DefaultIsTwo(Controller):
    """A topic gets two partitions where the broker's default is asked for."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        for topic in request.topics:
            if topic.num_partitions == -1 and not topic.assignments:
                topic.num_partitions = 2
        return super().create_topics(request)


@mutant("admin/validation-creates", violates="admin/creation/validate-only-makes-nothing")
class ValidationCreates(Controller):
    """A topic that is only to be validated is made."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        request.validate_only = False
        return super().create_topics(request)


@mutant("admin/existing-is-fine", violates="admin/creation/existing-is-refused")
class ExistingIsFine(Controller):
    """Making a topic that exists is answered without an error."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        return _with_error(super().create_topics(request), ErrorCode.TOPIC_ALREADY_EXISTS, ErrorCode.NONE)


@mutant("admin/at-least-one-partition", violates="admin/creation/invalid-partitions")
class AtLeastOnePartition(Controller):
    """A topic that is to have no partitions gets one."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        for topic in request.topics:
            if topic.num_partitions == 0 or topic.num_partitions < -1:
                topic.num_partitions = 1
        return super().create_topics(request)


@mutant("admin/as-many-replicas-as-there-are", violates="admin/creation/invalid-replication-factor")
class AsManyReplicasAsThereAre(Controller):
    """A topic that is to have more replicas than there are brokers gets as many as there are."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        for topic in request.topics:
            topic.replication_factor = min(topic.replication_factor, len(self.image.brokers))
        return super().create_topics(request)


@mutant("admin/invalid-name-is-invalid-request", violates="admin/creation/invalid-name")
class InvalidNameIsInvalidRequest(Controller):
    """An invalid name is refused as an invalid request."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        answer = super().create_topics(request)
        return _with_error(answer, ErrorCode.INVALID_TOPIC_EXCEPTION, ErrorCode.INVALID_REQUEST)


@mutant("admin/shorter-names", violates="admin/creation/longest-name")
class ShorterNames(Controller):
    """A name of 249 characters is too long."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        answer = super().create_topics(request)
        for result in answer.topics:
            if len(result.name) >= 249:
                result.error_code = ErrorCode.INVALID_TOPIC_EXCEPTION
        return answer


@mutant("admin/names-may-collide", violates="admin/creation/colliding-name")
class NamesMayCollide(Controller):
    """Names may differ in dots and underscores alone."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        answer = super().create_topics(request)
        for result in answer.topics:
            if "collides" in (result.error_message or ""):
                result.error_code = ErrorCode.NONE
        return answer


@mutant("admin/invalid-configurations-are-skipped", violates="admin/creation/invalid-configuration")
class InvalidConfigurationsAreSkipped(Controller):
    """A topic whose configurations are invalid is made without them."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        answer = super().create_topics(request)
        if any(result.error_code == ErrorCode.INVALID_CONFIG for result in answer.topics):
            for topic in request.topics:
                topic.configs = []
            answer = super().create_topics(request)
        return answer


@mutant("admin/invalid-assignments-are-placed", violates="admin/creation/invalid-assignment")
class InvalidAssignmentsArePlaced(Controller):
    """A topic whose assignment is invalid is placed by the controller."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        answer = super().create_topics(request)
        if any(result.error_code == ErrorCode.INVALID_REPLICA_ASSIGNMENT for result in answer.topics):
            for topic in request.topics:
                topic.assignments = []
            answer = super().create_topics(request)
        return answer


@mutant("admin/drops-assignments", violates="admin/creation/follows-assignment")
class DropsAssignments(Controller):
    """Of an assignment the first partition alone is made."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        for topic in request.topics:
            topic.assignments = [each for each in topic.assignments if each.partition_index == 0]
        return super().create_topics(request)


@mutant("admin/counts-beside-assignments", violates="admin/creation/assignment-with-counts")
class CountsBesideAssignments(Controller):
    """Counts beside an assignment are passed over."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        for topic in request.topics:
            if topic.assignments:
                topic.num_partitions = topic.replication_factor = -1
        return super().create_topics(request)


@mutant("admin/makes-duplicates", violates="admin/creation/duplicate-name")
class MakesDuplicates(Controller):
    """A topic that is named twice is made once."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        by_name: dict[str, CreatableTopic] = {topic.name: topic for topic in request.topics}
        request.topics = list(by_name.values())
        return super().create_topics(request)


@mutant("admin/all-or-nothing", violates="admin/creation/one-by-one")
class AllOrNothing(Controller):
    """Where one topic is refused none of them is made."""

    @override
    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        validate_only, request.validate_only = request.validate_only, True
        answer = super().create_topics(request)
        if any(result.error_code != ErrorCode.NONE for result in answer.topics):
            return answer
        request.validate_only = validate_only
        return super().create_topics(request)


@mutant("admin/keeps-topics", violates="admin/deletion/by-name")
class KeepsTopics(Controller):
    """A topic that is to be deleted by its name stays."""

    @override
    def delete_topics(self, request: DeleteTopicsRequest, api_version: int) -> DeleteTopicsResponse:
        if request.topic_names or any(topic.name for topic in request.topics):
            return delete_topics(self.image, request, api_version, enabled=True).reply
        return super().delete_topics(request, api_version)


@mutant("admin/keeps-identified-topics", violates="admin/deletion/by-id")
class KeepsIdentifiedTopics(Controller):
    """A topic that is to be deleted by its id stays."""

    @override
    def delete_topics(self, request: DeleteTopicsRequest, api_version: int) -> DeleteTopicsResponse:
        if any(topic.topic_id != ZERO_UUID for topic in request.topics):
            return delete_topics(self.image, request, api_version, enabled=True).reply
        return super().delete_topics(request, api_version)


@mutant("admin/deletes-the-unknown", violates="admin/deletion/unknown-name")
class DeletesTheUnknown(Controller):
    """Deleting a name that no topic has is answered without an error."""

    @override
    def delete_topics(self, request: DeleteTopicsRequest, api_version: int) -> DeleteTopicsResponse:
        answer = super().delete_topics(request, api_version)
        for result in answer.responses:
            if result.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
                result.error_code = ErrorCode.NONE
        return answer


@mutant("admin/unknown-id-is-unknown-topic", violates="admin/deletion/unknown-id")
class UnknownIdIsUnknownTopic(Controller):
    """Deleting an unknown id is answered like deleting an unknown name."""

    @override
    def delete_topics(self, request: DeleteTopicsRequest, api_version: int) -> DeleteTopicsResponse:
        answer = super().delete_topics(request, api_version)
        for result in answer.responses:
            if result.error_code == ErrorCode.UNKNOWN_TOPIC_ID:
                result.error_code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return answer


@mutant("admin/data-survives-deletion", violates="admin/deletion/data-is-gone")
class DataSurvivesDeletion(LogDirectory):
    """The log of a deleted topic is found again by the next one of its name."""

    @override
    def delete(self, partition: TopicPartition) -> None:
        return None


@mutant("admin/old-id-is-unknown-topic", violates="admin/deletion/old-id-is-unknown")
class OldIdIsUnknownTopic(FetchRules):
    """A fetch by the id of a deleted topic is answered like one by an unknown name."""

    @override
    def check_partition(self, image: MetadataImage, target: FetchTarget) -> ErrorCode:
        error = super().check_partition(image, target)
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if error is ErrorCode.UNKNOWN_TOPIC_ID else error


@mutant("admin/grows-by-one", violates="admin/growth/adds-empty-partitions")
class GrowsByOne(Controller):
    """A topic grows by one partition, whatever it is asked for."""

    @override
    def create_partitions(self, request: CreatePartitionsRequest) -> CreatePartitionsResponse:
        for wanted in request.topics:
            topic = self.image.topics.get(wanted.name)
            if topic is not None:
                wanted.count = min(wanted.count, len(topic.partitions) + 1)
        return super().create_partitions(request)


@mutant("admin/grows-anew", violates="admin/growth/keeps-what-is-there")
class GrowsAnew(Controller):
    """A topic that grows is deleted and made again, larger."""

    @override
    def create_partitions(self, request: CreatePartitionsRequest) -> CreatePartitionsResponse:
        answer = super().create_partitions(request)
        grown = {result.name for result in answer.results if result.error_code == ErrorCode.NONE}
        if grown and not request.validate_only:
            wanted = [
                CreatableTopic(name=topic.name, num_partitions=topic.count, replication_factor=-1)
                for topic in request.topics
                if topic.name in grown
            ]
            self.delete_topics(DeleteTopicsRequest(topic_names=sorted(grown), timeout_ms=request.timeout_ms), 5)
            self.create_topics(CreateTopicsRequest(topics=wanted))
        return answer


@mutant("admin/fewer-is-fine", violates="admin/growth/never-shrinks")
class FewerIsFine(Controller):
    """Asking for fewer partitions, or as many, is answered without an error."""

    @override
    def create_partitions(self, request: CreatePartitionsRequest) -> CreatePartitionsResponse:
        answer = super().create_partitions(request)
        return _grown_with_error(answer, ErrorCode.INVALID_PARTITIONS, ErrorCode.NONE)


@mutant("admin/validation-grows", violates="admin/growth/validate-only-changes-nothing")
class ValidationGrows(Controller):
    """A topic grows where it is only to be validated."""

    @override
    def create_partitions(self, request: CreatePartitionsRequest) -> CreatePartitionsResponse:
        request.validate_only = False
        return super().create_partitions(request)


@mutant("admin/unknown-topic-grows", violates="admin/growth/unknown-topic")
class UnknownTopicGrows(Controller):
    """Growing a topic that does not exist is answered without an error."""

    @override
    def create_partitions(self, request: CreatePartitionsRequest) -> CreatePartitionsResponse:
        answer = super().create_partitions(request)
        return _grown_with_error(answer, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.NONE)


@mutant("admin/growth-ignores-assignments", violates="admin/growth/invalid-assignment")
class GrowthIgnoresAssignments(Controller):
    """New partitions are placed by the controller, whatever the assignment."""

    @override
    def create_partitions(self, request: CreatePartitionsRequest) -> CreatePartitionsResponse:
        for topic in request.topics:
            topic.assignments = None
        return super().create_partitions(request)
