"""A cluster: one controller, some brokers, and what can be done to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kafka_conformance.reference_broker.cluster.broker import Broker
from kafka_conformance.reference_broker.cluster.links import AT_ONCE, CONTROLLER, Links
from kafka_conformance.reference_broker.cluster.metadata_log import MetadataPartition
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.controller.identifiers import random_uuid, uuid_text
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.environment import Environment
from kafka_conformance.reference_broker.faults.faults import Faults
from kafka_conformance.reference_broker.network.trace import RequestTrace
from kafka_conformance.reference_broker.parts import Parts
from kafka_conformance.reference_broker.storage import MemoryStorage, Storage

FIRST_NODE_ID = 1
CONTROLLER_DIRECTORY = 0
TURNS_TO_END = 4
"""Of the loop: transports close in the next, tasks that waited for others and were cancelled end in later ones."""
CATCH_UP_S = 0.04
"""How long a broker that stood still goes by what it knew (observed on 4.3.1)."""


class MemoryDirectories:
    """Log directories in memory: a node that is started again finds what it left."""

    def __init__(self) -> None:
        self._directories: dict[int, Storage] = {}

    def __call__(self, node_id: int) -> Storage:
        """Return the directory of a node."""
        return self._directories.setdefault(node_id, MemoryStorage())


class Cluster:
    """Built for one loop, on which everything of it runs.

    `storage` opens the log directory of a node, by its id, at each start of it; CONTROLLER_DIRECTORY is the
    controller's own (Kafka: metadata.log.dir). By default all are in memory, and last as long as the cluster.
    `link_latency`: bounds in seconds of what a delivery between nodes takes. `racks`: of the brokers, in their order.
    """

    def __init__(
        self,
        config: BrokerConfig,
        env: Environment,
        parts: Parts | None = None,
        storage: Callable[[int], Storage] | None = None,
        *,
        brokers: int = 1,
        host: str = "127.0.0.1",
        ports: tuple[int, ...] = (),
        advertised: tuple[str, int] | None = None,
        cluster_id: str | None = None,
        link_latency: tuple[float, float] = AT_ONCE,
        racks: tuple[str, ...] = (),
    ) -> None:
        self.config = config
        self.env = env
        self.parts = parts or Parts()
        self.host = host
        self._advertised = advertised
        self.faults = Faults()
        """In force at all brokers; a rule can select one node."""
        self.trace = RequestTrace()
        """Of all brokers."""
        self.brokers: dict[int, Broker] = {}
        """Those that have been started, by their id; one that is down is there, too."""
        self._storage = storage or MemoryDirectories()
        self._node_ids = range(FIRST_NODE_ID, FIRST_NODE_ID + brokers)
        self._ports = dict(zip(self._node_ids, ports, strict=False))
        self._racks = dict(zip(self._node_ids, racks, strict=False))
        self._publication = self.parts.publication(env.loop)
        self.links = Links(env, link_latency)
        """Between the brokers, and to the controller."""
        self._behind: set[int] = set()
        """Brokers that have not read the metadata log since they stood still."""
        metadata_log = MetadataPartition(self._storage(CONTROLLER_DIRECTORY), env.clock.now_ms(), self.parts.log)
        self.controller = self.parts.controller(
            env,
            config,
            cluster_id or uuid_text(random_uuid(env.random)),
            metadata_log,
            self._publish,
            controller_id=FIRST_NODE_ID,
            partition_change=self.parts.partition_change,
        )

    @property
    def bootstrap_servers(self) -> str:
        """The addresses of the running brokers, as clients take them."""
        running = [broker for broker in self.brokers.values() if broker.running]
        return ",".join("{}:{}".format(*broker.advertised) for broker in running)

    @property
    def is_replicated(self) -> bool:
        """Whether there are several brokers."""
        return len(self._node_ids) > 1

    async def start(self) -> str:
        """Start the controller and all brokers; return the bootstrap servers. Raises OSError, StorageError."""
        self.controller.start()
        if self.is_replicated:
            self.controller.start_elections()
        for node_id in self._node_ids:
            await self._start_broker(node_id)
        return self.bootstrap_servers

    async def stop(self) -> None:
        """Stop all brokers in order, and close the storages."""
        for broker in self.brokers.values():
            broker.stop()
        self.controller.stop()
        for _ in range(TURNS_TO_END):
            await asyncio.sleep(0)

    # Faults; all raise KeyError for an unknown node

    async def kill(self, node_id: int, *, power_fails: bool = False) -> None:
        """End a broker as a crash would; others take over what it led, once the controller has missed it.

        What it has written survives its process. Where the power fails, too, what was not flushed is lost, if its
        storage can play that (memory can).
        """
        broker = self.brokers[node_id]
        broker.kill()
        storage = broker.log_directory.storage
        if power_fails and isinstance(storage, MemoryStorage):
            storage.crash()
        self._lost(node_id)

    async def stop_broker(self, node_id: int) -> None:
        """Stop a broker in order: others lead what it led before it goes."""
        broker = self.brokers[node_id]
        if broker.running and broker.lifecycle is not None and broker.config.bool("controlled.shutdown.enable"):
            await broker.lifecycle.shut_down()
        broker.stop()
        self._lost(node_id)

    async def restart(self, node_id: int) -> None:
        """Start a broker again on its storage and its port; one that runs is stopped in order first.

        In a cluster of several it returns once the controller has let the broker in, which it does not do before the
        session of a process that was killed is over (broker.session.timeout.ms).
        """
        await self.stop_broker(node_id)
        await self._start_broker(node_id)

    def pause(self, node_id: int) -> None:
        """Let a broker stand still, as SIGSTOP does: connections stay open, and nothing is answered."""
        broker = self.brokers[node_id]
        broker.paused = True
        broker.listener.freeze()
        self.links.freeze(node_id)

    def resume(self, node_id: int) -> None:
        """Let it go on. It serves what has waited before it learns what has changed meanwhile, as Kafka does."""
        broker = self.brokers[node_id]
        broker.paused = False
        self._behind.add(node_id)
        self.links.thaw(node_id)
        broker.listener.thaw()
        self.env.loop.call_later(CATCH_UP_S, self._catch_up, node_id)

    def isolate(self, node_id: int, *, peers: bool = True, controller: bool = True, clients: bool = False) -> None:
        """Cut a broker off from other brokers, from the controller, from clients, until `heal`."""
        broker = self.brokers[node_id]
        for other in self._node_ids:
            if peers and other != node_id:
                self.links.cut(node_id, other)
        if controller:
            self.links.cut(node_id, CONTROLLER)
        if clients:
            broker.listener.freeze()

    def heal(self, node_id: int | None = None) -> None:
        """End what was done to the links of a broker, or to all links; what has waited arrives."""
        self.links.heal(node_id)
        for broker in self.brokers.values():
            if broker.running and not broker.paused and node_id in (None, broker.node_id):
                broker.listener.thaw()
        for each in self.brokers:
            self._catch_up(each)

    def _catch_up(self, node_id: int) -> None:
        self._behind.discard(node_id)
        self._publish_to(self.brokers[node_id], self.controller.image)

    def _lost(self, node_id: int) -> None:
        self.links.forget(node_id)
        self._behind.discard(node_id)
        for broker in self.brokers.values():
            if broker.running and broker.replication is not None and not self.links.is_cut(node_id, broker.node_id):
                broker.replication.peer_lost(node_id)
                broker.peers.lost(node_id)

    async def _start_broker(self, node_id: int) -> None:
        broker = Broker(
            node_id,
            self._config_of(node_id),
            self.env,
            self.parts,
            self.controller,
            self._storage(node_id),
            faults=self.faults,
            trace=self.trace,
            links=self.links if self.is_replicated else None,
            brokers=self.brokers,
        )
        self.brokers[node_id] = broker
        await broker.start(self.host, self._ports.get(node_id, 0), self._advertised_by(node_id))
        self._ports[node_id] = broker.port or self._ports.get(node_id, 0)

    def _config_of(self, node_id: int) -> BrokerConfig:
        config = self.config.for_node(node_id)
        rack = self._racks.get(node_id)
        return config if rack is None else config.with_static({"broker.rack": rack})

    def _advertised_by(self, node_id: int) -> tuple[str, int] | None:
        if self._advertised is None:
            return None
        host, port = self._advertised
        return host, port and port + node_id - FIRST_NODE_ID

    def _publish(self, image: MetadataImage) -> None:
        for broker in list(self.brokers.values()):
            if broker.node_id not in self._behind:
                self._publish_to(broker, image)

    def _publish_to(self, broker: Broker, image: MetadataImage) -> None:
        if not self.links.is_cut(CONTROLLER, broker.node_id):
            self._publication.publish(broker, image)
