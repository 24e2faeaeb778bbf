"""Encoders and decoders of messages, compiled from their layouts on first use.

Each (message, version) gets one function that decodes it and one that encodes it, without a call for each field:
consecutive fixed-width fields are unpacked together, a length is checked against what is left before anything is
allocated, and record sets stay slices of the bytes they came in.

Source: the code that Kafka's generator makes of its message definitions (MessageDataGenerator), which also decides
what is let pass: bytes behind a message, unknown tags, tags in any order or twice, known tags of a wrong size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kafka_conformance.protocol.decoder_source import decoder_source
from kafka_conformance.protocol.encoder_source import encoder_source
from kafka_conformance.protocol.errors import UnsupportedVersionError
from kafka_conformance.protocol.layout import Buffer, Struct
from kafka_conformance.protocol.source_writer import SourceWriter

M = TypeVar("M", bound=Struct)

_decoders: dict[tuple[type[Struct], int], Callable[[Buffer, int], tuple[Any, int]]] = {}
_encoders: dict[tuple[type[Struct], int], Callable[[Any, list[Any]], None]] = {}


def decode_message(cls: type[M], version: int, buffer: Buffer, position: int = 0) -> tuple[M, int]:
    """Decode one message of `version` that starts at `position`; return it with the position behind it.

    Raises ProtocolError, which says what was read at which byte, whatever the bytes are.
    """
    decoder = _decoders.get((cls, version))
    if decoder is None:
        decoder = _decoders[cls, version] = _compile(decoder_source, cls, version)
    return decoder(buffer, position)


def encode_message(message: Struct, version: int) -> list[Buffer]:
    """Encode `message` as `version`, as buffers to be sent one after the other; record sets are not copied.

    Raises EncodeError where a value does not fit its field.
    """
    parts: list[Buffer] = []
    encode_onto(message, version, parts)
    return parts


def encode_onto(message: Struct, version: int, parts: list[Any]) -> None:
    """Encode `message` behind what `parts` holds. Raises EncodeError."""
    cls = type(message)
    encoder = _encoders.get((cls, version))
    if encoder is None:
        encoder = _encoders[cls, version] = _compile(encoder_source, cls, version)
    encoder(message, parts)


def _compile(make: Callable[[type[Any], int], SourceWriter], cls: type[Any], version: int) -> Any:
    versions = getattr(cls, "valid_versions", None)
    if versions is not None and version not in versions:
        raise UnsupportedVersionError(
            f"{cls.__name__} has no version {version}, only {versions.first} to {versions.last}"
        )
    return make(cls, version).compile()
