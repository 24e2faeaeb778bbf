"""CreatePartitions (API key 37).

Versions  v2 flexible.
Source    Kafka 4.3, CreatePartitionsRequest.json, CreatePartitionsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, string


class CreatePartitionsAssignment(Struct):
    """`CreatePartitionsAssignment` of CreatePartitionsRequest."""

    broker_ids: Annotated[list[int], array("int32", "0+")] = []


class CreatePartitionsTopic(Struct):
    """`CreatePartitionsTopic` of CreatePartitionsRequest."""

    name: Annotated[str, string("0+")] = ""
    count: Annotated[int, int32("0+")] = 0
    assignments: Annotated[
        list[CreatePartitionsAssignment] | None, array(CreatePartitionsAssignment, "0+", nullable="0+")
    ] = []


class CreatePartitionsRequest(Message, key=37, versions="0-3", flexible="2+"):
    """CreatePartitionsRequest, versions 0-3."""

    topics: Annotated[list[CreatePartitionsTopic], array(CreatePartitionsTopic, "0+")] = []
    timeout_ms: Annotated[int, int32("0+")] = 0
    validate_only: Annotated[bool, boolean("0+")] = False


class CreatePartitionsTopicResult(Struct):
    """`CreatePartitionsTopicResult` of CreatePartitionsResponse."""

    name: Annotated[str, string("0+")] = ""
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None


class CreatePartitionsResponse(Message, key=37, versions="0-3", flexible="2+"):
    """CreatePartitionsResponse, versions 0-3."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    results: Annotated[list[CreatePartitionsTopicResult], array(CreatePartitionsTopicResult, "0+")] = []
