"""Faults: struck at their moments, undone when they have lasted, and written into the history."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kafka_conformance.harness.wire.connection import CLIENT_ID
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.plugins.schedules.clients.client import Client
from kafka_conformance.plugins.schedules.schedule import PARTITIONS, Fault
from kafka_conformance.plugins.schedules.world import INPUT, World
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignableTopic,
)
from kafka_conformance.protocol.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from kafka_conformance.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
)
from kafka_conformance.reference_broker.cluster.links import CONTROLLER
from kafka_conformance.reference_broker.faults.rules import Disconnect, Hold, Rule, Stage

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.cluster import Cluster

TOPIC_RESOURCE = 2
SLOW_MS = 400.0
SHUT_DOWN_WITHIN_S = 3.0
"""A broker that the controller does not let go is killed after so long, as a service manager would."""
LONGER_S = 2.0
"""A fault that strikes when somebody asks gets more time."""
_LOST_ANSWERS = (
    ApiKey.PRODUCE,
    ApiKey.END_TXN,
    ApiKey.PRODUCE,
    ApiKey.INIT_PRODUCER_ID,
    ApiKey.PRODUCE,
    ApiKey.ADD_PARTITIONS_TO_TXN,
    ApiKey.END_TXN,
    ApiKey.TXN_OFFSET_COMMIT,
    ApiKey.OFFSET_COMMIT,
)
_ISOLATIONS = {
    "isolate": {"peers": True, "controller": True},
    "isolate-peers": {"peers": True, "controller": False},
    "isolate-controller": {"peers": False, "controller": True},
    "isolate-clients": {"peers": False, "controller": False, "clients": True},
}


class Nemesis:
    """All faults of one run."""

    def __init__(self, world: World, cluster: Cluster) -> None:
        self._world = world
        self._cluster = cluster
        self._admin = Client(world, "admin")
        self._restarts: list[asyncio.Task[None]] = []
        self._power_is_lost = False
        """A broker's power has failed, and not all replicas are in sync again."""

    async def strike(self, fault: Fault) -> None:
        """One fault, from its moment to its end."""
        await asyncio.sleep(fault.at_s)
        began_ns = self._world.recorder.now_ns()
        if self._is_spared(fault):
            return
        if fault.kind in _ISOLATIONS:
            await self._isolate(fault)
        else:
            await getattr(self, f"_{fault.kind.replace('-', '_')}")(fault)
        self._world.recorder.fault(fault.kind, f"node {fault.node}", began_ns, f"other {fault.other}")

    async def recover(self) -> None:
        """Nothing is broken any more: every broker runs, every link carries."""
        for node, broker in self._cluster.brokers.items():
            if broker.paused:
                self._cluster.resume(node)
        self._cluster.heal()
        for node in self._cluster.brokers:
            self._start(node)
        await asyncio.gather(*self._restarts)
        await self._admin.close()

    def _is_spared(self, fault: Fault) -> bool:
        """After a loss of power nothing else strikes before all is replicated again: Kafka, too, keeps what at least
        one in-sync replica keeps, and a second fault may take the last one.
        """
        if self._power_is_lost and self.is_whole():
            self._power_is_lost = False
        return self._power_is_lost

    def is_whole(self) -> bool:
        """Whether every broker runs and every replica is in sync.

        One that started again so soon that the controller still counts with the process before is not there yet.
        """
        brokers = self._cluster.brokers.values()
        links = self._cluster.links
        if not all(broker.running and not broker.paused and broker.reaches_controller for broker in brokers):
            return False
        registered = self._cluster.controller.image.brokers
        if any(broker.epoch != registered[broker.node_id].epoch for broker in brokers):
            return False
        if any(links.is_cut(a.node_id, b.node_id) for a in brokers for b in brokers):
            return False
        topics = self._cluster.controller.image.topics.values()
        return all(set(each.isr) == set(each.replicas) for topic in topics for each in topic.partitions)

    # Brokers

    async def _kill(self, fault: Fault) -> None:
        if self._runs(fault.node):
            await self._cluster.kill(fault.node)
            await asyncio.sleep(fault.lasts_s)
            self._start(fault.node)

    async def _power(self, fault: Fault) -> None:
        fails = self.is_whole()
        if self._runs(fault.node):
            self._power_is_lost = fails
            await self._cluster.kill(fault.node, power_fails=fails)
            await asyncio.sleep(fault.lasts_s)
            self._start(fault.node)

    async def _stop(self, fault: Fault) -> None:
        if not self._runs(fault.node) or self._cluster.brokers[fault.node].paused:
            return
        stopping = asyncio.ensure_future(self._cluster.stop_broker(fault.node))
        await asyncio.wait([stopping], timeout=SHUT_DOWN_WITHIN_S)
        if not stopping.done():
            stopping.cancel()
            if self._runs(fault.node):
                await self._cluster.kill(fault.node)
        await asyncio.sleep(fault.lasts_s)
        self._start(fault.node)

    async def _pause(self, fault: Fault) -> None:
        broker = self._cluster.brokers[fault.node]
        if broker.running and not broker.paused:
            self._cluster.pause(fault.node)
            await asyncio.sleep(fault.lasts_s)
            if self._cluster.brokers[fault.node] is broker and self._runs(fault.node):
                self._cluster.resume(fault.node)

    def _runs(self, node: int) -> bool:
        return self._cluster.brokers[node].running

    def _start(self, node: int) -> None:
        if not self._runs(node):
            self._restarts.append(asyncio.ensure_future(self._cluster.restart(node)))

    # Links

    async def _isolate(self, fault: Fault) -> None:
        if self._runs(fault.node):
            self._cluster.isolate(fault.node, **_ISOLATIONS[fault.kind])
            await asyncio.sleep(fault.lasts_s)
            self._cluster.heal(fault.node)

    async def _cut(self, fault: Fault) -> None:
        self._cluster.links.cut(fault.node, fault.other, one_way=True)
        await asyncio.sleep(fault.lasts_s)
        self._cluster.heal(fault.node)

    async def _slow(self, fault: Fault) -> None:
        other = fault.other if fault.other % 2 else CONTROLLER
        self._cluster.links.slow(fault.node, other, SLOW_MS)
        await asyncio.sleep(fault.lasts_s)
        self._cluster.links.slow(fault.node, other, 0.0)

    # Answers and markers

    async def _lose_answers(self, fault: Fault) -> None:
        """A few requests of one API are carried out, and their connections are closed instead of an answer."""
        api = _LOST_ANSWERS[(fault.node * 7 + fault.other) % len(_LOST_ANSWERS)]
        times = 1 + (fault.node + fault.other) % 3
        rule = Rule(Disconnect(Stage.AFTER), api_key=api, client_id=CLIENT_ID, times=times)
        with self._cluster.faults.add(rule):
            await asyncio.sleep(fault.lasts_s + LONGER_S)

    async def _hold_markers(self, fault: Fault) -> None:
        """The markers of transactions wait before they are written, in one partition."""
        rule = Rule(Hold(), api_key=ApiKey.WRITE_TXN_MARKERS, topic=INPUT, partition=fault.node % PARTITIONS)
        with self._cluster.faults.add(rule):
            await asyncio.sleep(fault.lasts_s)

    # What an administrator does

    async def _elect(self, fault: Fault) -> None:
        chosen = TopicPartitions(topic=INPUT, partitions=list(range(PARTITIONS)))
        await self._ask(fault, ElectLeadersRequest(topic_partitions=[chosen], timeout_ms=2_000), 2)

    async def _reassign(self, fault: Fault) -> None:
        nodes = sorted(self._cluster.brokers)
        place = fault.other % len(nodes)
        rotated = nodes[place:] + nodes[:place]
        many = 2 + (fault.node + fault.other) % 2
        wanted = ReassignablePartition(partition_index=fault.node % PARTITIONS, replicas=rotated[:many])
        topics = [ReassignableTopic(name=INPUT, partitions=[wanted])]
        await self._ask(fault, AlterPartitionReassignmentsRequest(topics=topics, timeout_ms=2_000), 0)

    async def _min_insync_replicas(self, fault: Fault) -> None:
        for value in (str(1 + fault.other % 2), str(1 + fault.node % 2)):
            config = AlterableConfig(name="min.insync.replicas", value=value)
            resource = AlterConfigsResource(resource_type=TOPIC_RESOURCE, resource_name=INPUT, configs=[config])
            await self._ask(fault, IncrementalAlterConfigsRequest(resources=[resource]), 1)
            await asyncio.sleep(fault.lasts_s)

    async def _ask(self, fault: Fault, request: Message, version: int) -> None:
        try:
            await self._admin.ask(fault.node, request, version)
        except WireError:
            return  # a fault that could not be asked for is none
