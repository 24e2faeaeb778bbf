"""SaslAuthenticate: on a listener without SASL it comes too late.

Errors    ILLEGAL_SASL_STATE (observed on 4.3.1).
Source    KafkaApis.handleSaslAuthenticateRequest
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from kafka_conformance.reference_broker.cluster.context import Context

_TOO_LATE = "SaslAuthenticate request received after successful authentication"


def sasl_authenticate(ctx: Context, request: SaslAuthenticateRequest) -> SaslAuthenticateResponse:
    """Answer SaslAuthenticate."""
    return SaslAuthenticateResponse(error_code=ErrorCode.ILLEGAL_SASL_STATE, error_message=_TOO_LATE)
