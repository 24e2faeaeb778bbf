"""Frames as short text: what a person reads in a timeline. Bytes that do not decode are shown as such, never raised."""

from __future__ import annotations

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.catalogue import request_type
from kafka_conformance.protocol.codec import decode_message
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.frames import decode_request_header, decode_response
from kafka_conformance.protocol.layout import Message

MAX_CHARACTERS = 600


def request_key(frame: bytes) -> tuple[int, int] | None:
    """API key and version of a request frame with its size, or None where the bytes end before them."""
    if len(frame) < 8:
        return None
    return int.from_bytes(frame[4:6], "big", signed=True), int.from_bytes(frame[6:8], "big", signed=True)


def api_name(frame: bytes) -> str:
    """ "Produce v9"; a key that Kafka does not have as a number."""
    found = request_key(frame)
    if found is None:
        return f"{len(frame)} bytes"
    key, version = found
    known = key in ApiKey.__members__.values()
    name = ApiKey(key).name.title().replace("_", "") if known else f"API {key}"
    return f"{name} v{version}"


def decode_request(frame: bytes) -> Message:
    """The message of a request frame with its size. Raises ProtocolError."""
    header, position = decode_request_header(memoryview(frame)[4:])
    message, _ = decode_message(request_type(header.api_key), header.api_version, memoryview(frame)[4:], position)
    return message


def request_summary(frame: bytes) -> str:
    """The fields that differ from their defaults."""
    try:
        return _cut(repr(decode_request(frame)))
    except ProtocolError as error:
        return f"{len(frame)} bytes that do not decode: {error}"


def answer_summary(request: bytes, answer: bytes) -> str:
    """The answer's fields that differ from their defaults."""
    found = request_key(request)
    try:
        if found is None:
            return f"{len(answer)} bytes"
        return _cut(repr(decode_answer(*found, answer)[1]))
    except ProtocolError as error:
        return f"{len(answer)} bytes that do not decode: {error}"


def decode_answer(key: int, version: int, frame: bytes) -> tuple[int, Message]:
    """A response as clients read it: an ApiVersions answer of error 35 is in v0, whatever was asked (KIP-511)."""
    unsupported = key == ApiKey.API_VERSIONS and frame[4:6] == b"\x00\x23"
    correlation_id, message = decode_response(key, 0 if unsupported else version, frame)
    return correlation_id, message


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"
