"""Random ids, as Kafka makes them."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from kafka_conformance.protocol.primitives import Uuid

if TYPE_CHECKING:
    from random import Random


def random_uuid(random: Random) -> Uuid:
    """Return a version 4 UUID whose text does not start with "-". Source: Uuid.randomUuid."""
    while True:
        value = bytearray(random.randbytes(16))
        value[6] = value[6] & 0x0F | 0x40
        value[8] = value[8] & 0x3F | 0x80
        if not uuid_text(value).startswith("-"):
            return bytes(value)


def uuid_text(value: Uuid | bytearray) -> str:
    """Return the 22 characters by which Kafka shows an id: of topics, directories and clusters."""
    return urlsafe_b64encode(value).decode().rstrip("=")
