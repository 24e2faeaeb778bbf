"""DescribeTransactions: the state of transactional ids, asked of their coordinator (KIP-664).

Versions  v0.
Errors    of each id: INVALID_REQUEST for an empty one, TRANSACTIONAL_ID_NOT_FOUND, NOT_COORDINATOR,
          COORDINATOR_LOAD_IN_PROGRESS.
Source    KafkaApis.handleDescribeTransactionsRequest
"""

from __future__ import annotations

from kafka_conformance.protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
)
from kafka_conformance.reference_broker.cluster.context import Context


def describe_transactions(ctx: Context, request: DescribeTransactionsRequest) -> DescribeTransactionsResponse:
    """Answer DescribeTransactions."""
    return DescribeTransactionsResponse(
        transaction_states=[ctx.broker.transactions.describe(each) for each in request.transactional_ids]
    )
