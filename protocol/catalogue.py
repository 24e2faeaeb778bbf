"""Which classes carry an API's requests and responses, imported when they are first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.errors import UnsupportedVersionError
from kafka_conformance.protocol.layout import Message


@cache
def request_type(key: int) -> type[Message]:
    """Return the class of an API's requests. Raises UnsupportedVersionError for a key that Kafka's brokers lack."""
    return _message_type(key, "Request")


@cache
def response_type(key: int) -> type[Message]:
    """Return the class of an API's responses. Raises UnsupportedVersionError for a key that Kafka's brokers lack."""
    return _message_type(key, "Response")


def is_flexible(key: int, version: int) -> bool:
    """Whether requests of that version carry tagged fields (KIP-482). Raises UnsupportedVersionError."""
    return version in request_type(key).flexible_versions


def _message_type(key: int, suffix: str) -> type[Message]:
    try:
        name = ApiKey(key).name.lower()
    except ValueError:
        raise UnsupportedVersionError(f"no API has the key {key}") from None
    module = import_module(f"kafka_conformance.protocol.messages.{name}")
    wanted = name.replace("_", "") + suffix.lower()
    found: type[Message] = next(value for attribute, value in vars(module).items() if attribute.lower() == wanted)
    return found
