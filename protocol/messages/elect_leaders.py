"""ElectLeaders (API key 43).

Versions  v1 request election_type; response error_code. v2 flexible.
Source    Kafka 4.3, ElectLeadersRequest.json, ElectLeadersResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, string


class TopicPartitions(Struct):
    """`TopicPartitions` of ElectLeadersRequest."""

    topic: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class ElectLeadersRequest(Message, key=43, versions="0-2", flexible="2+"):
    """ElectLeadersRequest, versions 0-2."""

    election_type: Annotated[int, int8("1+")] = 0
    topic_partitions: Annotated[list[TopicPartitions] | None, array(TopicPartitions, "0+", nullable="0+")] = []
    timeout_ms: Annotated[int, int32("0+")] = 60000


class PartitionResult(Struct):
    """`PartitionResult` of ElectLeadersResponse."""

    partition_id: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""


class ReplicaElectionResult(Struct):
    """`ReplicaElectionResult` of ElectLeadersResponse."""

    topic: Annotated[str, string("0+")] = ""
    partition_result: Annotated[list[PartitionResult], array(PartitionResult, "0+")] = []


class ElectLeadersResponse(Message, key=43, versions="0-2", flexible="2+"):
    """ElectLeadersResponse, versions 0-2."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("1+")] = 0
    replica_election_results: Annotated[list[ReplicaElectionResult], array(ReplicaElectionResult, "0+")] = []
