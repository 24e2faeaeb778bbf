"""SaslHandshake: on a listener without SASL it comes too late.

Errors    ILLEGAL_SASL_STATE, with no mechanisms (observed on 4.3.1).
Source    KafkaApis.handleSaslHandshakeRequest
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from kafka_conformance.reference_broker.cluster.context import Context


def sasl_handshake(ctx: Context, request: SaslHandshakeRequest) -> SaslHandshakeResponse:
    """Answer SaslHandshake."""
    return SaslHandshakeResponse(error_code=ErrorCode.ILLEGAL_SASL_STATE)
