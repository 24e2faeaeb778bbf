"""Connects a coordinator of a broker with the partitions of its internal topic that the broker leads.

Source: BrokerMetadataPublisher.updateCoordinator.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from kafka_conformance.reference_broker.controller.image import MetadataImage

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.groups.log_port import CoordinatorLog


class CoordinatorService(Protocol):
    """A coordinator of a broker, by the partitions of its internal topic."""

    def elected(self, partition: int, leader_epoch: int, log: CoordinatorLog) -> None:
        """This broker leads the partition."""

    def resigned(self, partition: int, leader_epoch: int | None = None) -> None:
        """Another leads it, or it is gone."""

    def high_watermark_reached(self, partition: int, offset: int) -> None:
        """It is replicated up to `offset`."""

    def shut_down(self) -> None:
        """Give up all that is coordinated."""


S = TypeVar("S", bound=CoordinatorService)


class Coordination(Generic[S]):
    """Tells a coordinator what it leads and what is replicated."""

    topic: ClassVar[str]

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def _make(self) -> S:
        raise NotImplementedError

    @cached_property
    def service(self) -> S:
        """The coordinator; imported and made when it is first needed, since a broker must start fast."""
        return self._make()

    def shut_down(self) -> None:
        """Give up all that is coordinated here."""
        if self._is_needed:
            self.service.shut_down()

    @property
    def _is_needed(self) -> bool:
        return "service" in vars(self)

    def apply(self, old: MetadataImage, new: MetadataImage) -> None:
        """Follow the leadership of the internal topic."""
        before, after = old.topics.get(self.topic), new.topics.get(self.topic)
        if before is after:
            return
        if before is not None and self._is_needed and (after is None or after.topic_id != before.topic_id):
            for state in before.partitions:
                self.service.resigned(state.partition)
        for state in () if after is None else after.partitions:
            if state.leader == self._broker.node_id:
                self._elected(state.partition, state.leader_epoch)
            elif self._is_needed:
                self.service.resigned(state.partition, state.leader_epoch)

    def _elected(self, index: int, leader_epoch: int) -> None:
        from kafka_conformance.reference_broker.replication.coordinator_log import PartitionCoordinatorLog

        replica = self._broker.partitions.get((self.topic, index))
        if replica is not None:
            replica.on_high_watermark = partial(self.service.high_watermark_reached, index)
            self.service.elected(index, leader_epoch, PartitionCoordinatorLog(replica, self._broker.env.clock))
