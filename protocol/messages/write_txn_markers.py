"""WriteTxnMarkers (API key 27).

Versions  v2 request transaction_version.
Source    Kafka 4.3, WriteTxnMarkersRequest.json, WriteTxnMarkersResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int8, int16, int32, int64, string


class WritableTxnMarkerTopic(Struct):
    """`WritableTxnMarkerTopic` of WriteTxnMarkersRequest."""

    name: Annotated[str, string("0+")] = ""
    partition_indexes: Annotated[list[int], array("int32", "0+")] = []


class WritableTxnMarker(Struct):
    """`WritableTxnMarker` of WriteTxnMarkersRequest."""

    producer_id: Annotated[int, int64("0+")] = 0
    producer_epoch: Annotated[int, int16("0+")] = 0
    transaction_result: Annotated[bool, boolean("0+")] = False
    topics: Annotated[list[WritableTxnMarkerTopic], array(WritableTxnMarkerTopic, "0+")] = []
    coordinator_epoch: Annotated[int, int32("0+")] = 0
    transaction_version: Annotated[int, int8("2+")] = 0


class WriteTxnMarkersRequest(Message, key=27, versions="1-2", flexible="1+"):
    """WriteTxnMarkersRequest, versions 1-2."""

    markers: Annotated[list[WritableTxnMarker], array(WritableTxnMarker, "0+")] = []


class WritableTxnMarkerPartitionResult(Struct):
    """`WritableTxnMarkerPartitionResult` of WriteTxnMarkersResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0


class WritableTxnMarkerTopicResult(Struct):
    """`WritableTxnMarkerTopicResult` of WriteTxnMarkersResponse."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[WritableTxnMarkerPartitionResult], array(WritableTxnMarkerPartitionResult, "0+")] = []


class WritableTxnMarkerResult(Struct):
    """`WritableTxnMarkerResult` of WriteTxnMarkersResponse."""

    producer_id: Annotated[int, int64("0+")] = 0
    topics: Annotated[list[WritableTxnMarkerTopicResult], array(WritableTxnMarkerTopicResult, "0+")] = []


class WriteTxnMarkersResponse(Message, key=27, versions="1-2", flexible="1+"):
    """WriteTxnMarkersResponse, versions 1-2."""

    markers: Annotated[list[WritableTxnMarkerResult], array(WritableTxnMarkerResult, "0+")] = []
