"""What the APIs decide by themselves: one class for each, so that a mutant can decide otherwise."""

from __future__ import annotations

from typing import NamedTuple

from kafka_conformance.reference_broker.apis.api_versions import ApiVersionsRules
from kafka_conformance.reference_broker.apis.delete_records import DeleteRecordsRules
from kafka_conformance.reference_broker.apis.describe_configs import DescribeConfigsRules
from kafka_conformance.reference_broker.apis.describe_topic_partitions import DescribeTopicPartitionsRules
from kafka_conformance.reference_broker.apis.fetch import FetchRules
from kafka_conformance.reference_broker.apis.find_coordinator import FindCoordinatorRules
from kafka_conformance.reference_broker.apis.init_producer_id import InitProducerIdRules
from kafka_conformance.reference_broker.apis.list_offsets import ListOffsetsRules
from kafka_conformance.reference_broker.apis.offset_commit import OffsetCommitRules
from kafka_conformance.reference_broker.apis.offset_delete import OffsetDeleteRules
from kafka_conformance.reference_broker.apis.offset_for_leader_epoch import OffsetForLeaderEpochRules
from kafka_conformance.reference_broker.apis.produce import ProduceRules


class ApiParts(NamedTuple):
    """The classes of the rules."""

    api_versions: type[ApiVersionsRules] = ApiVersionsRules
    delete_records: type[DeleteRecordsRules] = DeleteRecordsRules
    describe_configs: type[DescribeConfigsRules] = DescribeConfigsRules
    describe_topic_partitions: type[DescribeTopicPartitionsRules] = DescribeTopicPartitionsRules
    fetch: type[FetchRules] = FetchRules
    find_coordinator: type[FindCoordinatorRules] = FindCoordinatorRules
    init_producer_id: type[InitProducerIdRules] = InitProducerIdRules
    list_offsets: type[ListOffsetsRules] = ListOffsetsRules
    offset_commit: type[OffsetCommitRules] = OffsetCommitRules
    offset_delete: type[OffsetDeleteRules] = OffsetDeleteRules
    offset_for_leader_epoch: type[OffsetForLeaderEpochRules] = OffsetForLeaderEpochRules
    produce: type[ProduceRules] = ProduceRules


class ApiRules(NamedTuple):
    """The rules of one broker; they keep no state."""

    api_versions: ApiVersionsRules
    delete_records: DeleteRecordsRules
    describe_configs: DescribeConfigsRules
    describe_topic_partitions: DescribeTopicPartitionsRules
    fetch: FetchRules
    find_coordinator: FindCoordinatorRules
    init_producer_id: InitProducerIdRules
    list_offsets: ListOffsetsRules
    offset_commit: OffsetCommitRules
    offset_delete: OffsetDeleteRules
    offset_for_leader_epoch: OffsetForLeaderEpochRules
    produce: ProduceRules


def rules_of(parts: ApiParts) -> ApiRules:
    """Make the rules of a broker."""
    return ApiRules(
        api_versions=parts.api_versions(),
        delete_records=parts.delete_records(),
        describe_configs=parts.describe_configs(),
        describe_topic_partitions=parts.describe_topic_partitions(),
        fetch=parts.fetch(),
        find_coordinator=parts.find_coordinator(),
        init_producer_id=parts.init_producer_id(),
        list_offsets=parts.list_offsets(),
        offset_commit=parts.offset_commit(),
        offset_delete=parts.offset_delete(),
        offset_for_leader_epoch=parts.offset_for_leader_epoch(),
        produce=parts.produce(),
    )
