"""AddPartitionsToTxn: a transaction is about to write to partitions.

Versions  v0-v3 from clients, one transaction; v2 PRODUCER_FENCED; v4 batches of transactions from brokers, which may
          also ask only whether the partitions belong to them; v5 TRANSACTION_ABORTABLE (KIP-890).
Errors    UNKNOWN_TOPIC_OR_PARTITION for a partition that does not exist, and OPERATION_NOT_ATTEMPTED for the others of
          its transaction; those of the transaction coordinator at every partition; below v2 INVALID_PRODUCER_EPOCH for
          PRODUCER_FENCED.
Source    KafkaApis.handleAddPartitionsToTxnRequest
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult,
    AddPartitionsToTxnTopicResult,
    AddPartitionsToTxnTransaction,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.groups.shapes import shaped, together
from kafka_conformance.reference_broker.transactions.decision import AddRequest, Producer
from kafka_conformance.reference_broker.transactions.metadata import TRANSACTIONS_V2, TopicPartition

FIRST_VERSION_THAT_IS_FENCED = 2
FIRST_BATCHED_VERSION = 4

Errors = Mapping[TopicPartition, ErrorCode]


class AddPartitionsToTxnRules(ApiRules):
    """What a broker decides about partitions that are to be added."""

    def partition_errors(self, image: MetadataImage, partitions: frozenset[TopicPartition]) -> Errors:
        """One partition that does not exist, and none is added."""
        missing = {each for each in partitions if image.partition(*each) is None}
        if not missing:
            return {}
        return {
            each: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if each in missing else ErrorCode.OPERATION_NOT_ATTEMPTED
            for each in partitions
        }

    def told_error(self, error: ErrorCode, version: int) -> ErrorCode:
        """What an older producer is told instead of PRODUCER_FENCED, which it does not know."""
        if error is ErrorCode.PRODUCER_FENCED and version < FIRST_VERSION_THAT_IS_FENCED:
            return ErrorCode.INVALID_PRODUCER_EPOCH
        return error


def add_partitions_to_txn(
    ctx: Context, request: AddPartitionsToTxnRequest
) -> AddPartitionsToTxnResponse | Awaitable[AddPartitionsToTxnResponse]:
    """Answer AddPartitionsToTxn."""
    results = [_add(ctx, transaction) for transaction in _transactions(request, ctx.api_version)]

    def shape(found: list[AddPartitionsToTxnResult]) -> AddPartitionsToTxnResponse:
        if ctx.api_version >= FIRST_BATCHED_VERSION:
            return AddPartitionsToTxnResponse(results_by_transaction=found)
        return AddPartitionsToTxnResponse(results_by_topic_v3_and_below=found[0].topic_results)

    return together(results, shape)


def _transactions(request: AddPartitionsToTxnRequest, version: int) -> list[AddPartitionsToTxnTransaction]:
    if version >= FIRST_BATCHED_VERSION:
        return request.transactions
    return [
        AddPartitionsToTxnTransaction(
            transactional_id=request.v3_and_below_transactional_id,
            producer_id=request.v3_and_below_producer_id,
            producer_epoch=request.v3_and_below_producer_epoch,
            topics=request.v3_and_below_topics,
        )
    ]


def _add(
    ctx: Context, transaction: AddPartitionsToTxnTransaction
) -> AddPartitionsToTxnResult | Awaitable[AddPartitionsToTxnResult]:
    rules = ctx.broker.rules.of(AddPartitionsToTxnRules)
    partitions = frozenset((topic.name, index) for topic in transaction.topics for index in topic.partitions)
    refused = rules.partition_errors(ctx.broker.image, partitions)
    if refused:
        return _result(transaction, refused)
    wanted = AddRequest(
        transaction.transactional_id,
        Producer(transaction.producer_id, transaction.producer_epoch),
        partitions,
        TRANSACTIONS_V2 if ctx.api_version >= FIRST_BATCHED_VERSION else 0,
    )
    if transaction.verify_only:
        return _result(transaction, ctx.broker.transactions.verify_partitions(wanted))
    return shaped(
        ctx.broker.transactions.add_partitions(wanted),
        lambda error: _result(transaction, dict.fromkeys(partitions, rules.told_error(error, ctx.api_version))),
    )


def _result(transaction: AddPartitionsToTxnTransaction, errors: Errors) -> AddPartitionsToTxnResult:
    """An error for each partition, as often as it is named."""
    topics: dict[str, list[AddPartitionsToTxnPartitionResult]] = {}
    for topic in transaction.topics:
        topics.setdefault(topic.name, []).extend(
            AddPartitionsToTxnPartitionResult(partition_index=index, partition_error_code=errors[topic.name, index])
            for index in topic.partitions
        )
    return AddPartitionsToTxnResult(
        transactional_id=transaction.transactional_id,
        topic_results=[
            AddPartitionsToTxnTopicResult(name=name, results_by_partition=found) for name, found in topics.items()
        ],
    )
