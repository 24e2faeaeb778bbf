"""SaslAuthenticate (API key 36).

Versions  v1 response session_lifetime_ms. v2 flexible.
Source    Kafka 4.3, SaslAuthenticateRequest.json, SaslAuthenticateResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, bytestring, int16, int64, string


class SaslAuthenticateRequest(Message, key=36, versions="0-2", flexible="2+"):
    """SaslAuthenticateRequest, versions 0-2."""

    auth_bytes: Annotated[bytes, bytestring("0+")] = b""


class SaslAuthenticateResponse(Message, key=36, versions="0-2", flexible="2+"):
    """SaslAuthenticateResponse, versions 0-2."""

    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    auth_bytes: Annotated[bytes, bytestring("0+")] = b""
    session_lifetime_ms: Annotated[int, int64("1+")] = 0
