"""AddPartitionsToTxn (API key 24).

Versions  v3 flexible. v4 request transactions, no v3_and_below_transactional_id, no v3_and_below_producer_id, no
          v3_and_below_producer_epoch, no v3_and_below_topics; response error_code, results_by_transaction, no
          results_by_topic_v3_and_below.
Source    Kafka 4.3, AddPartitionsToTxnRequest.json, AddPartitionsToTxnResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, int64, string


class AddPartitionsToTxnTopic(Struct):
    """`AddPartitionsToTxnTopic` of AddPartitionsToTxnRequest."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class AddPartitionsToTxnTransaction(Struct):
    """`AddPartitionsToTxnTransaction` of AddPartitionsToTxnRequest."""

    transactional_id: Annotated[str, string("4+")] = ""
    producer_id: Annotated[int, int64("4+")] = 0
    producer_epoch: Annotated[int, int16("4+")] = 0
    verify_only: Annotated[bool, boolean("4+")] = False
    topics: Annotated[list[AddPartitionsToTxnTopic], array(AddPartitionsToTxnTopic, "4+")] = []


class AddPartitionsToTxnRequest(Message, key=24, versions="0-5", flexible="3+"):
    """AddPartitionsToTxnRequest, versions 0-5."""

    transactions: Annotated[list[AddPartitionsToTxnTransaction], array(AddPartitionsToTxnTransaction, "4+")] = []
    v3_and_below_transactional_id: Annotated[str, string("0-3")] = ""
    v3_and_below_producer_id: Annotated[int, int64("0-3")] = 0
    v3_and_below_producer_epoch: Annotated[int, int16("0-3")] = 0
    v3_and_below_topics: Annotated[list[AddPartitionsToTxnTopic], array(AddPartitionsToTxnTopic, "0-3")] = []


class AddPartitionsToTxnPartitionResult(Struct):
    """`AddPartitionsToTxnPartitionResult` of AddPartitionsToTxnResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    partition_error_code: Annotated[int, int16("0+")] = 0


class AddPartitionsToTxnTopicResult(Struct):
    """`AddPartitionsToTxnTopicResult` of AddPartitionsToTxnResponse."""

    name: Annotated[str, string("0+")] = ""
    results_by_partition: Annotated[
        list[AddPartitionsToTxnPartitionResult], array(AddPartitionsToTxnPartitionResult, "0+")
    ] = []


class AddPartitionsToTxnResult(Struct):
    """`AddPartitionsToTxnResult` of AddPartitionsToTxnResponse."""

    transactional_id: Annotated[str, string("4+")] = ""
    topic_results: Annotated[list[AddPartitionsToTxnTopicResult], array(AddPartitionsToTxnTopicResult, "4+")] = []


class AddPartitionsToTxnResponse(Message, key=24, versions="0-5", flexible="3+"):
    """AddPartitionsToTxnResponse, versions 0-5."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("4+")] = 0
    results_by_transaction: Annotated[list[AddPartitionsToTxnResult], array(AddPartitionsToTxnResult, "4+")] = []
    results_by_topic_v3_and_below: Annotated[
        list[AddPartitionsToTxnTopicResult], array(AddPartitionsToTxnTopicResult, "0-3")
    ] = []
