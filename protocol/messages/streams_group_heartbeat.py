"""StreamsGroupHeartbeat (API key 88).

Versions  v1 response no acceptable_recovery_lag_legacy, acceptable_recovery_lag, topology_description_required.
Source    Kafka 4.3, StreamsGroupHeartbeatRequest.json, StreamsGroupHeartbeatResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import (
    Message,
    Struct,
    array,
    boolean,
    int8,
    int16,
    int32,
    int64,
    string,
    struct,
    uint16,
)


class KeyValue(Struct):
    """`KeyValue` of StreamsGroupHeartbeatRequest."""

    key: Annotated[str, string("0+")] = ""
    value: Annotated[str, string("0+")] = ""


class TopicInfo(Struct):
    """`TopicInfo` of StreamsGroupHeartbeatRequest."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[int, int32("0+")] = 0
    replication_factor: Annotated[int, int16("0+")] = 0
    topic_configs: Annotated[list[KeyValue], array(KeyValue, "0+")] = []


class CopartitionGroup(Struct):
    """`CopartitionGroup` of StreamsGroupHeartbeatRequest."""

    source_topics: Annotated[list[int], array("int16", "0+")] = []
    source_topic_regex: Annotated[list[int], array("int16", "0+")] = []
    repartition_source_topics: Annotated[list[int], array("int16", "0+")] = []


class Subtopology(Struct):
    """`Subtopology` of StreamsGroupHeartbeatRequest."""

    subtopology_id: Annotated[str, string("0+")] = ""
    source_topics: Annotated[list[str], array("string", "0+")] = []
    source_topic_regex: Annotated[list[str], array("string", "0+")] = []
    state_changelog_topics: Annotated[list[TopicInfo], array(TopicInfo, "0+")] = []
    repartition_sink_topics: Annotated[list[str], array("string", "0+")] = []
    repartition_source_topics: Annotated[list[TopicInfo], array(TopicInfo, "0+")] = []
    copartition_groups: Annotated[list[CopartitionGroup], array(CopartitionGroup, "0+")] = []


class Topology(Struct):
    """`Topology` of StreamsGroupHeartbeatRequest."""

    epoch: Annotated[int, int32("0+")] = 0
    subtopologies: Annotated[list[Subtopology], array(Subtopology, "0+")] = []


class TaskIds(Struct):
    """`TaskIds` of StreamsGroupHeartbeatRequest and StreamsGroupHeartbeatResponse."""

    subtopology_id: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class Endpoint(Struct):
    """`Endpoint` of StreamsGroupHeartbeatRequest and StreamsGroupHeartbeatResponse."""

    host: Annotated[str, string("0+")] = ""
    port: Annotated[int, uint16("0+")] = 0


class TaskOffset(Struct):
    """`TaskOffset` of StreamsGroupHeartbeatRequest."""

    subtopology_id: Annotated[str, string("0+")] = ""
    partition: Annotated[int, int32("0+")] = 0
    offset: Annotated[int, int64("0+")] = 0


class StreamsGroupHeartbeatRequest(Message, key=88, versions="0-1", flexible="0+"):
    """StreamsGroupHeartbeatRequest, versions 0-1."""

    group_id: Annotated[str, string("0+")] = ""
    member_id: Annotated[str, string("0+")] = ""
    member_epoch: Annotated[int, int32("0+")] = 0
    endpoint_information_epoch: Annotated[int, int32("0+")] = 0
    instance_id: Annotated[str | None, string("0+", nullable="0+")] = None
    rack_id: Annotated[str | None, string("0+", nullable="0+")] = None
    rebalance_timeout_ms: Annotated[int, int32("0+")] = -1
    topology: Annotated[Topology | None, struct(Topology, "0+", nullable="0+")] = None
    active_tasks: Annotated[list[TaskIds] | None, array(TaskIds, "0+", nullable="0+")] = None
    standby_tasks: Annotated[list[TaskIds] | None, array(TaskIds, "0+", nullable="0+")] = None
    warmup_tasks: Annotated[list[TaskIds] | None, array(TaskIds, "0+", nullable="0+")] = None
    process_id: Annotated[str | None, string("0+", nullable="0+")] = None
    user_endpoint: Annotated[Endpoint | None, struct(Endpoint, "0+", nullable="0+")] = None
    client_tags: Annotated[list[KeyValue] | None, array(KeyValue, "0+", nullable="0+")] = None
    task_offsets: Annotated[list[TaskOffset] | None, array(TaskOffset, "0+", nullable="0+")] = None
    task_end_offsets: Annotated[list[TaskOffset] | None, array(TaskOffset, "0+", nullable="0+")] = None
    shutdown_application: Annotated[bool, boolean("0+")] = False


class Status(Struct):
    """`Status` of StreamsGroupHeartbeatResponse."""

    status_code: Annotated[int, int8("0+")] = 0
    status_detail: Annotated[str, string("0+")] = ""


class TopicPartition(Struct):
    """`TopicPartition` of StreamsGroupHeartbeatResponse."""

    topic: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class EndpointToPartitions(Struct):
    """`EndpointToPartitions` of StreamsGroupHeartbeatResponse."""

    user_endpoint: Annotated[Endpoint, struct(Endpoint, "0+")] = Endpoint()
    active_partitions: Annotated[list[TopicPartition], array(TopicPartition, "0+")] = []
    standby_partitions: Annotated[list[TopicPartition], array(TopicPartition, "0+")] = []


class StreamsGroupHeartbeatResponse(Message, key=88, versions="0-1", flexible="0+"):
    """StreamsGroupHeartbeatResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    member_id: Annotated[str, string("0+")] = ""
    member_epoch: Annotated[int, int32("0+")] = 0
    heartbeat_interval_ms: Annotated[int, int32("0+")] = 0
    acceptable_recovery_lag_legacy: Annotated[int, int32("0")] = 0
    task_offset_interval_ms: Annotated[int, int32("0+")] = 0
    acceptable_recovery_lag: Annotated[int, int64("1+")] = -1
    status: Annotated[list[Status] | None, array(Status, "0+", nullable="0+")] = []
    active_tasks: Annotated[list[TaskIds] | None, array(TaskIds, "0+", nullable="0+")] = None
    standby_tasks: Annotated[list[TaskIds] | None, array(TaskIds, "0+", nullable="0+")] = None
    warmup_tasks: Annotated[list[TaskIds] | None, array(TaskIds, "0+", nullable="0+")] = None
    topology_description_required: Annotated[bool, boolean("1+")] = False
    endpoint_information_epoch: Annotated[int, int32("0+")] = 0
    partitions_by_user_endpoint: Annotated[
        list[EndpointToPartitions] | None, array(EndpointToPartitions, "0+", nullable="0+")
    ] = None
