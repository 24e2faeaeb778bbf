"""What a broker says of its own limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafka_conformance.harness.violation import NotApplicable
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster

BROKER = 4


def broker_config(cluster: Cluster, name: str) -> str | None:
    """The value of one of a broker's configurations; None where it does not know the name.

    Raises NotApplicable where it does not answer, which is for cases about that to judge.
    """
    node = cluster.node_ids[0]
    wanted = DescribeConfigsResource(resource_type=BROKER, resource_name=str(node), configuration_keys=[name])
    try:
        answer: DescribeConfigsResponse = cluster.send(DescribeConfigsRequest(resources=[wanted]), node=node)
    except WireError as error:
        raise NotApplicable(f"the broker does not tell its {name}: {error}") from error
    return next((entry.value for entry in answer.results[0].configs if entry.name == name), None)


def largest_request(cluster: Cluster) -> int:
    """The largest frame that a broker reads: its socket.request.max.bytes, 100 MiB where it does not say."""
    return int(broker_config(cluster, "socket.request.max.bytes") or 104_857_600)
