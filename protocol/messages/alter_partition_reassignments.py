"""AlterPartitionReassignments (API key 45).

Versions  v1 request allow_replication_factor_change; response allow_replication_factor_change.
Source    Kafka 4.3, AlterPartitionReassignmentsRequest.json, AlterPartitionReassignmentsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, string


class ReassignablePartition(Struct):
    """`ReassignablePartition` of AlterPartitionReassignmentsRequest."""

    partition_index: Annotated[int, int32("0+")] = 0
    replicas: Annotated[list[int] | None, array("int32", "0+", nullable="0+")] = None


class ReassignableTopic(Struct):
    """`ReassignableTopic` of AlterPartitionReassignmentsRequest."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[ReassignablePartition], array(ReassignablePartition, "0+")] = []


class AlterPartitionReassignmentsRequest(Message, key=45, versions="0-1", flexible="0+"):
    """AlterPartitionReassignmentsRequest, versions 0-1."""

    timeout_ms: Annotated[int, int32("0+")] = 60000
    allow_replication_factor_change: Annotated[bool, boolean("1+")] = True
    topics: Annotated[list[ReassignableTopic], array(ReassignableTopic, "0+")] = []


class ReassignablePartitionResponse(Struct):
    """`ReassignablePartitionResponse` of AlterPartitionReassignmentsResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""


class ReassignableTopicResponse(Struct):
    """`ReassignableTopicResponse` of AlterPartitionReassignmentsResponse."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[ReassignablePartitionResponse], array(ReassignablePartitionResponse, "0+")] = []


class AlterPartitionReassignmentsResponse(Message, key=45, versions="0-1", flexible="0+"):
    """AlterPartitionReassignmentsResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    allow_replication_factor_change: Annotated[bool, boolean("1+")] = True
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    responses: Annotated[list[ReassignableTopicResponse], array(ReassignableTopicResponse, "0+")] = []
