"""`docker:IMAGE,brokers=3`: nodes of Apache Kafka in containers, each of them broker and controller (KRaft).

The image has Apache Kafka in /opt/kafka and java on its PATH, as Apache's own image (apache/kafka:4.3.1) has; its entry
point is not used. The engine is the one that DOCKER_HOST names, else this machine's. Each node has an address of its
own in a network of the cluster, and one published port, fixed so that what it advertises outlives a restart.

Nodes are cut off from one another by filters in their own network namespaces, where the engine runs on this machine and
we are root: packets vanish, held connections stay and go on when the node joins again. Leaving the network instead
would refuse at once, and close them. Containers and network carry a label; a guardian, a process in a session of its
own, removes what carries it when we end in whatever way.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from kafka_conformance.harness.errors import TargetError, UsageError
from kafka_conformance.harness.readiness import free_port, wait_until_ready
from kafka_conformance.harness.target import Address, Target
from kafka_conformance.plugins.targets import kafka
from kafka_conformance.plugins.targets.docker_guardian import LABEL, remove
from kafka_conformance.plugins.targets.kafka_cluster import settings_of, wait_until_all_know

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container
    from docker.models.networks import Network

START_WITHIN_S = 120.0
STOP_WITHIN_S = 20
HOST = "127.0.0.1"
CLIENTS, CONTROLLERS, BROKERS = 9092, 9093, 9094
"""Ports of a node: the published one, and two that only the others reach."""

NETWORKS = 128
"""How many networks are tried: another run may have the one that was drawn."""

SCRIPT = """
set -f
java="java {jvm} -cp /opt/kafka/libs/*"
printf '%s' "$PROPERTIES" > /tmp/server.properties
if [ ! -f /tmp/data/meta.properties ]; then
  $java kafka.tools.StorageTool format -t {cluster} -c /tmp/server.properties || exit 1
