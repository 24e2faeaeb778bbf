"""UnregisterController (API key 94).

Source    Kafka 4.4, UnregisterControllerRequest.json, UnregisterControllerResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, int16, int32, string


class UnregisterControllerRequest(Message, key=94, versions="0", flexible="0+"):
    """UnregisterControllerRequest, versions 0."""

    controller_id: Annotated[int, int32("0+")] = 0


class UnregisterControllerResponse(Message, key=94, versions="0", flexible="0+"):
    """UnregisterControllerResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
