"""DescribeQuorum, on the wire and to Kafka's own tool."""

from __future__ import annotations

import re

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    RequestPartitionData,
    RequestTopicData,
    ResponsePartitionData,
)
from kafka_conformance.reference_broker.controller.quorum import OBSERVER_SESSION_MS, Observers
from tests.apache_kafka import run_tool
from tests.reference_broker.wire import RunningCluster, Wire


def ask(wire: Wire, version: int = 2) -> DescribeQuorumResponse:
    topic = RequestTopicData(topic_name="__cluster_metadata", partitions=[RequestPartitionData()])
    answer: DescribeQuorumResponse = wire.ask(DescribeQuorumRequest(topics=[topic]), version)
    return answer


def test_the_controller_is_the_only_voter_and_brokers_beside_it_are_observers() -> None:
    settings = {"broker.heartbeat.interval.ms": "20"}
    with RunningCluster(settings, brokers=3) as running, running.wire(2) as wire:
        answer = ask(wire)
        (partition,) = answer.topics[0].partitions

        assert partition.error_code == ErrorCode.NONE
        assert (partition.leader_id, partition.leader_epoch) == (1, 1)
        assert [voter.replica_id for voter in partition.current_voters] == [1]
        assert sorted(observer.replica_id for observer in partition.observers) == [2, 3]
        assert partition.high_watermark == running.cluster.controller.image.offset + 1
        assert [node.node_id for node in answer.nodes] == [1]


def test_who_is_behind_keeps_the_time_at_which_it_had_everything() -> None:
    observers = Observers()
    observers.heard(2, 9, 9, 100)
    observers.heard(2, 9, 12, 200)
    observers.heard(3, 1, 12, 200)

    assert observers.at(300) == [(2, 10, 200, 100), (3, 2, 200, -1)]
    assert observers.at(200 + OBSERVER_SESSION_MS) == []


def test_a_request_for_several_partitions_is_refused_for_each(wire: Wire) -> None:
    wanted = [RequestPartitionData(partition_index=index) for index in (0, 1)]
    request = DescribeQuorumRequest(topics=[RequestTopicData(topic_name="__cluster_metadata", partitions=wanted)])

    found: list[ResponsePartitionData] = wire.ask(request, 2).topics[0].partitions

    assert [(each.partition_index, each.error_code) for each in found] == [(0, 3), (1, 3)]


@pytest.mark.slow
def test_kafkas_own_tool_shows_it() -> None:
    with RunningCluster(brokers=3) as running:
        shown = run_tool("MetadataQuorumCommand", "--bootstrap-server", running.bootstrap, "describe", "--status")

    values = dict(re.findall(r"^(\w+):\s+(.*?)\s*$", shown, re.MULTILINE))
    assert values["LeaderId"] == "1"
    assert values["CurrentVoters"] == '[{"id": 1}]'
    assert sorted(re.findall(r'"id": (\d)', values["CurrentObservers"])) == ["2", "3"]