fi
exec $java kafka.Kafka /tmp/server.properties
"""
"""What a container does, at each start. The asterisk is for java, not for the shell (-f)."""


class Node:
    """One container."""

    def __init__(self, node_id: int, ip: str) -> None:
        self.id = node_id
        self.ip = ip
        self.address: Address = (HOST, free_port())
        self.container: Container | None = None
        self.is_down = False


class DockerTarget(Target):
    """Apache Kafka in containers."""

    def __init__(self, name: str, image: str, brokers: int, settings: Mapping[str, str]) -> None:
        super().__init__(name)
        version = re.search(r":v?(\d+\.\d+\.\d+)", image)
        self.kafka_version = version[1] if version else None
        isolate = {"isolate"} if brokers > 1 and can_filter() else set()
        three = {"three-nodes"} if brokers >= 3 else set()
        self.capabilities = frozenset({"kill", "restart", "pause"} | isolate | three)
        self._image = image
        self._brokers = brokers
        self._settings = settings
        self._run = secrets.token_hex(8)
        self._client: DockerClient | None = None
        self._guardian: subprocess.Popen[bytes] | None = None
        self._nodes: dict[int, Node] = {}

    @property
    @override
    def description(self) -> str:
        return f"{self._image}, {self._brokers} {'node' if self._brokers == 1 else 'nodes'} in containers"

    @property
    @override
    def bootstrap(self) -> Sequence[Address]:
        up = [node.address for node in self._nodes.values() if not node.is_down]
        return up or [node.address for node in self._nodes.values()]

    @override
    def start(self) -> None:
        self._client = connect()
        self._guardian = subprocess.Popen(
            [sys.executable, "-m", "kafka_conformance.plugins.targets.docker_guardian", self._run],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            with _told("start"):
                self._require_image(self._client)
                network, prefix = self._network(self._client)
                self._nodes = {n: Node(n, f"{prefix}.{10 + n}") for n in range(1, self._brokers + 1)}
                for node in self._nodes.values():
                    self._create(self._client, network, node)
                for node in self._nodes.values():
                    _container(node).start()
            for node in self._nodes.values():
                self._wait_for(node)
            wait_until_all_know(self, self.bootstrap, within_s=START_WITHIN_S)
        except BaseException:
            self.stop()
            raise

    @override
    def stop(self) -> None:
        if self._client is not None:
            remove(self._client, self._run)
            self._client.close()
            self._client = None
        if self._guardian is not None:
            self._guardian.communicate()  # closes its pipe; it finds nothing left
            self._guardian = None

    @override
    def problem(self) -> str | None:
        with _told("control"):
            for node in self._nodes.values():
                if self._client is None or node.container is None or node.is_down:
                    continue
                node.container.reload()
                if node.container.status not in ("created", "running", "paused"):
                    return f"the container of node {node.id} ended with status {_state(node)['ExitCode']}"
        return None

    @override
    def kill(self, node_id: int) -> None:
        node = self._node(node_id)
        node.is_down = True
        with _told("control"):
            _container(node).kill()
            _container(node).wait()

    @override
    def restart(self, node_id: int) -> None:
        node = self._node(node_id)
        node.is_down = True
        with _told("control"):
            _container(node).stop(timeout=STOP_WITHIN_S)
            _container(node).start()
        node.is_down = False
        self._wait_for(node)

    @override
    def pause(self, node_id: int) -> None:
        with _told("control"):
            _container(self._node(node_id)).pause()

    @override
    def resume(self, node_id: int) -> None:
        with _told("control"):
            _container(self._node(node_id)).unpause()

    @override
    def isolate(self, node_id: int) -> None:
        node = self._node(node_id)
        for other in self._nodes.values():
            if other is not node:
                self._filter(node, "-A", "INPUT", "-s", other.ip, "-j", "DROP")
                self._filter(node, "-A", "OUTPUT", "-d", other.ip, "-j", "DROP")

    @override
    def join_again(self, node_id: int) -> None:
        for chain in ("INPUT", "OUTPUT"):
            self._filter(self._node(node_id), "-F", chain)

    @override
    def evidence(self) -> str:
        return "\n".join(f"node {node.id}:\n{self._written(node)}" for node in self._nodes.values())

    def _node(self, node_id: int) -> Node:
        if node_id not in self._nodes:
            raise TargetError("control", f"{self.name} has no node {node_id}")
        return self._nodes[node_id]

    def _require_image(self, client: DockerClient) -> None:
        import docker

        try:
            client.images.get(self._image)
        except docker.errors.ImageNotFound:
            client.images.pull(self._image)

    def _network(self, client: DockerClient) -> tuple[Network, str]:
        """A network, and the first three bytes of its addresses: of 198.18.0.0/15, which nobody routes (RFC 2544)."""
        import docker

        for _ in range(NETWORKS):
            prefix = f"198.{18 + secrets.randbelow(2)}.{secrets.randbelow(256)}"
            pool = docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet=f"{prefix}.0/24")])
            with contextlib.suppress(docker.errors.APIError):
                return client.networks.create(f"kafka-conformance-{self._run}", ipam=pool, labels=self._labels), prefix
        raise TargetError("start", f"none of {NETWORKS} networks in 198.18.0.0/15 could be made")

    @property
    def _labels(self) -> dict[str, str]:
        return {LABEL: self._run}

    def _create(self, client: DockerClient, network: Network, node: Node) -> None:
        script = SCRIPT.format(jvm=" ".join((*kafka.JVM, *kafka.LOGGING)), cluster=kafka.CLUSTER_ID)
        properties = "".join(f"{name}={value}\n" for name, value in self._properties(node).items())
        node.container = client.containers.create(
            self._image,
            entrypoint=["/bin/sh", "-c", script],
            name=f"kafka-conformance-{self._run}-{node.id}",
            environment={"PROPERTIES": properties},
            labels=self._labels,
            ports={f"{CLIENTS}/tcp": node.address},
            network=network.name,
            networking_config={network.name: client.api.create_endpoint_config(ipv4_address=node.ip)},
        )

    def _properties(self, node: Node) -> dict[str, str]:
        host, port = node.address
        voters = ",".join(f"{each.id}@{each.ip}:{CONTROLLERS}" for each in self._nodes.values())
        return {
            **settings_of(node.id, self._brokers),
            "process.roles": "broker,controller",
            "node.id": str(node.id),
            "controller.quorum.voters": voters,
            "listeners": f"CLIENTS://:{CLIENTS},CONTROLLERS://:{CONTROLLERS},BROKERS://:{BROKERS}",
            "advertised.listeners": f"CLIENTS://{host}:{port},BROKERS://{node.ip}:{BROKERS}",
            "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLERS:PLAINTEXT,BROKERS:PLAINTEXT",
            "controller.listener.names": "CONTROLLERS",
            "inter.broker.listener.name": "BROKERS",
            "log.dirs": "/tmp/data",
            **self._settings,
        }

    def _wait_for(self, node: Node) -> None:
        try:
            wait_until_ready(self, node.address, within_s=START_WITHIN_S)
        except TargetError as error:
            end = "\n".join(self._written(node).splitlines()[-15:])
            raise TargetError(error.step, f"node {node.id}: {error.message}\n{end}".rstrip()) from error

    def _written(self, node: Node) -> str:
        if self._client is None or node.container is None:
            return ""
        with _told("control"):
            return bytes(node.container.logs(tail=100)).decode("utf-8", "replace")

    def _filter(self, node: Node, *rule: str) -> None:
        with _told("control"):
            _container(node).reload()
        command = ["nsenter", "-t", str(_state(node)["Pid"]), "-n", "iptables", *rule]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise TargetError("control", f"node {node.id} cannot be cut off: {done.stderr.strip()}")


def connect() -> DockerClient:
    """The engine that the environment names. Raises TargetError where there is none."""
    try:
        import docker
    except ImportError:
        raise TargetError("start", "needs docker: pip install 'kafka-conformance[docker]'") from None
    with _told("start"):
        return docker.from_env()


def can_filter() -> bool:
    """Whether filters can be set in the network namespaces of containers: their engine is here, and we are root."""
    local = os.environ.get("DOCKER_HOST", "unix://").startswith("unix://")
    return local and os.geteuid() == 0 and all(map(shutil.which, ("iptables", "nsenter")))


@contextlib.contextmanager
def _told(step: str) -> Iterator[None]:
    import docker
    import requests

    try:
        yield
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise TargetError(step, f"the container engine says: {error}") from error


def _container(node: Node) -> Container:
    if node.container is None:
        raise TargetError("control", f"node {node.id} was not started")
    return node.container


def _state(node: Node) -> Mapping[str, Any]:
    state: Mapping[str, Any] = _container(node).attrs["State"]
    return state


def create(argument: str, name: str) -> Target:
    """From `apache/kafka:4.3.1,brokers=3,num.partitions=3`. Raises UsageError."""
    image, *rest = argument.split(",")
    if not re.fullmatch(r"[a-z0-9][\w./:@-]*", image):
        raise UsageError("expected an image", key="docker", value=image, allowed="as in apache/kafka:4.3.1")
    settings, brokers = kafka.settings_and_brokers(rest)
    return DockerTarget(name, image, brokers, settings)
