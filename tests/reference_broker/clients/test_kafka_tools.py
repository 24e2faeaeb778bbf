"""Apache Kafka's own command-line tools, unmodified, administer three brokers of the reference cluster."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.apache_kafka import run_tool
from tests.reference_broker.transactions.support import until
from tests.reference_broker.wire import RunningCluster, batch, produce

pytestmark = pytest.mark.slow

SETTINGS = {
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "100",
    "default.replication.factor": "3",
    "transaction.partition.verification.enable": "false",  # else a transaction cannot be left hanging
}
SECONDS = 30

Tool = Callable[..., str]


@pytest.fixture
def cluster() -> Iterator[RunningCluster]:
    with RunningCluster(SETTINGS, brokers=3) as running:
        yield running


@pytest.fixture
def tool(cluster: RunningCluster) -> Tool:
    """Runs the main class of a tool against the cluster; what it printed."""

    def run(name: str, *arguments: str) -> str:
        return run_tool(name, "--bootstrap-server", cluster.bootstrap, *arguments)

    return run


def described(tool: Tool, topic: str) -> list[tuple[str, str, str]]:
    """Leader, replicas and in-sync replicas of each partition, as kafka-topics says."""
    text = tool("TopicCommand", "--describe", "--topic", topic)
    return re.findall(r"Partition: \d+\tLeader: (\S+)\tReplicas: (\S+)\tIsr: (\S+)", text)


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a table by its headings."""
    headings, *lines = (line.split() for line in text.splitlines() if line.strip())
    return [dict(zip(headings, line, strict=False)) for line in lines]


def leaders(cluster: RunningCluster, topic: str) -> list[int]:
    return [partition.leader for partition in cluster.cluster.controller.image.topics[topic].partitions]


def test_a_topic_is_made_its_leader_dies_and_the_preferred_one_is_elected_again(
    cluster: RunningCluster, tool: Tool
) -> None:
    tool("TopicCommand", "--create", "--topic", "orders", "--replica-assignment", "1:2:3,2:3:1")
    cluster.thread.call(cluster.cluster.kill(1))
    until(lambda: leaders(cluster, "orders"), lambda found: found == [2, 2])
    assert described(tool, "orders") == [("2", "1,2,3", "2,3"), ("2", "2,3,1", "2,3")]

    cluster.thread.call(cluster.cluster.restart(1))
    until(lambda: cluster.cluster.controller.image.topics["orders"].partitions[0].isr, lambda found: len(found) == 3)
    said = tool("LeaderElectionCommand", "--election-type", "preferred", "--all-topic-partitions")

    assert "Successfully completed leader election (PREFERRED) for partitions" in said
    assert "orders-0" in said
    assert [leader for leader, _, _ in described(tool, "orders")] == ["1", "2"]


def test_partitions_are_reassigned(cluster: RunningCluster, tool: Tool, tmp_path: Path) -> None:
    tool("TopicCommand", "--create", "--topic", "orders", "--replica-assignment", "1:2,2:3")
    wanted = [("orders", 0, [3, 2]), ("orders", 1, [2, 3, 1])]
    partitions = [{"topic": topic, "partition": index, "replicas": replicas} for topic, index, replicas in wanted]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"version": 1, "partitions": partitions}))
    with cluster.wire(2) as wire:
        assert produce(wire, "orders", batch(b"kept"), partition=1).error_code == 0

    said = tool("reassign.ReassignPartitionsCommand", "--reassignment-json-file", str(plan), "--execute")

    assert "Successfully started partition reassignments for orders-0,orders-1" in said
    until(lambda: leaders(cluster, "orders"), lambda found: found == [3, 2])
    verified = tool("reassign.ReassignPartitionsCommand", "--reassignment-json-file", str(plan), "--verify")
    assert re.findall(r"Reassignment of partition (\S+) is completed", verified) == ["orders-0", "orders-1"]
    assert [replicas for _, replicas, _ in described(tool, "orders")] == ["3,2", "2,3,1"]


def test_a_group_is_described_reset_and_deleted(cluster: RunningCluster, tool: Tool) -> None:
    from confluent_kafka import Consumer

    topic = cluster.topic()
    leader = leaders(cluster, topic)[0]
    with cluster.wire(leader) as wire:
        for number in range(5):
            assert produce(wire, topic, batch(b"%d" % number)).error_code == 0
    settings = {"group.id": "g", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, **settings})
    consumer.subscribe([topic])
    messages = consumer.consume(3, SECONDS)
    assert [message.value() for message in messages] == [b"0", b"1", b"2"]
    consumer.commit(message=messages[-1], asynchronous=False)

    (row,) = rows(tool("consumer.group.ConsumerGroupCommand", "--describe", "--group", "g"))
    assert (row["TOPIC"], row["CURRENT-OFFSET"], row["LOG-END-OFFSET"], row["LAG"]) == (topic, "3", "5", "2")
    assert row["CONSUMER-ID"].startswith("rdkafka-")
    consumer.close()

    reset = ("--reset-offsets", "--shift-by", "-2", "--execute", "--group", "g", "--topic", topic)
    assert rows(tool("consumer.group.ConsumerGroupCommand", *reset))[0]["NEW-OFFSET"] == "1"
    deleted = tool("consumer.group.ConsumerGroupCommand", "--delete", "--group", "g")
    assert "Deletion of requested consumer groups ('g') was successful." in deleted


def test_a_hanging_transaction_is_found_and_aborted(cluster: RunningCluster, tool: Tool) -> None:
    topic = cluster.topic()
    leader = leaders(cluster, topic)[0]
    records = batch(b"hangs", transactional=True, producer_id=777, producer_epoch=0, base_sequence=0)
    with cluster.wire(leader) as wire:
        assert produce(wire, topic, records, version=11, transactional_id="unknown").error_code == 0

    where = ("--topic", topic, "--partition", "0")
    hanging = ("find-hanging", "--broker-id", str(leader), "--max-transaction-timeout", "1")
    assert [(row["Topic"], row["ProducerId"]) for row in rows(tool("TransactionsCommand", *hanging))] == [
        (topic, "777")
    ]
    tool("TransactionsCommand", "abort", *where, "--start-offset", "0")

    (producer,) = rows(tool("TransactionsCommand", "describe-producers", *where))
    assert (producer["ProducerId"], producer["CurrentTransactionStartOffset"]) == ("777", "None")


def test_what_each_broker_keeps_is_described(cluster: RunningCluster, tool: Tool) -> None:
    topic, records = cluster.topic(), batch(b"kept")
    with cluster.wire(leaders(cluster, topic)[0]) as wire:
        assert produce(wire, topic, records).error_code == 0

    said = json.loads(tool("LogDirsCommand", "--describe", "--topic-list", topic).splitlines()[-1])

    kept = [
        (broker["broker"], partition["partition"], partition["size"])
        for broker in said["brokers"]
        for directory in broker["logDirs"]
        for partition in directory["partitions"]
    ]
    assert sorted(kept) == [(node, f"{topic}-0", len(records)) for node in (1, 2, 3)]
