"""DescribeConfigs, AlterConfigs, DescribeCluster and DescribeTopicPartitions, as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.alter_configs import AlterableConfig as OldConfig
from kafka_conformance.protocol.messages.alter_configs import AlterConfigsRequest
from kafka_conformance.protocol.messages.alter_configs import AlterConfigsResource as OldResource
from kafka_conformance.protocol.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from kafka_conformance.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest
from kafka_conformance.protocol.messages.describe_cluster import DescribeClusterRequest
from kafka_conformance.protocol.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from kafka_conformance.protocol.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    TopicRequest,
)
from kafka_conformance.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
)
from tests.reference_broker.wire import Wire

TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32
SET, DELETE = 0, 1


def create(wire: Wire, partitions: int = 1, prefix: str = "admin") -> str:
    name = f"{prefix}-{uuid4()}"
    wanted = CreatableTopic(name=name, num_partitions=partitions, replication_factor=1)
    assert wire.ask(CreateTopicsRequest(topics=[wanted]), 7).topics[0].error_code == ErrorCode.NONE
    return name


def describe(wire: Wire, kind: int, name: str, *keys: str, version: int = 4) -> Any:
    resource = DescribeConfigsResource(
        resource_type=kind, resource_name=name, configuration_keys=list(keys) if keys else None
    )
    return wire.ask(DescribeConfigsRequest(resources=[resource], include_synonyms=True), version).results[0]


def alter(wire: Wire, kind: int, name: str, key: str, operation: int, value: str | None) -> Any:
    config = AlterableConfig(name=key, config_operation=operation, value=value)
    resource = AlterConfigsResource(resource_type=kind, resource_name=name, configs=[config])
    return wire.ask(IncrementalAlterConfigsRequest(resources=[resource]), 1).responses[0]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_a_topic_has_33_configurations(wire: Wire, version: int) -> None:
    result = describe(wire, TOPIC, create(wire), version=version)

    assert (result.error_code, result.error_message, len(result.configs)) == (ErrorCode.NONE, "", 33)


def test_a_setting_goes_from_default_to_topic_and_back(wire: Wire) -> None:
    name = create(wire)

    def source() -> tuple[str, int]:
        (config,) = describe(wire, TOPIC, name, "retention.ms").configs
        return config.value, config.config_source

    assert source() == ("604800000", 5)
    alter(wire, TOPIC, name, "retention.ms", SET, "1000")
    assert source() == ("1000", 1)
    alter(wire, TOPIC, name, "retention.ms", DELETE, None)
    assert source() == ("604800000", 5)


def test_the_older_api_replaces_what_the_newer_one_set(wire: Wire) -> None:
    name = create(wire)
    alter(wire, TOPIC, name, "retention.ms", SET, "1000")
    resource = OldResource(resource_type=TOPIC, resource_name=name, configs=[OldConfig(name="segment.ms", value="7")])

    response = wire.ask(AlterConfigsRequest(resources=[resource]), 2).responses[0]

    assert (response.error_code, response.error_message) == (ErrorCode.NONE, None)
    found = {each.name: each.config_source for each in describe(wire, TOPIC, name).configs}
    assert (found["retention.ms"], found["segment.ms"]) == (5, 1)


def test_a_broker_tells_what_departs_from_kafkas_defaults(wire: Wire) -> None:
    (config,) = describe(wire, BROKER, "1", "group.initial.rebalance.delay.ms").configs

    assert (config.value, config.config_source, config.read_only) == ("0", 4, True)
    assert [(each.value, each.source) for each in config.synonyms] == [("0", 4), ("3000", 5)]


@pytest.mark.parametrize(
    ("kind", "name", "code", "message"),
    [
        (TOPIC, "no-such-topic", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ""),
        (TOPIC, ".", ErrorCode.INVALID_TOPIC_EXCEPTION, "Topic name is invalid: '.' is not allowed"),
        (
            BROKER,
            "2",
            ErrorCode.INVALID_REQUEST,
            "Unexpected broker id, expected 1 or empty string, but received 2",
        ),
        (BROKER, "x", ErrorCode.INVALID_REQUEST, "Broker id must be an integer, but it is: x"),
        (LOGGER, "", ErrorCode.INVALID_REQUEST, "Broker id must not be empty"),
        (LOGGER, "2", ErrorCode.INVALID_REQUEST, "Unexpected broker id, expected 1 but received 2"),
        (GROUP, "", ErrorCode.INVALID_REQUEST, "Group name must not be empty"),
        (CLIENT_METRICS, "", ErrorCode.INVALID_REQUEST, "Client metrics subscription name must not be empty"),
    ],
)
def test_what_cannot_be_described_is_refused(wire: Wire, kind: int, name: str, code: ErrorCode, message: str) -> None:
    result = describe(wire, kind, name)

    assert (result.error_code, result.error_message, result.configs) == (code, message, [])


@pytest.mark.parametrize(("kind", "name", "count"), [(GROUP, "any", 17), (CLIENT_METRICS, "any", 3), (LOGGER, "1", 0)])
def test_resources_are_described_before_anybody_made_them(wire: Wire, kind: int, name: str, count: int) -> None:
    result = describe(wire, kind, name)

    assert (result.error_code, len(result.configs)) == (ErrorCode.NONE, count)


def test_an_unknown_resource_type_refuses_the_whole_request(wire: Wire) -> None:
    resources = [
        DescribeConfigsResource(resource_type=kind, resource_name="x", configuration_keys=None) for kind in (GROUP, 3)
    ]

    results = wire.ask(DescribeConfigsRequest(resources=resources), 4).results

    assert [each.error_code for each in results] == [ErrorCode.INVALID_REQUEST] * 2


def test_a_cluster_names_its_brokers_and_one_to_ask(wire: Wire) -> None:
    response = wire.ask(DescribeClusterRequest(include_cluster_authorized_operations=True), 2)

    assert (response.error_code, response.controller_id, response.cluster_authorized_operations) == (0, 1, 8096)
    assert [(each.broker_id, each.is_fenced) for each in response.brokers] == [(1, False)]


@pytest.mark.parametrize(
    ("endpoint_type", "code", "message"),
    [
        (
            2,
            ErrorCode.MISMATCHED_ENDPOINT_TYPE,
            "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER",
        ),
        (3, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE, "Unsupported endpoint type 3"),
    ],
)
def test_a_broker_is_no_other_endpoint(wire: Wire, endpoint_type: int, code: ErrorCode, message: str) -> None:
    response = wire.ask(DescribeClusterRequest(endpoint_type=endpoint_type), 1)

    assert (response.error_code, response.error_message, response.brokers) == (code, message, [])


def pages(
    wire: Wire, names: list[str], limit: int, cursor: Cursor | None = None
) -> tuple[list[tuple[str, list[int]]], Cursor | None]:
    request = DescribeTopicPartitionsRequest(
        topics=[TopicRequest(name=name) for name in names], response_partition_limit=limit, cursor=cursor
    )
    response = wire.ask(request, 0)
    return [
        (topic.name, [each.partition_index for each in topic.partitions]) for topic in response.topics
    ], response.next_cursor


def test_partitions_come_page_by_page(wire: Wire) -> None:
    first, second = create(wire, 3, "page-a"), create(wire, 2, "page-b")
    names = [second, first]

    assert pages(wire, names, 2) == ([(first, [0, 1])], Cursor(topic_name=first, partition_index=2))
    assert pages(wire, names, 2, Cursor(topic_name=first, partition_index=2)) == (
        [(first, [2]), (second, [0])],
        Cursor(topic_name=second, partition_index=1),
    )
    assert pages(wire, names, 3) == ([(first, [0, 1, 2])], Cursor(topic_name=second, partition_index=0))
    assert pages(wire, names, 2, Cursor(topic_name=second, partition_index=1)) == ([(second, [1])], None)
    assert pages(wire, [first], 0) == ([(first, [0])], Cursor(topic_name=first, partition_index=1))


@pytest.mark.parametrize(
    ("names", "cursor", "code"),
    [
        (["no-such"], None, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        (["a b"], None, ErrorCode.INVALID_TOPIC_EXCEPTION),
        ([""], None, ErrorCode.UNKNOWN_SERVER_ERROR),
        (["a"], Cursor(topic_name="b"), ErrorCode.INVALID_REQUEST),
        (["a"], Cursor(topic_name="a", partition_index=-1), ErrorCode.INVALID_REQUEST),
    ],
)
def test_pages_of_what_is_not_there_are_refused(
    wire: Wire, names: list[str], cursor: Cursor | None, code: ErrorCode
) -> None:
    request = DescribeTopicPartitionsRequest(topics=[TopicRequest(name=name) for name in names], cursor=cursor)

    assert [each.error_code for each in wire.ask(request, 0).topics] == [code]


def test_a_topic_grows_and_goes_on_the_wire(wire: Wire) -> None:
    name = create(wire)
    wanted = CreatePartitionsTopic(name=name, count=3, assignments=None)

    grown = wire.ask(CreatePartitionsRequest(topics=[wanted], timeout_ms=1000), 3).results[0]
    assert (grown.error_code, len(pages(wire, [name], 9)[0][0][1])) == (ErrorCode.NONE, 3)

    gone = wire.ask(DeleteTopicsRequest(topic_names=[name], timeout_ms=1000), 5).responses[0]
    assert (gone.error_code, pages(wire, [name], 9)[0]) == (ErrorCode.NONE, [(name, [])])
