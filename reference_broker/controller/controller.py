"""The active controller: decides, writes the records, applies them, and publishes what came of it.

Source: QuorumController. There is no quorum: the log has one writer, and a record counts once it is written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.controller.decision import ApiError, Decision
from kafka_conformance.reference_broker.controller.features import FEATURES
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.membership import Membership
from kafka_conformance.reference_broker.controller.partition_change import PartitionChange
from kafka_conformance.reference_broker.controller.quorum import QuorumState, ReplicaOfLog
from kafka_conformance.reference_broker.controller.records import (
    ConfigRecord,
    FeatureLevelRecord,
    MetadataRecord,
    ProducerIdsRecord,
    decode_record,
    encode_record,
)
from kafka_conformance.reference_broker.controller.resources import ResourceType
from kafka_conformance.reference_broker.controller.state import MetadataState
from kafka_conformance.reference_broker.environment import Environment

# What decides about requests is imported with the first of them: a cluster that starts need not wait for it.
if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.alter_partition_reassignments import (
        AlterPartitionReassignmentsRequest,
        AlterPartitionReassignmentsResponse,
    )
    from kafka_conformance.protocol.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsResponse
    from kafka_conformance.protocol.messages.create_topics import CreateTopicsRequest, CreateTopicsResponse
    from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
    from kafka_conformance.protocol.messages.elect_leaders import ElectLeadersRequest, ElectLeadersResponse
    from kafka_conformance.protocol.messages.list_partition_reassignments import (
        ListPartitionReassignmentsRequest,
        ListPartitionReassignmentsResponse,
    )
    from kafka_conformance.reference_broker.controller.alter_configs import Receiver, Resource
    from kafka_conformance.reference_broker.controller.create_topics import Circumstances

logger = logging.getLogger(__name__)

R = TypeVar("R")
PRODUCER_ID_BLOCK_SIZE = 1000
"""ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE."""


class MetadataLog(Protocol):
    """Where the controller's records are kept: the partition __cluster_metadata-0."""

    leader_epoch: int
    """Of the controller."""

    def append(self, values: Sequence[bytes], now_ms: int) -> int:
        """Write records as one batch, all or none; return the offset of the last one. Raises StorageError."""

    def read(self) -> Iterator[tuple[int, bytes]]:
        """All records that were written, with their offsets."""

    def close(self) -> None:
        """Write what a next start needs."""


class ProducerIdBlock(NamedTuple):
    """Producer ids that a broker may give out: `size` of them from `first` on."""

    first: int
    size: int


