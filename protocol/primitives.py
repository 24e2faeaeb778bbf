"""The wire's variable-length integers, and the zero UUID.

Fixed-width integers are big-endian and are packed by `struct` in the compiled codecs.
Source: KIP-482; org.apache.kafka.common.utils.ByteUtils, org.apache.kafka.common.Uuid.
"""

from __future__ import annotations

from kafka_conformance.protocol.errors import MalformedError

Uuid = bytes
"""A topic or directory id as it stands on the wire: 16 bytes."""

ZERO_UUID: Uuid = bytes(16)

_ONE_BYTE = [bytes((n,)) for n in range(128)]


def unsigned_varint(value: int) -> bytes:
    """Encode an unsigned 32-bit integer in 1 to 5 bytes, the low seven bits first."""
    if value < 128:
        return _ONE_BYTE[value]
    out = bytearray()
    while value > 127:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_unsigned_varint(buffer: bytes | bytearray | memoryview, position: int) -> tuple[int, int]:
    """Read an unsigned varint; return it with the position behind it.

    Raises MalformedError where it is longer than five bytes, IndexError where the buffer ends within.
    """
    byte = buffer[position]
    if byte < 128:
        return byte, position + 1
    return unsigned_varint_tail(buffer, position + 1, byte)


def unsigned_varint_tail(buffer: bytes | bytearray | memoryview, position: int, first: int) -> tuple[int, int]:
    """Read the rest of a varint whose first byte, `first`, announced more; like Kafka, keep 32 bits."""
    value = first & 0x7F
    shift = 7
    while shift < 35:
        byte = buffer[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 128:
            return value & 0xFFFFFFFF, position
        shift += 7
    raise MalformedError("a varint longer than 5 bytes", position=position)
