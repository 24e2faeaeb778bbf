"""UnregisterBroker (API key 64).

Source    Kafka 4.3, UnregisterBrokerRequest.json, UnregisterBrokerResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, int16, int32, string


class UnregisterBrokerRequest(Message, key=64, versions="0", flexible="0+"):
    """UnregisterBrokerRequest, versions 0."""

    broker_id: Annotated[int, int32("0+")] = 0


class UnregisterBrokerResponse(Message, key=64, versions="0", flexible="0+"):
    """UnregisterBrokerResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
