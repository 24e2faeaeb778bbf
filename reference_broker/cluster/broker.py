"""One broker of a cluster: what it serves and what it keeps.

Source: kafka.server.BrokerServer, BrokerMetadataPublisher.
"""

from __future__ import annotations

from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.primitives import ZERO_UUID
from kafka_conformance.reference_broker.apis.deferred import Deferred
from kafka_conformance.reference_broker.apis.registry import SERVED
from kafka_conformance.reference_broker.apis.rules import RuleBook
from kafka_conformance.reference_broker.cluster.group_coordination import GroupCoordination
from kafka_conformance.reference_broker.cluster.housekeeping import Housekeeping
from kafka_conformance.reference_broker.cluster.links import CONTROLLER
from kafka_conformance.reference_broker.cluster.replicas import Replicas
from kafka_conformance.reference_broker.cluster.transaction_coordination import TransactionCoordination
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.controller.controller import Controller
from kafka_conformance.reference_broker.controller.identifiers import random_uuid
from kafka_conformance.reference_broker.controller.image import NO_LEADER, BrokerImage, MetadataImage
from kafka_conformance.reference_broker.controller.resources import ResourceType
from kafka_conformance.reference_broker.environment import Environment
from kafka_conformance.reference_broker.log.log_directory import LogDirectory
from kafka_conformance.reference_broker.log.outcome import NO_EPOCH
from kafka_conformance.reference_broker.network.listener import Listener
from kafka_conformance.reference_broker.network.trace import RequestTrace
from kafka_conformance.reference_broker.parts import Parts
from kafka_conformance.reference_broker.storage import Storage

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from kafka_conformance.reference_broker.cluster.lifecycle import BrokerLifecycle
    from kafka_conformance.reference_broker.cluster.links import Links
    from kafka_conformance.reference_broker.cluster.peers import Peers
    from kafka_conformance.reference_broker.cluster.replication import BrokerReplication
    from kafka_conformance.reference_broker.faults.faults import Faults
    from kafka_conformance.reference_broker.fetch.contexts import FetchContexts
    from kafka_conformance.reference_broker.groups.service import GroupCoordinatorService
    from kafka_conformance.reference_broker.replication.appending import ReplicaAppender
    from kafka_conformance.reference_broker.replication.fetching import ReplicaReader
    from kafka_conformance.reference_broker.replication.partition import Partition
    from kafka_conformance.reference_broker.replication.transaction_verification import TransactionVerifier
    from kafka_conformance.reference_broker.transactions.service import TransactionCoordinatorService

R = TypeVar("R")

UNKNOWN_BROKER_EPOCH = -1


class LeaderNode(NamedTuple):
    """Who leads a partition, as a broker tells a client that asked the wrong one."""

    leader_id: int
    leader_epoch: int
    node: BrokerImage | None


