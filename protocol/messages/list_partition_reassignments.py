"""ListPartitionReassignments (API key 46).

Source    Kafka 4.3, ListPartitionReassignmentsRequest.json, ListPartitionReassignmentsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string


class ListPartitionReassignmentsTopics(Struct):
    """`ListPartitionReassignmentsTopics` of ListPartitionReassignmentsRequest."""

    name: Annotated[str, string("0+")] = ""
    partition_indexes: Annotated[list[int], array("int32", "0+")] = []


class ListPartitionReassignmentsRequest(Message, key=46, versions="0", flexible="0+"):
    """ListPartitionReassignmentsRequest, versions 0."""

    timeout_ms: Annotated[int, int32("0+")] = 60000
    topics: Annotated[
        list[ListPartitionReassignmentsTopics] | None, array(ListPartitionReassignmentsTopics, "0+", nullable="0+")
    ] = None


class OngoingPartitionReassignment(Struct):
    """`OngoingPartitionReassignment` of ListPartitionReassignmentsResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    replicas: Annotated[list[int], array("int32", "0+")] = []
    adding_replicas: Annotated[list[int], array("int32", "0+")] = []
    removing_replicas: Annotated[list[int], array("int32", "0+")] = []


class OngoingTopicReassignment(Struct):
    """`OngoingTopicReassignment` of ListPartitionReassignmentsResponse."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[OngoingPartitionReassignment], array(OngoingPartitionReassignment, "0+")] = []


class ListPartitionReassignmentsResponse(Message, key=46, versions="0", flexible="0+"):
    """ListPartitionReassignmentsResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    topics: Annotated[list[OngoingTopicReassignment], array(OngoingTopicReassignment, "0+")] = []
