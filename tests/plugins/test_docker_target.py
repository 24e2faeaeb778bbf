"""Nodes in containers, where DOCKER_HOST names an engine that has the image of KAFKA_CONFORMANCE_TEST_IMAGE."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.contracts import TargetContract
from kafka_conformance.harness.errors import TargetError, UsageError
from kafka_conformance.harness.readiness import answers
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.subject.waiting import eventually
from kafka_conformance.harness.target import Target
from kafka_conformance.plugins.targets import docker as docker_target
from kafka_conformance.plugins.targets.docker_guardian import LABEL
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic

IMAGE = os.environ.get("KAFKA_CONFORMANCE_TEST_IMAGE", "")
needs_image = [
    pytest.mark.slow,
    pytest.mark.skipif(not IMAGE, reason="KAFKA_CONFORMANCE_TEST_IMAGE names no image: tests.docker_image makes one"),
    pytest.mark.xdist_group("docker"),
]
WITHIN_S = 60.0


def left() -> list[str]:
    """The containers and networks of any run."""
    client = docker_target.connect()
    try:
        containers = client.containers.list(all=True, filters={"label": LABEL})
        return [each.name for each in (*containers, *client.networks.list(filters={"label": LABEL}))]
    finally:
        client.close()


def in_sync(cluster: Cluster, topic: Topic) -> list[int]:
    """As its leader has it: a node that is cut off does not know."""
    request = MetadataRequest(topics=[MetadataRequestTopic(name=topic.name)])
    [described] = cluster.send(request, node=topic.leader()).topics
    isr: list[int] = described.partitions[0].isr_nodes
    return isr


class TestOneNodeInAContainer(TargetContract):
    pytestmark = needs_image

    @classmethod
    def make_target(cls) -> Target:
        return docker_target.create(IMAGE, f"docker:{IMAGE}")


class TestThreeNodesInContainers:
    pytestmark = needs_image

    @pytest.fixture(scope="class")
    @classmethod
    def cluster(cls) -> Iterator[Cluster]:
        target = docker_target.create(f"{IMAGE},brokers=3", f"docker:{IMAGE},brokers=3")
        target.start()
        cluster = Cluster(target, "docker")
        yield cluster
        cluster.close()
        target.stop()
        target.close_loop()
        assert left() == []

    def test_a_paused_node_is_silent_until_it_goes_on(self, cluster: Cluster) -> None:
        target, blocking = cluster.target, Blocking(cluster.target.loop)
        address = target.bootstrap[0]
        target.pause(1)
        assert not answers(blocking, address)
        target.resume(1)
        eventually(blocking, lambda: answers(blocking, address), within_s=WITHIN_S, what="it goes on")

    def test_a_node_that_is_cut_off_still_answers_clients_and_comes_back(self, cluster: Cluster) -> None:
        if "isolate" not in cluster.capabilities:
            pytest.skip("filters in network namespaces need root beside the engine")
        with cluster.topic(partitions=1, replication_factor=3) as topic:
            topic.produce([b"before"])
            follower = max(set(cluster.node_ids) - {topic.leader()})
            with cluster.isolated(follower):
                assert answers(Blocking(cluster.target.loop), cluster.target.bootstrap[follower - 1])
                cluster.eventually(lambda: follower not in in_sync(cluster, topic), within_s=WITHIN_S)
            cluster.eventually(lambda: follower in in_sync(cluster, topic), within_s=WITHIN_S)
            assert [record.value for record in topic.records()] == [b"before"]

    def test_a_killed_node_keeps_what_it_had(self, cluster: Cluster) -> None:
        with cluster.topic(partitions=1, replication_factor=3) as topic:
            topic.produce([b"kept"])
            cluster.kill(1)
            cluster.restart(1)
            topic.refresh()
            assert [record.value for record in topic.records()] == [b"kept"]


STARTS_AND_WAITS = """
import sys
from kafka_conformance.plugins.targets.docker import create
target = create(sys.argv[1], "docker")
target.start()
print("started", flush=True)
sys.stdin.read()
"""


class TestNothingIsLeft:
    pytestmark = needs_image

    def test_nothing_is_left_when_we_are_killed(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", STARTS_AND_WAITS, IMAGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        assert len(left()) == 2
        process.send_signal(signal.SIGKILL)
        process.communicate()
        target = docker_target.create(IMAGE, "docker")
        eventually(Blocking(target.loop), lambda: left() == [], within_s=WITHIN_S, what="all is removed")
        target.close_loop()

    def test_nothing_is_left_when_the_start_fails(self) -> None:
        target = docker_target.create(f"{IMAGE},node.id=x", "docker")
        with pytest.raises(TargetError, match="ended with status"):
            target.start()
        target.close_loop()
        assert left() == []


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("", "expected an image"),
        ("apache/kafka:4.3.1,brokers=0", "expected a number"),
        ("apache/kafka:4.3.1,=3", "expected a setting"),
    ],
)
def test_what_cannot_be_started_is_refused(argument: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        docker_target.create(argument, "docker")


def test_the_version_of_an_image_is_that_of_its_tag() -> None:
    assert docker_target.create("apache/kafka:4.3.1,brokers=3", "docker").kafka_version == "4.3.1"
    assert docker_target.create("ours/kafka:latest", "docker").kafka_version is None


def test_an_engine_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    target = docker_target.create("apache/kafka:4.3.1", "docker")
    with pytest.raises(TargetError, match="the container engine says"):
        target.start()
    target.stop()
