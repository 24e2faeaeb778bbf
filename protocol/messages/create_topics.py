"""CreateTopics (API key 19).

Versions  v5 response topic_config_error_code, num_partitions, replication_factor, configs; flexible. v7 response
          topic_id.
Source    Kafka 4.3, CreateTopicsRequest.json, CreateTopicsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int8, int16, int32, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class CreatableReplicaAssignment(Struct):
    """`CreatableReplicaAssignment` of CreateTopicsRequest."""

    partition_index: Annotated[int, int32("0+")] = 0
    broker_ids: Annotated[list[int], array("int32", "0+")] = []


class CreatableTopicConfig(Struct):
    """`CreatableTopicConfig` of CreateTopicsRequest."""

    name: Annotated[str, string("0+")] = ""
    value: Annotated[str | None, string("0+", nullable="0+")] = ""


class CreatableTopic(Struct):
    """`CreatableTopic` of CreateTopicsRequest."""

    name: Annotated[str, string("0+")] = ""
    num_partitions: Annotated[int, int32("0+")] = 0
    replication_factor: Annotated[int, int16("0+")] = 0
    assignments: Annotated[list[CreatableReplicaAssignment], array(CreatableReplicaAssignment, "0+")] = []
    configs: Annotated[list[CreatableTopicConfig], array(CreatableTopicConfig, "0+")] = []


class CreateTopicsRequest(Message, key=19, versions="2-7", flexible="5+"):
    """CreateTopicsRequest, versions 2-7."""

    topics: Annotated[list[CreatableTopic], array(CreatableTopic, "0+")] = []
    timeout_ms: Annotated[int, int32("0+")] = 60000
    validate_only: Annotated[bool, boolean("1+")] = False


class CreatableTopicConfigs(Struct):
    """`CreatableTopicConfigs` of CreateTopicsResponse."""

    name: Annotated[str, string("5+")] = ""
    value: Annotated[str | None, string("5+", nullable="5+")] = ""
    read_only: Annotated[bool, boolean("5+")] = False
    config_source: Annotated[int, int8("5+")] = -1
    is_sensitive: Annotated[bool, boolean("5+")] = False


class CreatableTopicResult(Struct):
    """`CreatableTopicResult` of CreateTopicsResponse."""

    name: Annotated[str, string("0+")] = ""
    topic_id: Annotated[Uuid, uuid("7+")] = ZERO_UUID
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("1+", nullable="0+")] = ""
    topic_config_error_code: Annotated[int, int16("5+", tag=0, tagged="5+")] = 0
    num_partitions: Annotated[int, int32("5+")] = -1
    replication_factor: Annotated[int, int16("5+")] = -1
    configs: Annotated[list[CreatableTopicConfigs] | None, array(CreatableTopicConfigs, "5+", nullable="5+")] = []


class CreateTopicsResponse(Message, key=19, versions="2-7", flexible="5+"):
    """CreateTopicsResponse, versions 2-7."""

    throttle_time_ms: Annotated[int, int32("2+")] = 0
    topics: Annotated[list[CreatableTopicResult], array(CreatableTopicResult, "0+")] = []
