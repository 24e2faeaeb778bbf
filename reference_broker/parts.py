"""The classes that a cluster is built from. A mutant is a subclass of one of them, put in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from kafka_conformance.protocol.partitioner import KeyPartitioner
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.auto_topic_creation import AutoTopicCreation
from kafka_conformance.reference_broker.cluster.metadata_view import MetadataView
from kafka_conformance.reference_broker.cluster.producer_ids import ProducerIds
from kafka_conformance.reference_broker.cluster.publication import MetadataPublication
from kafka_conformance.reference_broker.controller.controller import Controller
from kafka_conformance.reference_broker.controller.partition_change import PartitionChange
from kafka_conformance.reference_broker.log import Log, LogParts
from kafka_conformance.reference_broker.log.log_cleaner import built_in_parts
from kafka_conformance.reference_broker.log.log_directory import LogDirectory
from kafka_conformance.reference_broker.network.dispatcher import Dispatcher
from kafka_conformance.reference_broker.network.frame_receiver import FrameReceiver

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.fetch.parts import FetchParts
    from kafka_conformance.reference_broker.groups.parts import GroupParts
    from kafka_conformance.reference_broker.log.cleaning.parts import CleaningParts
    from kafka_conformance.reference_broker.replication.parts import ReplicaParts
    from kafka_conformance.reference_broker.transactions.parts import TransactionParts

_NONE: Mapping[type[ApiRules], type[ApiRules]] = MappingProxyType({})
_LOG = LogParts()


class Parts(NamedTuple):
    """Immutable. Each decision that a mutant could take otherwise is a method of one of these classes."""

    controller: type[Controller] = Controller
    partition_change: type[PartitionChange] = PartitionChange
    frame_receiver: type[FrameReceiver] = FrameReceiver
    dispatcher: type[Dispatcher] = Dispatcher
    metadata: type[MetadataView] = MetadataView
    auto_topic_creation: type[AutoTopicCreation] = AutoTopicCreation
    publication: type[MetadataPublication] = MetadataPublication
    producer_ids: type[ProducerIds] = ProducerIds
    log_directory: type[LogDirectory] = LogDirectory
    partition_log: type[Log] = Log
    partitioner: type[KeyPartitioner] = KeyPartitioner
    """Of our own client where it writes to the cluster; no broker asks it."""
    apis: Mapping[type[ApiRules], type[ApiRules]] = _NONE
    """What stands in the place of which rules."""
    log: LogParts = _LOG
    replicas: ReplicaParts | None = None
    """None for those that are built in: they are imported with the first partition, since a broker must start fast."""
    fetch: FetchParts | None = None
    """The same, with the first Fetch."""
    groups: GroupParts | None = None
    """The same, with the first group."""
    cleaning: CleaningParts | None = None
    """None for those that are built in, which are imported with the first log that there is something to clean in."""
    transactions: TransactionParts | None = None
    """The same, with the first transaction."""

    def with_part(self, part: type[Any]) -> Parts:
        """Put a subclass in the place of the part that it extends. Raises TypeError where it extends none."""
        for name, current in zip(self._fields, self, strict=True):
            late = _LATE.get(name)
            changed = _exchanged(late(self) if late else current, part)
            if changed is not None:
                return self._replace(**{name: changed})
        raise TypeError(f"{part.__name__} extends no part of a cluster")

    def replica_parts(self) -> ReplicaParts:
        """Return the classes by which a broker keeps its replicas."""
        from kafka_conformance.reference_broker.replication.parts import ReplicaParts

        return self.replicas or ReplicaParts()

    def fetch_parts(self) -> FetchParts:
        """Return the classes by which a broker keeps fetch sessions."""
        from kafka_conformance.reference_broker.fetch.parts import FetchParts

        return self.fetch or FetchParts()

    def group_parts(self) -> GroupParts:
        """Return the classes that a group coordinator is built from."""
        from kafka_conformance.reference_broker.groups.parts import GroupParts

        return self.groups or GroupParts()

    def cleaning_parts(self) -> CleaningParts:
        """Return the classes that a round of cleaning is built from."""
        return self.cleaning or built_in_parts()

    def transaction_parts(self) -> TransactionParts:
        """Return the classes that a transaction coordinator is built from."""
        from kafka_conformance.reference_broker.transactions.parts import TransactionParts

        return self.transactions or TransactionParts()


_LATE: Mapping[str, Callable[[Parts], Any]] = {
    "replicas": Parts.replica_parts,
    "fetch": Parts.fetch_parts,
    "groups": Parts.group_parts,
    "cleaning": Parts.cleaning_parts,
    "transactions": Parts.transaction_parts,
}


def _exchanged(current: Any, part: type[Any]) -> Any:
    """What a field of `Parts` becomes with `part`; None where that belongs to another field."""
    if isinstance(current, type):
        return part if issubclass(part, current) else None
    if isinstance(current, Mapping):
        if not issubclass(part, ApiRules):
            return None
        rules = part.__mro__[part.__mro__.index(ApiRules) - 1]
        return MappingProxyType({**current, rules: part}) if issubclass(part, current.get(rules, rules)) else None
    for name in current._fields:
        if issubclass(part, getattr(current, name)):
            return current._replace(**{name: part})
    return None
