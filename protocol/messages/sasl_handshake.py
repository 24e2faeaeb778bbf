"""SaslHandshake (API key 17).

Source    Kafka 4.3, SaslHandshakeRequest.json, SaslHandshakeResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, array, int16, string


class SaslHandshakeRequest(Message, key=17, versions="0-1"):
    """SaslHandshakeRequest, versions 0-1."""

    mechanism: Annotated[str, string("0+")] = ""


class SaslHandshakeResponse(Message, key=17, versions="0-1"):
    """SaslHandshakeResponse, versions 0-1."""

    error_code: Annotated[int, int16("0+")] = 0
    mechanisms: Annotated[list[str], array("string", "0+")] = []
