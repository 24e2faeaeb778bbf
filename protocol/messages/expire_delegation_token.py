"""ExpireDelegationToken (API key 40).

Versions  v2 flexible.
Source    Kafka 4.3, ExpireDelegationTokenRequest.json, ExpireDelegationTokenResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, bytestring, int16, int32, int64


class ExpireDelegationTokenRequest(Message, key=40, versions="1-2", flexible="2+"):
    """ExpireDelegationTokenRequest, versions 1-2."""

    hmac: Annotated[bytes, bytestring("0+")] = b""
    expiry_time_period_ms: Annotated[int, int64("0+")] = 0


class ExpireDelegationTokenResponse(Message, key=40, versions="1-2", flexible="2+"):
    """ExpireDelegationTokenResponse, versions 1-2."""

    error_code: Annotated[int, int16("0+")] = 0
    expiry_timestamp_ms: Annotated[int, int64("0+")] = 0
    throttle_time_ms: Annotated[int, int32("0+")] = 0