class Broker:
    """Built anew for each start; what survives a stop is in its storage."""

    def __init__(
        self,
        node_id: int,
        config: BrokerConfig,
        env: Environment,
        parts: Parts,
        controller: Controller,
        storage: Storage,
        *,
        faults: Faults,
        trace: RequestTrace,
        links: Links | None = None,
        brokers: Mapping[int, Broker] | None = None,
    ) -> None:
        """`links` lead to the controller and to the other `brokers`; None where this is the only one."""
        self.node_id = node_id
        self.config = config
        self.env = env
        self.parts = parts
        self.controller = controller
        self.faults = faults
        self.trace = trace
        self.image = MetadataImage(controller.image.cluster_id, controller.image.controller_id)
        self.running = False
        self.paused = False
        self.epoch = UNKNOWN_BROKER_EPOCH
        """Of its registration."""
        self.advertised = ("", 0)
        """Where clients are told to connect; known once it has been started."""
        self._ended = False
        self.apis = SERVED
        self.rules = RuleBook(parts.apis)
        self.metadata = parts.metadata(self)
        self.auto_topic_creation = parts.auto_topic_creation(self)
        self.producer_ids = parts.producer_ids(controller, node_id)
        self.log_directory = self._open_logs(storage)
        self._links = links
        self._brokers = {} if brokers is None else brokers
        self.replication: BrokerReplication | None = None
        self.lifecycle: BrokerLifecycle | None = None
        if links is not None:
            self._join(links)
        self.replicas = Replicas(self, self.log_directory)
        self.partitions = self.replicas.partitions
        self.coordination = GroupCoordination(self)
        self.transaction_coordination = TransactionCoordination(self)
        self.housekeeping = Housekeeping(env, self.log_directory)
        self.listener = Listener(
            env.loop,
            parts.dispatcher(self),
            max_frame_bytes=config.int("socket.request.max.bytes"),
            max_idle_ms=config.int("connections.max.idle.ms"),
            receiver=parts.frame_receiver,
        )

    def _join(self, links: Links) -> None:
        from kafka_conformance.reference_broker.cluster.lifecycle import BrokerLifecycle
        from kafka_conformance.reference_broker.cluster.replication import BrokerReplication

        self.lifecycle = BrokerLifecycle(self, links)
        self.replication = BrokerReplication(self, links, self._brokers)

    def _open_logs(self, storage: Storage) -> LogDirectory:
        logs = self.parts.log_directory(
            storage,
            parts=self.parts.log,
            log_class=self.parts.partition_log,
            producer_id_expiration_ms=self.config.int("producer.id.expiration.ms"),
            verifies_transactions=self.config.bool("transaction.partition.verification.enable"),
            jitter=self.env.random,
            later=self.env.loop.call_later,
            cleaning=self.parts.cleaning_parts,
        )
        cluster_id = self.image.cluster_id
        # Of its own randomness: an id that nothing here looks at changes none of the draws of a simulation
        logs.claim(cluster_id, self.node_id, random_uuid(Random(f"{cluster_id} {self.node_id}")))
        return logs

    # Imported and made when they are first needed, since a broker must start fast

    @cached_property
    def appender(self) -> ReplicaAppender:
        """What appends to the replicas that it leads."""
        return self.parts.replica_parts().appender(self)

    @cached_property
    def reader(self) -> ReplicaReader:
        """What reads them."""
        return self.parts.replica_parts().reader(self)

    @cached_property
    def transaction_verifier(self) -> TransactionVerifier:
        """What asks whether a transaction is under way before its first batch is appended."""
        return self.parts.replica_parts().transaction_verifier(self)

    @cached_property
    def fetch_contexts(self) -> FetchContexts:
        """The fetch sessions of its clients."""
        parts = self.parts.fetch_parts()
        slots = self.config.int("max.incremental.fetch.session.cache.slots")
        return parts.contexts(parts.cache(parts.session, self.env.random, slots))

    @cached_property
    def peers(self) -> Peers:
        """The brokers of the cluster, as it asks them."""
        from kafka_conformance.reference_broker.cluster.peers import Peers

        return Peers(self, self._links, self._brokers)

    @property
    def groups(self) -> GroupCoordinatorService:
        """The group coordinator."""
        return self.coordination.service

    @property
    def transactions(self) -> TransactionCoordinatorService:
        """The transaction coordinator."""
        return self.transaction_coordination.service

    @property
    def port(self) -> int:
        """Where it listens, once it has been started."""
        return self.listener.port

    async def start(self, host: str, port: int, advertised: tuple[str, int] | None = None) -> None:
        """Listen, and register with the controller what clients are told. Raises OSError where that cannot be had.

        `advertised` is the address for clients, where it is another one; its port 0 is the one listened on. A broker
        of several that comes back to its port listens there once the controller has let it in, as Kafka does.
        """
        waits = self.lifecycle is not None and port != 0
        if not waits:
            await self.listener.open(host, port)
        told, told_port = advertised or (host, 0)
        self.advertised = told, told_port or port or self.listener.port
        self.running = True
        self.housekeeping.start(self.config)
        await self._register()
        if waits and self.running:
            await self.listener.open(host, port)

    async def _register(self) -> None:
        rack = self.config.value("broker.rack")
        registration = BrokerImage(self.node_id, *self.advertised, rack if isinstance(rack, str) else None)
        previous_epoch = self.log_directory.previous_broker_epoch
        if self.lifecycle is None or self.replication is None:
            self.epoch = self.controller.register_broker(registration, previous_epoch)
            return
        self.replication.start()
        self.lifecycle.start(registration, previous_epoch)
        await self.lifecycle.ready

    def stop(self) -> None:
        """Stop in order: connections are closed, files are written. What it leads should have been moved before."""
        self._end(clean=True)

    def kill(self) -> None:
        """Stop as if the process were killed: connections are cut, nothing is written any more."""
        self._end(clean=False)

    def _end(self, *, clean: bool) -> None:
        if self._ended:
            return
        self._ended = True
        self.running = False
        self.listener.close(abort=not clean)
        self.housekeeping.stop()
        if self.lifecycle is not None:
            self.lifecycle.close()
        if self.replication is not None:
            self.replication.close()
        self.coordination.shut_down()
        self.transaction_coordination.shut_down()
        self.replicas.close()
        if clean:
            self.log_directory.close(broker_epoch=self.epoch)
        else:
            self.log_directory.storage.close()

    def apply_image(self, image: MetadataImage) -> None:
        """Take over a newer metadata image.

        One of several brokers begins with that of its own registration: in older ones it may still lead.
        """
        old = self.image
        if not self.running or image.offset <= old.offset:
            return
        if self.lifecycle is not None and not 0 <= self.epoch <= image.offset:
            return
        self.image = image
        self.config = self.config.with_dynamic(
            image.configs.get((ResourceType.BROKER, str(self.node_id)), {}),
            image.configs.get((ResourceType.BROKER, ""), {}),
        )
        self.housekeeping.reconfigure(self.config)
        self.replicas.apply(old, image)
        self.coordination.apply(old, image)
        self.transaction_coordination.apply(old, image)

    def forward(self, ask: Callable[[], R]) -> R | Deferred[R]:
        """Ask the controller (KIP-590); the answer waits for as long as it cannot be reached."""
        links, node_id = self._links, self.node_id
        if links is None or self.reaches_controller:
            return ask()
        future: asyncio.Future[R] = self.env.loop.create_future()

        def answered(answer: R) -> None:
            if not future.done():
                future.set_result(answer)

        links.send(node_id, CONTROLLER, lambda: links.send(CONTROLLER, node_id, answered, ask()))
        return Deferred(future, lambda answer: answer)

    @property
    def reaches_controller(self) -> bool:
        """Whether requests get to the controller, and its answers back."""
        links = self._links
        if links is None:
            return True
        return not links.is_cut(self.node_id, CONTROLLER) and not links.is_cut(CONTROLLER, self.node_id)

    def find_partition(self, topic: str, partition: int) -> Partition | ErrorCode:
        """This broker's replica of a partition, or why there is none."""
        found = self.partitions.get((topic, partition))
        if found is not None:
            return found
        if self.image.partition(topic, partition) is not None:
            return ErrorCode.NOT_LEADER_OR_FOLLOWER
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def current_leader(self, topic: str, partition: int) -> LeaderNode:
        """Who leads a partition, as far as this broker knows (KIP-951)."""
        replica = self.partitions.get((topic, partition))
        state = self.image.partition(topic, partition)
        if replica is not None:
            leader, epoch = replica.leader, replica.leader_epoch
        elif state is not None:
            leader, epoch = state.leader, state.leader_epoch
        else:
            leader, epoch = NO_LEADER, NO_EPOCH
        return LeaderNode(leader, epoch, self.metadata.alive_broker(leader))

    def topic_id(self, name: str) -> bytes:
        """The id of a topic, zero for one that is not known."""
        topic = self.image.topics.get(name)
        return ZERO_UUID if topic is None else topic.topic_id
