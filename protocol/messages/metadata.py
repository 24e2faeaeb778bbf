"""Metadata (API key 3).

Versions  v1 response rack, controller_id, is_internal. v2 response cluster_id. v3 response throttle_time_ms. v4
          request allow_auto_topic_creation. v5 response offline_replicas. v7 response leader_epoch. v8 request
          include_cluster_authorized_operations, include_topic_authorized_operations; response
          topic_authorized_operations, cluster_authorized_operations. v9 flexible. v10 request topic_id; response
          topic_id. v11 request no include_cluster_authorized_operations; response no cluster_authorized_operations.
          v13 response error_code.
Source    Kafka 4.3, MetadataRequest.json, MetadataResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class MetadataRequestTopic(Struct):
    """`MetadataRequestTopic` of MetadataRequest."""

    topic_id: Annotated[Uuid, uuid("10+")] = ZERO_UUID
    name: Annotated[str | None, string("0+", nullable="10+")] = ""


class MetadataRequest(Message, key=3, versions="0-13", flexible="9+"):
    """MetadataRequest, versions 0-13."""

    topics: Annotated[list[MetadataRequestTopic] | None, array(MetadataRequestTopic, "0+", nullable="1+")] = []
    allow_auto_topic_creation: Annotated[bool, boolean("4+")] = True
    include_cluster_authorized_operations: Annotated[bool, boolean("8-10")] = False
    include_topic_authorized_operations: Annotated[bool, boolean("8+")] = False


class MetadataResponseBroker(Struct):
    """`MetadataResponseBroker` of MetadataResponse."""

    node_id: Annotated[int, int32("0+")] = 0
    host: Annotated[str, string("0+")] = ""
    port: Annotated[int, int32("0+")] = 0
    rack: Annotated[str | None, string("1+", nullable="1+")] = None


class MetadataResponsePartition(Struct):
    """`MetadataResponsePartition` of MetadataResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    partition_index: Annotated[int, int32("0+")] = 0
    leader_id: Annotated[int, int32("0+")] = 0
    leader_epoch: Annotated[int, int32("7+")] = -1
    replica_nodes: Annotated[list[int], array("int32", "0+")] = []
    isr_nodes: Annotated[list[int], array("int32", "0+")] = []
    offline_replicas: Annotated[list[int], array("int32", "5+")] = []


class MetadataResponseTopic(Struct):
    """`MetadataResponseTopic` of MetadataResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    name: Annotated[str | None, string("0+", nullable="12+")] = ""
    topic_id: Annotated[Uuid, uuid("10+")] = ZERO_UUID
    is_internal: Annotated[bool, boolean("1+")] = False
    partitions: Annotated[list[MetadataResponsePartition], array(MetadataResponsePartition, "0+")] = []
    topic_authorized_operations: Annotated[int, int32("8+")] = -0x80000000


class MetadataResponse(Message, key=3, versions="0-13", flexible="9+"):
    """MetadataResponse, versions 0-13."""

    throttle_time_ms: Annotated[int, int32("3+")] = 0
    brokers: Annotated[list[MetadataResponseBroker], array(MetadataResponseBroker, "0+")] = []
    cluster_id: Annotated[str | None, string("2+", nullable="2+")] = None
    controller_id: Annotated[int, int32("1+")] = -1
    topics: Annotated[list[MetadataResponseTopic], array(MetadataResponseTopic, "0+")] = []
    cluster_authorized_operations: Annotated[int, int32("8-10")] = -0x80000000
    error_code: Annotated[int, int16("13+")] = 0
