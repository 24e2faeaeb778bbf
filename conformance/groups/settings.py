"""What a broker says of its own settings: the bounds that a case must stay on either side of."""

from __future__ import annotations

from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.violation import NotApplicable
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)

BROKER_RESOURCE = 4


def broker_setting(cluster: Cluster, node: int, name: str, otherwise: int) -> int:
    """A number among a broker's settings; `otherwise` (Kafka's default) where it does not name it.

    Raises NotApplicable where it does not answer, which is for cases about that to judge.
    """
    resource = DescribeConfigsResource(
        resource_type=BROKER_RESOURCE, resource_name=str(node), configuration_keys=[name]
    )
    try:
        answer: DescribeConfigsResponse = cluster.send(DescribeConfigsRequest(resources=[resource]), node=node)
    except WireError as error:
        raise NotApplicable(f"the broker does not tell its {name}: {error}") from error
    values = [entry.value for result in answer.results for entry in result.configs if entry.name == name]
    return next((int(value) for value in values if value is not None), otherwise)
