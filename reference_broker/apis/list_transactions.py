"""ListTransactions: the transactional ids that this broker coordinates (KIP-664).

Versions  v1 the least duration (KIP-994); v2 a pattern for the whole transactional id (KIP-1152).
Errors    COORDINATOR_LOAD_IN_PROGRESS, INVALID_REGULAR_EXPRESSION. A state that is not known is no error: the answer
          names it.
Source    KafkaApis.handleListTransactionsRequest, TransactionStateManager.listTransactionStates
"""

from __future__ import annotations

from kafka_conformance.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from kafka_conformance.reference_broker.cluster.context import Context


def list_transactions(ctx: Context, request: ListTransactionsRequest) -> ListTransactionsResponse:
    """Answer ListTransactions."""
    return ctx.broker.transactions.list_transactions(request)