class Controller(Membership):
    """One per cluster. Every method returns when its records are written, applied and published.

    `config` is static; `log` may hold the records of an earlier run, which `start` replays.
    """

    def __init__(
        self,
        env: Environment,
        config: BrokerConfig,
        cluster_id: str,
        log: MetadataLog,
        publish: Callable[[MetadataImage], None],
        *,
        controller_id: int = 1,
        partition_change: type[PartitionChange] = PartitionChange,
    ) -> None:
        super().__init__(partition_change)
        self._env = env
        self._static_config = config
        self._configs: dict[int, BrokerConfig] = {}
        self._log = log
        self._publish = publish
        self._controller_id = controller_id
        self._state = MetadataState(cluster_id, controller_id)
        self._offset = -1
        self.image = self._state.image(self._offset)

    @property
    def config(self) -> BrokerConfig:
        """The controller's configuration with its dynamic settings."""
        return self.config_of(self._controller_id)

    def config_of(self, node_id: int) -> BrokerConfig:
        """The configuration that the cluster's static settings and a broker's dynamic ones make."""
        own = self.image.configs.get((ResourceType.BROKER, str(node_id)), {})
        of_all = self.image.configs.get((ResourceType.BROKER, ""), {})
        last = self._configs.get(node_id, self._static_config)
        self._configs[node_id] = config = last.with_dynamic(own, of_all)  # the same one if nothing has changed
        return config

    def start(self) -> MetadataImage:
        """Replay the log, write what a new one must begin with, and publish. Raises StorageError, ProtocolError."""
        for offset, value in self._log.read():
            self._state.apply(decode_record(value))
            self._offset = offset
        self.image = self._state.image(self._offset)
        if records := self._bootstrap_records():
            self._commit(records)
        else:
            self._publish(self.image)
        self._fence_all()
        return self.image

    def stop(self) -> None:
        """Close the log; nothing may be asked of the controller after that. Raises StorageError."""
        self.stop_watching()
        self._log.close()

    def _bootstrap_records(self) -> list[MetadataRecord]:
        records: list[MetadataRecord] = [
            FeatureLevelRecord(name=feature.name, feature_level=feature.level)
            for feature in FEATURES
            if self.image.features.get(feature.name) != feature.level
        ]
        # KIP-966: with eligible leader replicas the cluster has a minimum of its own
        if "min.insync.replicas" not in self.image.configs.get((ResourceType.BROKER, ""), {}):
            value = str(self._static_config.int("min.insync.replicas"))
            records.append(ConfigRecord(resource_type=ResourceType.BROKER, name="min.insync.replicas", value=value))
        return records

    def _fence_all(self) -> None:
        """Fence the brokers of an earlier run: those that are still there register again."""
        for node_id, broker in list(self.image.brokers.items()):
            if not broker.fenced:
                self._commit(self.replication.fence(node_id))

    def create_topics(self, request: CreateTopicsRequest) -> CreateTopicsResponse:
        """Answer CreateTopics."""
        from kafka_conformance.reference_broker.controller.create_topics import create_topics

        return self._carry_out(create_topics(self._circumstances, request))

    def auto_create_topic(self, name: str) -> ApiError:
        """Create a topic that a broker needs or a client asked for, internal ones as Kafka makes them.

        TOPIC_ALREADY_EXISTS is an answer like any other.
        """
        from kafka_conformance.protocol.messages.create_topics import CreateTopicsRequest
        from kafka_conformance.reference_broker.controller.internal_topics import creatable_topic

        request = CreateTopicsRequest(topics=[creatable_topic(name, self.config)])
        result = self.create_topics(request).topics[0]
        return ApiError(ErrorCode(result.error_code), result.error_message)

    def ensure_internal_topic(self, name: str) -> ApiError:
        """Create an internal topic unless it exists; NONE in both cases."""
        return ApiError(ErrorCode.NONE) if name in self.image.topics else self.auto_create_topic(name)

    def delete_topics(self, request: DeleteTopicsRequest, api_version: int) -> DeleteTopicsResponse:
        """Answer DeleteTopics."""
        from kafka_conformance.reference_broker.controller.delete_topics import delete_topics

        enabled = self._static_config.bool("delete.topic.enable")
        return self._carry_out(delete_topics(self.image, request, api_version, enabled=enabled))

    def create_partitions(self, request: CreatePartitionsRequest) -> CreatePartitionsResponse:
        """Answer CreatePartitions."""
        from kafka_conformance.reference_broker.controller.create_partitions import create_partitions

        return self._carry_out(create_partitions(self.image, self._env.random, request))

    def elect_leaders(self, request: ElectLeadersRequest) -> ElectLeadersResponse:
        """Answer ElectLeaders."""
        from kafka_conformance.reference_broker.controller.elections import elect_leaders

        return self._carry_out(elect_leaders(self.replication, request))

    def alter_partition_reassignments(
        self, request: AlterPartitionReassignmentsRequest
    ) -> AlterPartitionReassignmentsResponse:
        """Answer AlterPartitionReassignments."""
        from kafka_conformance.reference_broker.controller.reassignments import alter_partition_reassignments

        return self._carry_out(alter_partition_reassignments(self.replication, request))

    def list_partition_reassignments(
        self, request: ListPartitionReassignmentsRequest
    ) -> ListPartitionReassignmentsResponse:
        """Answer ListPartitionReassignments."""
        from kafka_conformance.reference_broker.controller.reassignments import list_partition_reassignments

        return list_partition_reassignments(self.image, request)

    def describe_quorum(self) -> QuorumState:
        """Say who has how much of the log: this controller has all of it."""
        now_ms, end = self._env.clock.now_ms(), self._offset + 1
        voter = ReplicaOfLog(self._controller_id, end, now_ms, now_ms)
        observers = [each for each in self._observers.at(now_ms) if each.replica_id != self._controller_id]
        return QuorumState(self._controller_id, self._log.leader_epoch, end, [voter], observers)

    def alter_configs(self, node_id: int, resources: Sequence[Resource], *, validate_only: bool) -> list[ApiError]:
        """Answer AlterConfigs as broker `node_id` got it: an error for each resource, in order."""
        from kafka_conformance.reference_broker.controller.alter_configs import alter_configs

        return self._carry_out(alter_configs(self.image, self._receiver(node_id), resources), validate_only)

    def incremental_alter_configs(
        self, node_id: int, resources: Sequence[Resource], *, validate_only: bool
    ) -> list[ApiError]:
        """Answer IncrementalAlterConfigs as broker `node_id` got it: an error for each resource, in order."""
        from kafka_conformance.reference_broker.controller.alter_configs import incremental_alter_configs

        decision = incremental_alter_configs(self.image, self._receiver(node_id), resources)
        return self._carry_out(decision, validate_only)

    def allocate_producer_ids(self, node_id: int) -> ProducerIdBlock:
        """Give a broker the next block of producer ids; no id is ever given twice, whatever is restarted."""
        first = self._state.next_producer_id
        epoch = self._state.broker_epochs.get(node_id, -1)
        next_id = first + PRODUCER_ID_BLOCK_SIZE
        self._commit([ProducerIdsRecord(broker_id=node_id, broker_epoch=epoch, next_producer_id=next_id)])
        return ProducerIdBlock(first, PRODUCER_ID_BLOCK_SIZE)

    @property
    def _circumstances(self) -> Circumstances:
        from kafka_conformance.reference_broker.controller.create_topics import Circumstances

        return Circumstances(self.image, self.config, self._env.random)

    def _receiver(self, node_id: int) -> Receiver:
        from kafka_conformance.reference_broker.controller.alter_configs import Receiver

        return Receiver(node_id, self.config_of(node_id))

    def _carry_out(self, decision: Decision[R], validate_only: bool = False) -> R:
        if decision.records and not validate_only:
            self._commit(decision.records)
        return decision.reply

    def _commit(self, records: Iterable[MetadataRecord]) -> None:
        records = list(records)
        self._offset = self._log.append([encode_record(record) for record in records], self._env.clock.now_ms())
        for record in records:
            self._state.apply(record)
        self.image = self._state.image(self._offset)
        logger.debug("metadata at offset %d: %r", self._offset, records)
        self._publish(self.image)
