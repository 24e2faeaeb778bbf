"""ListTransactions (API key 66).

Versions  v1 request duration_filter. v2 request transactional_id_pattern.
Source    Kafka 4.3, ListTransactionsRequest.json, ListTransactionsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, int64, string


class ListTransactionsRequest(Message, key=66, versions="0-2", flexible="0+"):
    """ListTransactionsRequest, versions 0-2."""

    state_filters: Annotated[list[str], array("string", "0+")] = []
    producer_id_filters: Annotated[list[int], array("int64", "0+")] = []
    duration_filter: Annotated[int, int64("1+")] = -1
    transactional_id_pattern: Annotated[str | None, string("2+", nullable="2+")] = None


class TransactionState(Struct):
    """`TransactionState` of ListTransactionsResponse."""

    transactional_id: Annotated[str, string("0+")] = ""
    producer_id: Annotated[int, int64("0+")] = 0
    transaction_state: Annotated[str, string("0+")] = ""


class ListTransactionsResponse(Message, key=66, versions="0-2", flexible="0+"):
    """ListTransactionsResponse, versions 0-2."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    unknown_state_filters: Annotated[list[str], array("string", "0+")] = []
    transaction_states: Annotated[list[TransactionState], array(TransactionState, "0+")] = []
