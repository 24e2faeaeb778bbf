"""Reading and altering configurations of topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.alter_configs import (
    AlterableConfig,
    AlterConfigsRequest,
    AlterConfigsResource,
)
from kafka_conformance.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResult,
)
from kafka_conformance.protocol.messages.incremental_alter_configs import AlterableConfig as Alteration
from kafka_conformance.protocol.messages.incremental_alter_configs import AlterConfigsResource as IncrementalResource
from kafka_conformance.protocol.messages.incremental_alter_configs import IncrementalAlterConfigsRequest

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster

TOPIC, BROKER = 2, 4
SET, DELETE, APPEND, SUBTRACT = range(4)
DYNAMIC_TOPIC_CONFIG, DEFAULT_CONFIG = 1, 5
"""Sources that DescribeConfigs names."""


class Alter(NamedTuple):
    """One change of IncrementalAlterConfigs."""

    name: str
    value: str | None = None
    operation: int = SET


def describe(
    cluster: Cluster, name: str, keys: Sequence[str] | None = None, *, kind: int = TOPIC, version: int | None = None
) -> DescribeConfigsResult:
    """The answer for one resource."""
    wanted = DescribeConfigsResource(
        resource_type=kind, resource_name=name, configuration_keys=None if keys is None else list(keys)
    )
    node = int(name) if kind == BROKER else None
    answer = cluster.send(DescribeConfigsRequest(resources=[wanted]), version, node=node)
    if len(answer.results) != 1:
        raise ConformanceViolation("DescribeConfigs of one resource", expected="one result", actual=f"{answer}")
    result: DescribeConfigsResult = answer.results[0]
    return result


def entries(result: DescribeConfigsResult) -> dict[str, DescribeConfigsResourceResult]:
    """The configurations by name. Raises ConformanceViolation for an error."""
    if result.error_code != ErrorCode.NONE:
        raise ConformanceViolation("DescribeConfigs", expected="no error", actual=f"{result}")
    return {entry.name: entry for entry in result.configs}


def settings(cluster: Cluster, name: str) -> dict[str, str | None]:
    """What is set on a topic itself: configurations whose source is the topic."""
    found = entries(describe(cluster, name)).values()
    return {entry.name: entry.value for entry in found if entry.config_source == DYNAMIC_TOPIC_CONFIG}


def broker_value(cluster: Cluster, name: str) -> str | None:
    """One of a broker's configurations."""
    return entries(describe(cluster, str(cluster.node_ids[0]), [name], kind=BROKER))[name].value


def alter(
    cluster: Cluster, topic: str, *changes: Alter, validate_only: bool = False, version: int | None = None
) -> ErrorCode:
    """IncrementalAlterConfigs of one topic."""
    configs = [
        Alteration(name=change.name, config_operation=change.operation, value=change.value) for change in changes
    ]
    resource = IncrementalResource(resource_type=TOPIC, resource_name=topic, configs=configs)
    answer = cluster.send(IncrementalAlterConfigsRequest(resources=[resource], validate_only=validate_only), version)
    return error_code(answer.responses[0].error_code)


def replace(
    cluster: Cluster, topic: str, values: Mapping[str, str], *, validate_only: bool = False, version: int | None = None
) -> ErrorCode:
    """AlterConfigs of one topic: these values and no others."""
    configs = [AlterableConfig(name=name, value=value) for name, value in values.items()]
    resource = AlterConfigsResource(resource_type=TOPIC, resource_name=topic, configs=configs)
    answer = cluster.send(AlterConfigsRequest(resources=[resource], validate_only=validate_only), version)
    return error_code(answer.responses[0].error_code)


def settles(cluster: Cluster, topic: str, expected: Mapping[str, str]) -> None:
    """Waits until the topic has these settings and no others: brokers learn of a change a little later."""

    def look() -> bool:
        found = settings(cluster, topic)
        if found != expected:
            raise ConformanceViolation(f"the settings of {topic}", expected=f"{expected}", actual=f"{found}")
        return True

    cluster.settled(look, step="settings", what=f"{topic} has the settings {expected}")
