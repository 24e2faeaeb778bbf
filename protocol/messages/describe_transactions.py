"""DescribeTransactions (API key 65).

Source    Kafka 4.3, DescribeTransactionsRequest.json, DescribeTransactionsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string


class DescribeTransactionsRequest(Message, key=65, versions="0", flexible="0+"):
    """DescribeTransactionsRequest, versions 0."""

    transactional_ids: Annotated[list[str], array("string", "0+")] = []


class TopicData(Struct):
    """`TopicData` of DescribeTransactionsResponse."""

    topic: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class TransactionState(Struct):
    """`TransactionState` of DescribeTransactionsResponse."""

    error_code: Annotated[int, int16("0+")] = 0
    transactional_id: Annotated[str, string("0+")] = ""
    transaction_state: Annotated[str, string("0+")] = ""
    transaction_timeout_ms: Annotated[int, int32("0+")] = 0
    transaction_start_time_ms: Annotated[int, int64("0+")] = 0
    producer_id: Annotated[int, int64("0+")] = 0
    producer_epoch: Annotated[int, int16("0+")] = 0
    topics: Annotated[list[TopicData], array(TopicData, "0+")] = []


class DescribeTransactionsResponse(Message, key=65, versions="0", flexible="0+"):
    """DescribeTransactionsResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    transaction_states: Annotated[list[TransactionState], array(TransactionState, "0+")] = []
