"""EndTxn: a producer commits or aborts its transaction.

Versions  v2 PRODUCER_FENCED; v3 flexible; v4 TRANSACTION_ABORTABLE; v5 transactions v2 (KIP-890): every end bumps the
          epoch, and the answer names the producer id and epoch of the next transaction.
Errors    those of the transaction coordinator; below v2 INVALID_PRODUCER_EPOCH for PRODUCER_FENCED. It is answered when
          the decision is in the log; the markers follow.
Source    KafkaApis.handleEndTxnRequest
"""

from __future__ import annotations

from collections.abc import Awaitable

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.groups.shapes import shaped
from kafka_conformance.reference_broker.transactions.decision import EndRequest, Producer, ProducerAnswer
from kafka_conformance.reference_broker.transactions.metadata import TRANSACTIONS_V2

FIRST_VERSION_THAT_IS_FENCED = 2
FIRST_VERSION_OF_TRANSACTIONS_V2 = 5


class EndTxnRules(ApiRules):
    """What a broker decides about an EndTxn request."""

    def client_version(self, version: int) -> int:
        """By which protocol the transaction ends."""
        return TRANSACTIONS_V2 if version >= FIRST_VERSION_OF_TRANSACTIONS_V2 else 0

    def told_error(self, error: ErrorCode, version: int) -> ErrorCode:
        """What an older producer is told instead of PRODUCER_FENCED, which it does not know."""
        if error is ErrorCode.PRODUCER_FENCED and version < FIRST_VERSION_THAT_IS_FENCED:
            return ErrorCode.INVALID_PRODUCER_EPOCH
        return error


def end_txn(ctx: Context, request: EndTxnRequest) -> EndTxnResponse | Awaitable[EndTxnResponse]:
    """Answer EndTxn."""
    rules = ctx.broker.rules.of(EndTxnRules)
    wanted = EndRequest(
        request.transactional_id,
        Producer(request.producer_id, request.producer_epoch),
        request.committed,
        rules.client_version(ctx.api_version),
    )

    def shape(answer: ProducerAnswer) -> EndTxnResponse:
        return EndTxnResponse(
            error_code=rules.told_error(answer.error, ctx.api_version),
            producer_id=answer.producer.producer_id,
            producer_epoch=answer.producer.producer_epoch,
        )

    return shaped(ctx.broker.transactions.end(wanted), shape)
