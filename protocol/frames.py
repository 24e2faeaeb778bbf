"""Frames: a size, a header, a message.

Request header v1 has key, version, correlation id and client id; v2, of flexible versions, adds tagged fields.
Response header v0 is the correlation id; v1 adds tagged fields, but ApiVersions always answers with v0, so that a
client can read the answer to a version that the broker does not know (KIP-511).
Source: RequestHeader.json, ResponseHeader.json, ApiMessageTypeGenerator.
"""

from __future__ import annotations

from struct import Struct as Packing
from struct import error as StructError
from typing import Any, NamedTuple

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.catalogue import is_flexible, response_type
from kafka_conformance.protocol.codec import decode_message, encode_onto
from kafka_conformance.protocol.errors import MalformedError, ProtocolError, TruncatedError
from kafka_conformance.protocol.layout import Buffer, Message
from kafka_conformance.protocol.primitives import read_unsigned_varint

MAX_FRAME_BYTES = 104857600
"""socket.request.max.bytes of Apache Kafka."""

_REQUEST = Packing(">hhih")
_RESPONSE = Packing(">ii")
_SIZE = Packing(">i")


class RequestHeader(NamedTuple):
    """What stands in front of every request."""

    api_key: int
    api_version: int
    correlation_id: int
    client_id: str | None


def encode_request(message: Message, version: int, correlation_id: int, client_id: str | None) -> list[Buffer]:
    """Encode a request as one frame, its size included. Raises EncodeError, UnsupportedVersionError."""
    name = client_id.encode() if client_id is not None else b""
    length = len(name) if client_id is not None else -1
    header = bytearray(4) + _REQUEST.pack(message.api_key, version, correlation_id, length) + name
    if version in type(message).flexible_versions:
        header.append(0)
    return _sized(header, message, version)


def encode_response(message: Message, version: int, correlation_id: int) -> list[Buffer]:
    """Encode a response as one frame, its size included. Raises EncodeError, UnsupportedVersionError."""
    header = bytearray(_RESPONSE.pack(0, correlation_id))
    if version in type(message).flexible_versions and message.api_key != ApiKey.API_VERSIONS:
        header.append(0)
    return _sized(header, message, version)


def _sized(header: bytearray, message: Message, version: int) -> list[Buffer]:
    parts: list[Buffer] = [header]
    encode_onto(message, version, parts)
    if len(parts) == 2:
        header += parts.pop()
    _SIZE.pack_into(header, 0, sum(map(len, parts)) - 4)
    return parts


def decode_request_header(frame: Buffer) -> tuple[RequestHeader, int]:
    """Decode the header of a request frame, without its size; return it with the position of the body.

    Raises ProtocolError; UnsupportedVersionError for an API key that no Kafka broker has.
    """
    try:
        key, version, correlation_id, length = _REQUEST.unpack_from(frame)
        position = 10 + max(length, 0)
        if position > len(frame):
            raise TruncatedError(f"request header: a client id of {length} bytes", position=10)
        client_id = str(frame[10:position], "utf-8") if length >= 0 else None
        if is_flexible(key, version):
            position = position + 1 if frame[position] == 0 else _skip_tags(frame, position)
    except (StructError, IndexError):
        raise TruncatedError("request header: the bytes end within", position=0) from None
    except UnicodeDecodeError:
        raise MalformedError("request header: a client id that is not UTF-8", position=10) from None
    return RequestHeader(key, version, correlation_id, client_id), position


def decode_response(key: int, version: int, frame: Buffer) -> tuple[int, Any]:
    """Decode a response frame, without its size; return its correlation id and its message. Raises ProtocolError."""
    try:
        (correlation_id,) = _SIZE.unpack_from(frame)
        position = 4
        if key != ApiKey.API_VERSIONS and is_flexible(key, version):
            position = _skip_tags(frame, position)
    except (StructError, IndexError):
        raise TruncatedError("response header: the bytes end within", position=0) from None
    message, _ = decode_message(response_type(key), version, frame, position)
    return correlation_id, message


def _skip_tags(frame: Buffer, position: int) -> int:
    count, position = read_unsigned_varint(frame, position)
    if count > len(frame) - position:
        raise TruncatedError(f"header: {count} tagged fields announced", position=position)
    for _ in range(count):
        _, position = read_unsigned_varint(frame, position)
        size, position = read_unsigned_varint(frame, position)
        position += size
        if position > len(frame):
            raise ProtocolError(f"header: a tagged field of {size} bytes", position=position - size)
    return position
