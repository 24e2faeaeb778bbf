"""EndTxn (API key 26).

Versions  v3 flexible. v5 response producer_id, producer_epoch.
Source    Kafka 4.3, EndTxnRequest.json, EndTxnResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, boolean, int16, int32, int64, string


class EndTxnRequest(Message, key=26, versions="0-5", flexible="3+"):
    """EndTxnRequest, versions 0-5."""

    transactional_id: Annotated[str, string("0+")] = ""
    producer_id: Annotated[int, int64("0+")] = 0
    producer_epoch: Annotated[int, int16("0+")] = 0
    committed: Annotated[bool, boolean("0+")] = False


class EndTxnResponse(Message, key=26, versions="0-5", flexible="3+"):
    """EndTxnResponse, versions 0-5."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    producer_id: Annotated[int, int64("5+")] = -1
    producer_epoch: Annotated[int, int16("5+")] = -1
