"""AddOffsetsToTxn: a transaction is about to commit offsets of a group.

Versions  v2 PRODUCER_FENCED; v3 flexible; v4 TRANSACTION_ABORTABLE (KIP-890). Not used with transactions v2, where
          TxnOffsetCommit adds the group's partition of __consumer_offsets by the way.
Errors    those of the transaction coordinator; below v2 INVALID_PRODUCER_EPOCH for PRODUCER_FENCED.
Source    KafkaApis.handleAddOffsetsToTxnRequest
"""

from __future__ import annotations

from collections.abc import Awaitable

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.topic_names import CONSUMER_OFFSETS
from kafka_conformance.reference_broker.groups.shapes import shaped
from kafka_conformance.reference_broker.transactions.decision import AddRequest, Producer

FIRST_VERSION_THAT_IS_FENCED = 2


class AddOffsetsToTxnRules(ApiRules):
    """What a broker decides about an AddOffsetsToTxn request."""

    def told_error(self, error: ErrorCode, version: int) -> ErrorCode:
        """What an older producer is told instead of PRODUCER_FENCED, which it does not know."""
        if error is ErrorCode.PRODUCER_FENCED and version < FIRST_VERSION_THAT_IS_FENCED:
            return ErrorCode.INVALID_PRODUCER_EPOCH
        return error


def add_offsets_to_txn(
    ctx: Context, request: AddOffsetsToTxnRequest
) -> AddOffsetsToTxnResponse | Awaitable[AddOffsetsToTxnResponse]:
    """Answer AddOffsetsToTxn."""
    broker = ctx.broker
    rules = broker.rules.of(AddOffsetsToTxnRules)
    wanted = AddRequest(
        request.transactional_id,
        Producer(request.producer_id, request.producer_epoch),
        frozenset({(CONSUMER_OFFSETS, broker.groups.partition_for(request.group_id))}),
    )
    return shaped(
        broker.transactions.add_partitions(wanted),
        lambda error: AddOffsetsToTxnResponse(error_code=rules.told_error(error, ctx.api_version)),
    )
