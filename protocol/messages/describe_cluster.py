"""DescribeCluster (API key 60).

Versions  v1 request endpoint_type; response endpoint_type. v2 request include_fenced_brokers; response is_fenced.
Source    Kafka 4.3, DescribeClusterRequest.json, DescribeClusterResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int8, int16, int32, string


class DescribeClusterRequest(Message, key=60, versions="0-2", flexible="0+"):
    """DescribeClusterRequest, versions 0-2."""

    include_cluster_authorized_operations: Annotated[bool, boolean("0+")] = False
    endpoint_type: Annotated[int, int8("1+")] = 1
    include_fenced_brokers: Annotated[bool, boolean("2+")] = False


class DescribeClusterBroker(Struct):
    """`DescribeClusterBroker` of DescribeClusterResponse."""

    broker_id: Annotated[int, int32("0+")] = 0
    host: Annotated[str, string("0+")] = ""
    port: Annotated[int, int32("0+")] = 0
    rack: Annotated[str | None, string("0+", nullable="0+")] = None
    is_fenced: Annotated[bool, boolean("2+")] = False


class DescribeClusterResponse(Message, key=60, versions="0-2", flexible="0+"):
    """DescribeClusterResponse, versions 0-2."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    endpoint_type: Annotated[int, int8("1+")] = 1
    cluster_id: Annotated[str, string("0+")] = ""
    controller_id: Annotated[int, int32("0+")] = -1
    brokers: Annotated[list[DescribeClusterBroker], array(DescribeClusterBroker, "0+")] = []
    cluster_authorized_operations: Annotated[int, int32("0+")] = -0x80000000
