"""`kafka:4.3.1,brokers=3`: several nodes of Apache Kafka on this machine, each of them broker and controller (KRaft).

Each is a process with a directory of its own, which can be killed, stopped and frozen. The quorum of controllers needs
more than half of them. Where a minimum of several replicas is not asked for, topics have one, as in a single node.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from typing_extensions import override

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.errors import TargetError
from kafka_conformance.harness.readiness import free_port, wait_until_ready
from kafka_conformance.harness.subject.waiting import eventually
from kafka_conformance.harness.target import Address, Target
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.harness.wire.connection import open_connection
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.harness.wire.history import History
from kafka_conformance.plugins.targets import kafka
from kafka_conformance.plugins.targets.class_archive import ClassArchive
from kafka_conformance.plugins.targets.supervised import Supervised
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataResponse

START_WITHIN_S = 240.0
HOST = "127.0.0.1"
DEPARTURES: Mapping[str, str] = {
    **kafka.DEPARTURES,
    "broker.session.timeout.ms": "3000",  # 9 s by default; a node that is only slow is not to be taken for dead
    "initial.broker.registration.timeout.ms": "240000",  # 60 s by default: on a busy machine three nodes need longer
    "auto.leader.rebalance.enable": "false",  # a case is to move leaders, and nobody else every five minutes
    "offsets.topic.num.partitions": "5",  # 50 by default: each node opens a log for each of them when it starts
    "transaction.state.log.num.partitions": "5",
    "replica.selector.class": "org.apache.kafka.common.replica.RackAwareReplicaSelector",  # none by default
}
"""What differs from Apache Kafka's defaults. Each node has a rack of its own."""


class Node:
    """One process, its directory and its two ports."""

    def __init__(self, node_id: int) -> None:
        self.id = node_id
        self.address: Address = (HOST, free_port())
        self.controller_port = free_port()
        self.supervised = Supervised(f"kafka-{node_id}")
        self.is_down = False

    @property
    def directory(self) -> Path:
        """Its configuration, its log directory and its output."""
        return self.supervised.directory


class KafkaClusterTarget(Target):
    """Apache Kafka, several nodes."""

    def __init__(self, name: str, version: str, brokers: int, settings: Mapping[str, str]) -> None:
        super().__init__(name)
        self.kafka_version = version
        self.capabilities = frozenset({"kill", "restart", "pause"} | ({"three-nodes"} if brokers >= 3 else set()))
        self._brokers = brokers
        self._settings = settings
        self._nodes: dict[int, Node] = {}
        self._java: list[str] = []

    @property
    @override
    def description(self) -> str:
        return f"Apache Kafka {self.kafka_version}, {self._brokers} nodes on Java"

    @property
    @override
    def bootstrap(self) -> Sequence[Address]:
        up = [node.address for node in self._nodes.values() if not node.is_down]
        return up or [node.address for node in self._nodes.values()]

    @override
    def start(self) -> None:
        java, classpath = kafka.find_java(), os.pathsep.join(kafka.jars(str(self.kafka_version)))
        self._nodes = {node_id: Node(node_id) for node_id in range(1, self._brokers + 1)}
        self._java = [java, *kafka.JVM, *kafka.LOGGING, "-cp", classpath]
        try:
            archive = ClassArchive(str(self.kafka_version), self._java, self._nodes[1].directory)
            self._java[1:1] = archive.options()
            for node in self._nodes.values():
                self._format(node)
                self._launch(node)
            for node in self._nodes.values():
                self._wait_for(node)
            wait_until_all_know(self, [node.address for node in self._nodes.values()], within_s=START_WITHIN_S)
        except BaseException:
            self.stop()
            raise

    @override
    def stop(self) -> None:
        for node in self._nodes.values():
            node.supervised.dispose()

    @override
    def problem(self) -> str | None:
        for node in self._nodes.values():
            status = None if node.is_down else node.supervised.ended()
            if status is not None:
                return f"the process of node {node.id} ended with status {status}"
        return None

    @override
    def kill(self, node_id: int) -> None:
        node = self._node(node_id)
        node.is_down = True
        node.supervised.kill()

    @override
    def restart(self, node_id: int) -> None:
        node = self._node(node_id)
        node.is_down = True
        node.supervised.stop()
        self._launch(node)
        node.is_down = False
        self._wait_for(node)

    @override
    def pause(self, node_id: int) -> None:
        self._node(node_id).supervised.signal(signal.SIGSTOP)

    @override
    def resume(self, node_id: int) -> None:
        self._node(node_id).supervised.signal(signal.SIGCONT)

    @override
    def evidence(self) -> str:
        return "\n".join(f"node {node.id}:\n{node.supervised.evidence()}" for node in self._nodes.values())

    def _node(self, node_id: int) -> Node:
        if node_id not in self._nodes:
            raise TargetError("control", f"{self.name} has no node {node_id}")
        return self._nodes[node_id]

    def _format(self, node: Node) -> None:
        properties = node.directory / "server.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in self._properties(node).items()))
        command = [*self._java, "kafka.tools.StorageTool", "format", "-t", kafka.CLUSTER_ID, "-c", str(properties)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=node.directory)
        if done.returncode != 0:
            lines = (done.stdout + done.stderr).strip().splitlines()
            raise TargetError("start", f"the storage of node {node.id} cannot be formatted: " + " | ".join(lines[-3:]))

    def _properties(self, node: Node) -> dict[str, str]:
        host, port = node.address
        voters = ",".join(f"{each.id}@{HOST}:{each.controller_port}" for each in self._nodes.values())
        return {
            **settings_of(node.id, self._brokers),
            "process.roles": "broker,controller",
            "node.id": str(node.id),
            "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://{host}:{port},CONTROLLER://{host}:{node.controller_port}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(node.directory / "data"),
            **self._settings,
        }

    def _launch(self, node: Node) -> None:
        java, *arguments = self._java
        node.supervised.start([java, *arguments, "kafka.Kafka", str(node.directory / "server.properties")])

    def _wait_for(self, node: Node) -> None:
        try:
            wait_until_ready(self, node.address, within_s=START_WITHIN_S)
        except TargetError as error:
            end = "\n".join(node.supervised.evidence().splitlines()[-15:])
            raise TargetError(error.step, f"node {node.id}: {error.message}\n{end}".rstrip()) from error


def settings_of(node_id: int, brokers: int) -> dict[str, str]:
    """What differs from Apache Kafka's defaults in a cluster of so many, wherever its nodes run."""
    replicas, minimum = str(min(3, brokers)), str(min(2, brokers))
    return {
        **DEPARTURES,
        "broker.rack": f"rack-{node_id}",
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": minimum,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": minimum,
    }


def wait_until_all_know(target: Target, addresses: Sequence[Address], *, within_s: float) -> None:
    """Returns as soon as each node knows so many as there are addresses. Raises TargetError at the deadline."""
    blocking = Blocking(target.loop)
    try:
        eventually(
            blocking,
            lambda: all(_count(blocking, address) == len(addresses) for address in addresses),
            within_s=within_s,
            what="each node knows the others",
        )
    except ConformanceViolation as error:
        raise TargetError("start", error.message) from None


def _count(blocking: Blocking, address: Address) -> int:
    async def ask() -> int:
        connection = await open_connection(*address, History(blocking.now_s))
        try:
            answer: MetadataResponse = await connection.send(MetadataRequest(topics=[]), 1)
            return len(answer.brokers)
        finally:
            await connection.close()

    try:
        return blocking.run(ask())
    except WireError:
        return 0
