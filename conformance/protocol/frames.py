"""Frames as no client sends them: other versions and ids, cut, lengthened, with fields that nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.catalogue import is_flexible, response_type
from kafka_conformance.protocol.codec import decode_message
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.primitives import unsigned_varint

SIZE_BYTES = 4
CLIENT_ID_POSITION = 12
"""Behind size, API key, version and correlation id: where the client id's length stands."""

Tags = Mapping[int, bytes]


def resized(content: bytes) -> bytes:
    """The content of a frame with the size that it has."""
    return len(content).to_bytes(SIZE_BYTES, "big") + content


def with_api_key(frame: bytes, api_key: int) -> bytes:
    """The same frame for another API."""
    return frame[:4] + api_key.to_bytes(2, "big", signed=True) + frame[6:]


def with_version(frame: bytes, version: int) -> bytes:
    """The same frame in another version."""
    return frame[:6] + version.to_bytes(2, "big", signed=True) + frame[8:]


def with_correlation_id(frame: bytes, correlation_id: int) -> bytes:
    """The same frame with another correlation id."""
    return frame[:8] + correlation_id.to_bytes(4, "big", signed=True) + frame[12:]


def with_header_tags(frame: bytes, tags: Tags) -> bytes:
    """The same frame of a flexible version, whose header has no tagged fields, with these."""
    position = CLIENT_ID_POSITION + 2 + max(0, int.from_bytes(frame[12:14], "big", signed=True))
    return resized(frame[SIZE_BYTES:position] + encoded_tags(tags) + frame[position + 1 :])


def with_body_tags(frame: bytes, tags: Tags) -> bytes:
    """The same frame of a flexible version, whose message sets no tagged field of its own, with these."""
    return resized(frame[SIZE_BYTES:-1] + encoded_tags(tags))


def encoded_tags(tags: Tags) -> bytes:
    """Tagged fields as they end each structure of a flexible version."""
    fields = (unsigned_varint(tag) + unsigned_varint(len(value)) + value for tag, value in sorted(tags.items()))
    return unsigned_varint(len(tags)) + b"".join(fields)


def unknown_tags() -> st.SearchStrategy[dict[int, bytes]]:
    """Tagged fields with numbers that no version of Kafka gave out."""
    return st.dictionaries(st.integers(1_000, 2**31 - 1), st.binary(max_size=12), min_size=1, max_size=3)


def pieces(content: bytes, cuts: list[int]) -> list[bytes]:
    """The content cut at these places, wherever they lie."""
    edges = sorted({0, len(content), *(cut % len(content) for cut in cuts)})
    return [content[begin:end] for begin, end in pairwise(edges)]


def correlation_id_of(answer: bytes) -> int:
    """The correlation id of an answer's frame."""
    return int.from_bytes(answer[:4], "big", signed=True)


def read_answer(api: int, version: int, answer: bytes) -> Any:
    """The message of an answer's frame. Raises ConformanceViolation where it is not one of that version, all of it."""
    what = f"an answer to {ApiKey(api).name} in version {version}"
    body = 5 if is_flexible(api, version) and api != ApiKey.API_VERSIONS else 4
    try:
        message, end = decode_message(response_type(api), version, answer, body)
    except ProtocolError as error:
        raise ConformanceViolation(what, expected="one that can be read", actual=f"{answer.hex()}: {error}") from error
    if end != len(answer):
        raise ConformanceViolation(what, expected=f"{end} bytes", actual=f"{len(answer)}: {answer.hex()}")
    return message
