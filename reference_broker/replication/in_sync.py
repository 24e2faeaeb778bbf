"""Which replicas are in sync, as their leader sees it: who may come in, who must go. The controller decides.

Source: kafka.cluster.Partition.{maybeExpandIsr, maybeShrinkIsr, submitAlterPartition, handleAlterPartitionError}.
Without a port, as in a cluster of one broker, an ISR never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.override import override
from kafka_conformance.reference_broker.replication.follower import UNKNOWN_BROKER_EPOCH, Follower
from kafka_conformance.reference_broker.replication.partition_state import PartitionState

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.controller.image import BrokerImage
    from kafka_conformance.reference_broker.controller.replication import IsrAnswer


class IsrPort(Protocol):
    """The broker of a partition, which knows the cluster."""

    def known_broker(self, node_id: int) -> BrokerImage | None:
        """Another broker, as far as this one knows."""
        ...

    def propose_isr(self, partition: InSyncReplicas) -> None:
        """Send the controller the ISR that a partition wants, with the epochs of its brokers."""
        ...


class InSyncReplicas(PartitionState):
    """The ISR of a partition."""

    isr_port: IsrPort | None = None

    @override
    def may_be_in_isr(self, node_id: int, follower: Follower) -> bool:
        """A follower that has fetched, where there is somebody to propose it to."""
        if self.isr_port is None or not follower.has_fetched:
            return False
        broker = self.isr_port.known_broker(node_id)
        return broker is not None and broker.is_active and follower.broker_epoch in (UNKNOWN_BROKER_EPOCH, broker.epoch)

    def maybe_expand_isr(self, node_id: int, follower: Follower) -> None:
        """Have a replica taken in that has caught up."""
        if self.wanted_isr is not None or node_id in self.isr:
            return
        if self.is_in_sync(follower) and self.may_be_in_isr(node_id, follower):
            self._want(tuple(sorted({*self.isr, node_id})))

    def is_replaced(self, node_id: int, broker_epoch: int) -> bool:
        """Whether another process has registered in the place of the one that fetches (KIP-903)."""
        broker = None if self.isr_port is None else self.isr_port.known_broker(node_id)
        return broker is not None and not broker.fenced and UNKNOWN_BROKER_EPOCH < broker_epoch < broker.epoch

    def is_in_sync(self, follower: Follower) -> bool:
        """Whether a replica has all that is committed, and all that was there when this leader epoch began."""
        end = follower.log_end_offset
        return end >= self.log.high_watermark and end >= self.epoch_start_offset

    def maybe_shrink_isr(self) -> None:
        """Have replicas put out that have lagged for replica.lag.time.max.ms."""
        if not self.is_leader or self.wanted_isr is not None:
            return
        lagging = self.out_of_sync_replicas()
        if lagging:
            self._want(tuple(node_id for node_id in self.isr if node_id not in lagging))

    def out_of_sync_replicas(self) -> set[int]:
        """The in-sync replicas that have lagged for too long."""
        end, now_ms = self.log.log_end_offset, self._clock.now_ms()
        return {
            node_id
            for node_id, follower in self.followers.items()
            if node_id in self.isr and not follower.is_caught_up(end, now_ms, self.lag_time_max_ms)
        }

    def _want(self, isr: tuple[int, ...]) -> None:
        if self.isr_port is not None:
            self.wanted_isr = isr
            self.isr_port.propose_isr(self)

    def isr_answered(self, proposed: tuple[int, ...] | None, answer: IsrAnswer) -> None:
        """The controller has answered. What it has changed comes as metadata; until then the proposal counts."""
        if proposed is None or self.wanted_isr is not proposed:
            return
        unchanged = answer.partition is not None and answer.partition.partition_epoch == self.partition_epoch
        if unchanged or answer.error is ErrorCode.INELIGIBLE_REPLICA:
            self.wanted_isr = None
        elif answer.error is ErrorCode.NOT_CONTROLLER and self.isr_port is not None:
            self.isr_port.propose_isr(self)
