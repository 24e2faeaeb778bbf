"""StreamsGroupDescribe (API key 89).

Versions  v1 request include_topology_description; response topology_description, topology_description_status,
          assignor_name, subtopologies, global_stores, subtopology_id.
Source    Kafka 4.3, StreamsGroupDescribeRequest.json, StreamsGroupDescribeResponse.json
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


class StreamsGroupDescribeRequest(Message, key=89, versions="0-1", flexible="0+"):
    """StreamsGroupDescribeRequest, versions 0-1."""

    group_ids: Annotated[list[str], array("string", "0+")] = []
    include_authorized_operations: Annotated[bool, boolean("0+")] = False
    include_topology_description: Annotated[bool, boolean("1+")] = False


class KeyValue(Struct):
    """`KeyValue` of StreamsGroupDescribeResponse."""

    key: Annotated[str, string("0+")] = ""
    value: Annotated[str, string("0+")] = ""


class TopicInfo(Struct):
    """`TopicInfo` of StreamsGroupDescribeResponse."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[int, int32("0+")] = 0
    replication_factor: Annotated[int, int16("0+")] = 0
    topic_configs: Annotated[list[KeyValue], array(KeyValue, "0+")] = []


class Subtopology(Struct):
    """`Subtopology` of StreamsGroupDescribeResponse."""

    subtopology_id: Annotated[str, string("0+")] = ""
    source_topics: Annotated[list[str], array("string", "0+")] = []
    repartition_sink_topics: Annotated[list[str], array("string", "0+")] = []
    state_changelog_topics: Annotated[list[TopicInfo], array(TopicInfo, "0+")] = []
    repartition_source_topics: Annotated[list[TopicInfo], array(TopicInfo, "0+")] = []


class Topology(Struct):
    """`Topology` of StreamsGroupDescribeResponse."""

    epoch: Annotated[int, int32("0+")] = 0
    subtopologies: Annotated[list[Subtopology] | None, array(Subtopology, "0+", nullable="0+")] = None


class Endpoint(Struct):
    """`Endpoint` of StreamsGroupDescribeResponse."""

    host: Annotated[str, string("0+")] = ""
    port: Annotated[int, uint16("0+")] = 0


class TaskOffset(Struct):
    """`TaskOffset` of StreamsGroupDescribeResponse."""

    subtopology_id: Annotated[str, string("0+")] = ""
    partition: Annotated[int, int32("0+")] = 0
    offset: Annotated[int, int64("0+")] = 0


class TaskIds(Struct):
    """`TaskIds` of StreamsGroupDescribeResponse."""

    subtopology_id: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class Assignment(Struct):
    """`Assignment` of StreamsGroupDescribeResponse."""

    active_tasks: Annotated[list[TaskIds], array(TaskIds, "0+")] = []
    standby_tasks: Annotated[list[TaskIds], array(TaskIds, "0+")] = []
    warmup_tasks: Annotated[list[TaskIds], array(TaskIds, "0+")] = []


class Member(Struct):
    """`Member` of StreamsGroupDescribeResponse."""

    member_id: Annotated[str, string("0+")] = ""
    member_epoch: Annotated[int, int32("0+")] = 0
    instance_id: Annotated[str | None, string("0+", nullable="0+")] = None
    rack_id: Annotated[str | None, string("0+", nullable="0+")] = None
    client_id: Annotated[str, string("0+")] = ""
    client_host: Annotated[str, string("0+")] = ""
    topology_epoch: Annotated[int, int32("0+")] = 0
    process_id: Annotated[str, string("0+")] = ""
    user_endpoint: Annotated[Endpoint | None, struct(Endpoint, "0+", nullable="0+")] = None
    client_tags: Annotated[list[KeyValue], array(KeyValue, "0+")] = []
    task_offsets: Annotated[list[TaskOffset], array(TaskOffset, "0+")] = []
    task_end_offsets: Annotated[list[TaskOffset], array(TaskOffset, "0+")] = []
    assignment: Annotated[Assignment, struct(Assignment, "0+")] = Assignment()
    target_assignment: Annotated[Assignment, struct(Assignment, "0+")] = Assignment()
    is_classic: Annotated[bool, boolean("0+")] = False


class TopologyDescriptionNode(Struct):
    """`TopologyDescriptionNode` of StreamsGroupDescribeResponse."""

    name: Annotated[str, string("1+")] = ""
    node_type: Annotated[int, int8("1+")] = 0
    source_topics: Annotated[list[str], array("string", "1+")] = []
    sink_topic: Annotated[str | None, string("1+", nullable="1+")] = None
    stores: Annotated[list[str], array("string", "1+")] = []
    successors: Annotated[list[str], array("string", "1+")] = []


class TopologyDescriptionSubtopology(Struct):
    """`TopologyDescriptionSubtopology` of StreamsGroupDescribeResponse."""

    subtopology_id: Annotated[str, string("1+")] = ""
    nodes: Annotated[list[TopologyDescriptionNode], array(TopologyDescriptionNode, "1+")] = []


class TopologyDescriptionGlobalStore(Struct):
    """`TopologyDescriptionGlobalStore` of StreamsGroupDescribeResponse."""

    source: Annotated[TopologyDescriptionNode, struct(TopologyDescriptionNode, "1+")] = TopologyDescriptionNode()
    processor: Annotated[TopologyDescriptionNode, struct(TopologyDescriptionNode, "1+")] = TopologyDescriptionNode()


class TopologyDescription(Struct):
    """`TopologyDescription` of StreamsGroupDescribeResponse."""

    subtopologies: Annotated[list[TopologyDescriptionSubtopology], array(TopologyDescriptionSubtopology, "1+")] = []
    global_stores: Annotated[list[TopologyDescriptionGlobalStore], array(TopologyDescriptionGlobalStore, "1+")] = []


class DescribedGroup(Struct):
    """`DescribedGroup` of StreamsGroupDescribeResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    group_id: Annotated[str, string("0+")] = ""
    group_state: Annotated[str, string("0+")] = ""
    group_epoch: Annotated[int, int32("0+")] = 0
    assignment_epoch: Annotated[int, int32("0+")] = 0
    topology: Annotated[Topology | None, struct(Topology, "0+", nullable="0+")] = None
    members: Annotated[list[Member], array(Member, "0+")] = []
    authorized_operations: Annotated[int, int32("0+")] = -0x80000000
    topology_description: Annotated[TopologyDescription | None, struct(TopologyDescription, "1+", nullable="1+")] = None
    topology_description_status: Annotated[int, int8("1+")] = 0
    assignor_name: Annotated[str | None, string("1+", nullable="1+")] = None


class StreamsGroupDescribeResponse(Message, key=89, versions="0-1", flexible="0+"):
    """StreamsGroupDescribeResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    groups: Annotated[list[DescribedGroup], array(DescribedGroup, "0+")] = []
