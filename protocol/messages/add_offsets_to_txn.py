"""AddOffsetsToTxn (API key 25).

Versions  v3 flexible.
Source    Kafka 4.3, AddOffsetsToTxnRequest.json, AddOffsetsToTxnResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, int16, int32, int64, string


class AddOffsetsToTxnRequest(Message, key=25, versions="0-4", flexible="3+"):
    """AddOffsetsToTxnRequest, versions 0-4."""

    transactional_id: Annotated[str, string("0+")] = ""
    producer_id: Annotated[int, int64("0+")] = 0
    producer_epoch: Annotated[int, int16("0+")] = 0
    group_id: Annotated[str, string("0+")] = ""


class AddOffsetsToTxnResponse(Message, key=25, versions="0-4", flexible="3+"):
    """AddOffsetsToTxnResponse, versions 0-4."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
