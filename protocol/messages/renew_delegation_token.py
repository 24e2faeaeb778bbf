"""RenewDelegationToken (API key 39).

Versions  v2 flexible.
Source    Kafka 4.3, RenewDelegationTokenRequest.json, RenewDelegationTokenResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, bytestring, int16, int32, int64


class RenewDelegationTokenRequest(Message, key=39, versions="1-2", flexible="2+"):
    """RenewDelegationTokenRequest, versions 1-2."""

    hmac: Annotated[bytes, bytestring("0+")] = b""
    renew_period_ms: Annotated[int, int64("0+")] = 0


class RenewDelegationTokenResponse(Message, key=39, versions="1-2", flexible="2+"):
    """RenewDelegationTokenResponse, versions 1-2."""

    error_code: Annotated[int, int16("0+")] = 0
    expiry_timestamp_ms: Annotated[int, int64("0+")] = 0
    throttle_time_ms: Annotated[int, int32("0+")] = 0
