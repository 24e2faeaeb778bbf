"""InitProducerId (API key 22).

Versions  v2 flexible. v3 request producer_id, producer_epoch. v6 request enable2_pc, keep_prepared_txn; response
          ongoing_txn_producer_id, ongoing_txn_producer_epoch.
Source    Kafka 4.3, InitProducerIdRequest.json, InitProducerIdResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, boolean, int16, int32, int64, string


class InitProducerIdRequest(Message, key=22, versions="0-6", flexible="2+"):
    """InitProducerIdRequest, versions 0-6."""

    transactional_id: Annotated[str | None, string("0+", nullable="0+")] = ""
    transaction_timeout_ms: Annotated[int, int32("0+")] = 0
    producer_id: Annotated[int, int64("3+")] = -1
    producer_epoch: Annotated[int, int16("3+")] = -1
    enable2_pc: Annotated[bool, boolean("6+")] = False
    keep_prepared_txn: Annotated[bool, boolean("6+")] = False


class InitProducerIdResponse(Message, key=22, versions="0-6", flexible="2+"):
    """InitProducerIdResponse, versions 0-6."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    producer_id: Annotated[int, int64("0+")] = -1
    producer_epoch: Annotated[int, int16("0+")] = 0
    ongoing_txn_producer_id: Annotated[int, int64("6+")] = -1
    ongoing_txn_producer_epoch: Annotated[int, int16("6+")] = -1
