"""StreamsGroupTopologyDescriptionUpdate (API key 93).

Source    Kafka 4.4, StreamsGroupTopologyDescriptionUpdateRequest.json,
          StreamsGroupTopologyDescriptionUpdateResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, string, struct


class TopologyDescriptionNode(Struct):
    """`TopologyDescriptionNode` of StreamsGroupTopologyDescriptionUpdateRequest."""

    name: Annotated[str, string("0+")] = ""
    node_type: Annotated[int, int8("0+")] = 0
    source_topics: Annotated[list[str], array("string", "0+")] = []
    sink_topic: Annotated[str | None, string("0+", nullable="0+")] = None
    stores: Annotated[list[str], array("string", "0+")] = []
    successors: Annotated[list[str], array("string", "0+")] = []


class TopologyDescriptionSubtopology(Struct):
    """`TopologyDescriptionSubtopology` of StreamsGroupTopologyDescriptionUpdateRequest."""

    subtopology_id: Annotated[str, string("0+")] = ""
    nodes: Annotated[list[TopologyDescriptionNode], array(TopologyDescriptionNode, "0+")] = []


class TopologyDescriptionGlobalStore(Struct):
    """`TopologyDescriptionGlobalStore` of StreamsGroupTopologyDescriptionUpdateRequest."""

    source: Annotated[TopologyDescriptionNode, struct(TopologyDescriptionNode, "0+")] = TopologyDescriptionNode()
    processor: Annotated[TopologyDescriptionNode, struct(TopologyDescriptionNode, "0+")] = TopologyDescriptionNode()


class TopologyDescription(Struct):
    """`TopologyDescription` of StreamsGroupTopologyDescriptionUpdateRequest."""

    subtopologies: Annotated[list[TopologyDescriptionSubtopology], array(TopologyDescriptionSubtopology, "0+")] = []
    global_stores: Annotated[list[TopologyDescriptionGlobalStore], array(TopologyDescriptionGlobalStore, "0+")] = []


class StreamsGroupTopologyDescriptionUpdateRequest(Message, key=93, versions="0", flexible="0+"):
    """StreamsGroupTopologyDescriptionUpdateRequest, versions 0."""

    group_id: Annotated[str, string("0+")] = ""
    member_id: Annotated[str, string("0+")] = ""
    topology_epoch: Annotated[int, int32("0+")] = 0
    topology_description: Annotated[TopologyDescription, struct(TopologyDescription, "0+")] = TopologyDescription()


class StreamsGroupTopologyDescriptionUpdateResponse(Message, key=93, versions="0", flexible="0+"):
    """StreamsGroupTopologyDescriptionUpdateResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
