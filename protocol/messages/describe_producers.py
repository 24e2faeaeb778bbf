"""DescribeProducers (API key 61).

Source    Kafka 4.3, DescribeProducersRequest.json, DescribeProducersResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string


class TopicRequest(Struct):
    """`TopicRequest` of DescribeProducersRequest."""

    name: Annotated[str, string("0+")] = ""
    partition_indexes: Annotated[list[int], array("int32", "0+")] = []


class DescribeProducersRequest(Message, key=61, versions="0", flexible="0+"):
    """DescribeProducersRequest, versions 0."""

    topics: Annotated[list[TopicRequest], array(TopicRequest, "0+")] = []


class ProducerState(Struct):
    """`ProducerState` of DescribeProducersResponse."""

    producer_id: Annotated[int, int64("0+")] = 0
    producer_epoch: Annotated[int, int32("0+")] = 0
    last_sequence: Annotated[int, int32("0+")] = -1
    last_timestamp: Annotated[int, int64("0+")] = -1
    coordinator_epoch: Annotated[int, int32("0+")] = 0
    current_txn_start_offset: Annotated[int, int64("0+")] = -1


class PartitionResponse(Struct):
    """`PartitionResponse` of DescribeProducersResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = None
    active_producers: Annotated[list[ProducerState], array(ProducerState, "0+")] = []


class TopicResponse(Struct):
    """`TopicResponse` of DescribeProducersResponse."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[PartitionResponse], array(PartitionResponse, "0+")] = []


class DescribeProducersResponse(Message, key=61, versions="0", flexible="0+"):
    """DescribeProducersResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    topics: Annotated[list[TopicResponse], array(TopicResponse, "0+")] = []
