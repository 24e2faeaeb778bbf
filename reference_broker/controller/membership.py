"""The controller's side of the brokers' lives: registration, heartbeats, fencing, and what leaders tell of their ISR.

Source: QuorumController.{registerBroker, processBrokerHeartbeat, alterPartition}, BrokerHeartbeatManager. A broker may
shut down once it leads nothing; Kafka also waits until the others have told that they know.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.controller.features import FEATURES
from kafka_conformance.reference_broker.controller.identifiers import random_uuid
from kafka_conformance.reference_broker.controller.image import BrokerImage, MetadataImage
from kafka_conformance.reference_broker.controller.partition_change import PartitionChange
from kafka_conformance.reference_broker.controller.quorum import Observers
from kafka_conformance.reference_broker.controller.records import (
    BrokerEndpoint,
    BrokerFeature,
    BrokerRegistrationChangeRecord,
    MetadataRecord,
    RegisterBrokerRecord,
)
from kafka_conformance.reference_broker.environment import Environment

if TYPE_CHECKING:  # a cluster that starts has no partitions yet, and one of one broker no sessions
    from kafka_conformance.reference_broker.controller.replication import (
        IsrAnswer,
        IsrProposal,
        ReplicationControl,
    )
    from kafka_conformance.reference_broker.controller.sessions import BrokerSessions

NO_PREVIOUS_EPOCH = -1
UNFENCED = -1
"""As a BrokerRegistrationChangeRecord says it."""

_log = logging.getLogger(__name__)


class HeartbeatAnswer(NamedTuple):
    """How a broker stands with the controller."""

    error: ErrorCode = ErrorCode.NONE
    fenced: bool = True
    should_shut_down: bool = False


class Membership(ABC):
    """What a controller does for brokers. Records are written, applied and published before anything is answered."""

    _env: Environment
    image: MetadataImage

    def __init__(self, partition_change: type[PartitionChange]) -> None:
        self._partition_change = partition_change
        self._sessions: BrokerSessions | None = None
        self._observers = Observers()
        self._repeated: dict[str, asyncio.TimerHandle] = {}

    @property
    @abstractmethod
    def config(self) -> BrokerConfig:
        """The controller's configuration."""

    @abstractmethod
    def _commit(self, records: Iterable[MetadataRecord]) -> None: ...

    @property
    def replication(self) -> ReplicationControl:
        """Decides about partitions as they are now."""
        from kafka_conformance.reference_broker.controller.replication import ReplicationControl

        return ReplicationControl(self.image, self.config, self._partition_change)

    # Registration

    def register_broker(self, broker: BrokerImage, previous_epoch: int = NO_PREVIOUS_EPOCH) -> int:
        """Make a broker known where it is reached, and unfence it at once; return its new epoch.

        For a cluster that has no other brokers: nobody watches over their sessions.
        """
        epoch = self._register(broker, previous_epoch)
        if not broker.fenced:
            self._commit(self._unfencing(broker.node_id))
        return epoch

    def _unfencing(self, node_id: int) -> list[MetadataRecord]:
        if self.image.topics:
            return self.replication.unfence(node_id)
        epoch = self.image.brokers[node_id].epoch
        return [BrokerRegistrationChangeRecord(broker_id=node_id, broker_epoch=epoch, fenced=UNFENCED)]

    def register(self, broker: BrokerImage, previous_epoch: int) -> int | ErrorCode:
        """Make a broker known; it is fenced until it has caught up, and from now on it has to send heartbeats.

        DUPLICATE_BROKER_REGISTRATION while the session of an earlier process with its id goes on. `previous_epoch` is
        that of the process that has stopped in order, as its log directory says.
        """
        sessions = self._watched()
        if sessions.is_valid(broker.node_id):
            return ErrorCode.DUPLICATE_BROKER_REGISTRATION
        epoch = self._register(broker, previous_epoch)
        sessions.touch(broker.node_id, epoch)
        return epoch

    def _register(self, broker: BrokerImage, previous_epoch: int) -> int:
        node_id = broker.node_id
        known = self.image.brokers.get(node_id)
        records: list[MetadataRecord] = []
        if known is not None and self.image.topics:
            records = self.replication.end_incarnation(node_id, clean=known.epoch == previous_epoch)
        epoch = self.image.offset + 1 + len(records)
        features = [
            BrokerFeature(name=each.name, min_supported_version=each.first, max_supported_version=each.last)
            for each in FEATURES
        ]
        registration = RegisterBrokerRecord(
            broker_id=node_id,
            incarnation_id=random_uuid(self._env.random),
            broker_epoch=epoch,
            end_points=[BrokerEndpoint(name="PLAINTEXT", host=broker.host, port=broker.port)],
            features=features,
            rack=broker.rack,
        )
        self._commit([*records, registration])
        return epoch

    # Sessions

    def _watched(self) -> BrokerSessions:
        if self._sessions is None:
            from kafka_conformance.reference_broker.controller.sessions import BrokerSessions

            timeout_ms = self.config.int("broker.session.timeout.ms")
            self._sessions = BrokerSessions(self._env.loop, timeout_ms, self.fence_silent)
        return self._sessions

    def heartbeat(
        self, node_id: int, epoch: int, metadata_offset: int, *, want_shut_down: bool = False
    ) -> HeartbeatAnswer:
        """A broker lives, and has the metadata up to an offset."""
        broker = self.image.brokers.get(node_id)
        if broker is None or broker.epoch != epoch:
            return HeartbeatAnswer(ErrorCode.STALE_BROKER_EPOCH)
        self._watched().touch(node_id, epoch)
        self._observers.heard(node_id, metadata_offset, self.image.offset, self._env.clock.now_ms())
        if want_shut_down:
            return self._heartbeat_before_shutdown(broker)
        if broker.fenced and self.may_unfence(broker, metadata_offset):
            self._commit(self._unfencing(node_id))
            return HeartbeatAnswer(fenced=False)
        return HeartbeatAnswer(fenced=broker.fenced)

    def may_unfence(self, broker: BrokerImage, metadata_offset: int) -> bool:
        """Whether a broker knows the metadata up to its own registration."""
        return metadata_offset >= broker.epoch

    def _heartbeat_before_shutdown(self, broker: BrokerImage) -> HeartbeatAnswer:
        node_id = broker.node_id
        if not broker.fenced and self.replication.leads_anything(node_id):
            records = self.replication.begin_controlled_shutdown(node_id)
            if records:
                self._commit(records)
            return HeartbeatAnswer(fenced=False)
        if not broker.fenced:
            self._commit(self.replication.fence(node_id))
        self._watched().end(node_id)
        return HeartbeatAnswer(should_shut_down=True)

    def fence_silent(self, node_id: int, epoch: int) -> None:
        """A broker was silent for broker.session.timeout.ms: others lead what it led."""
        broker = self.image.brokers.get(node_id)
        if broker is not None and broker.epoch == epoch and not broker.fenced:
            _log.info("broker %d is fenced: it was silent for too long", node_id)
            self._commit(self.replication.fence(node_id))

    # ISR

    def alter_isr(self, proposal: IsrProposal) -> IsrAnswer:
        """Answer AlterPartition, for one partition."""
        decision = self.replication.alter_isr(proposal)
        if decision.records:
            self._commit(decision.records)
        return decision.reply

    # What is done again and again

    def start_elections(self) -> None:
        """Hold elections at their intervals: preferred ones, and unclean ones where they are allowed."""
        config = self.config
        if config.bool("auto.leader.rebalance.enable"):
            interval_s = config.int("leader.imbalance.check.interval.seconds")
            self._repeat("preferred", interval_s, self.elect_preferred_leaders)
        self._repeat("unclean", config.int("unclean.leader.election.interval.ms") / 1000, self.elect_unclean_leaders)

    def elect_preferred_leaders(self) -> None:
        """Give partitions back to their preferred leaders."""
        if records := self.replication.preferred_elections():
            self._commit(records)

    def elect_unclean_leaders(self) -> None:
        """Lead what nobody leads, where that is allowed."""
        if records := self.replication.unclean_elections():
            self._commit(records)

    def _repeat(self, name: str, seconds: float, do: Callable[[], None]) -> None:
        def run() -> None:
            self._repeat(name, seconds, do)
            do()

        self._repeated[name] = self._env.loop.call_later(seconds, run)

    def stop_watching(self) -> None:
        """No sessions, no elections any more."""
        if self._sessions is not None:
            self._sessions.stop()
        for timer in self._repeated.values():
            timer.cancel()
        self._repeated.clear()
