"""The zig-zag varints of records.

As lenient as Java's: bits beyond the 32nd or 64th are dropped, longer forms than needed are read.
Source: org.apache.kafka.common.utils.ByteUtils
"""

from kafka_conformance.protocol.errors import CorruptBatchError

_INT32_BYTES = 5
_INT64_BYTES = 10


def write_varint(value: int) -> bytes:
    """`value`, an int32 or an int64, as a zig-zag varint: the two forms are the same for the same value."""
    raw = value << 1 if value >= 0 else (-value << 1) - 1
    if raw < 0x80:
        return _ONE_BYTE[raw]
    if raw < 0x4000:
        return bytes((raw & 0x7F | 0x80, raw >> 7))
    out = bytearray()
    while raw >= 0x80:
        out.append(raw & 0x7F | 0x80)
        raw >>= 7
    out.append(raw)
    return bytes(out)


_ONE_BYTE = [bytes((raw,)) for raw in range(0x80)]


def read_raw_varint(data: bytes | bytearray | memoryview, position: int) -> tuple[int, int]:
    """(zig-zag value of 32 bits, position behind it); IndexError at the end of `data`."""
    return _read(data, position, _INT32_BYTES, 0xFFFFFFFF)


def read_raw_varlong(data: bytes | bytearray | memoryview, position: int) -> tuple[int, int]:
    """(zig-zag value of 64 bits, position behind it); IndexError at the end of `data`."""
    return _read(data, position, _INT64_BYTES, 0xFFFFFFFFFFFFFFFF)


def read_varint(data: bytes | bytearray | memoryview, position: int) -> tuple[int, int]:
    """(int32, position behind it); IndexError at the end of `data`."""
    raw = data[position]
    if raw < 0x80:
        return raw >> 1 ^ -(raw & 1), position + 1
    raw += (data[position + 1] << 7) - 0x80
    if raw < 0x4000:
        return raw >> 1 ^ -(raw & 1), position + 2
    raw, position = read_raw_varint(data, position)
    return raw >> 1 ^ -(raw & 1), position


def read_varlong(data: bytes | bytearray | memoryview, position: int) -> tuple[int, int]:
    """(int64, position behind it); IndexError at the end of `data`."""
    raw = data[position]
    if raw < 0x80:
        return raw >> 1 ^ -(raw & 1), position + 1
    raw += (data[position + 1] << 7) - 0x80
    if raw < 0x4000:
        return raw >> 1 ^ -(raw & 1), position + 2
    raw, position = read_raw_varlong(data, position)
    return raw >> 1 ^ -(raw & 1), position


def _read(data: bytes | bytearray | memoryview, position: int, longest: int, mask: int) -> tuple[int, int]:
    raw = 0
    for index in range(longest):
        byte = data[position + index]
        raw |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return raw & mask, position + index + 1
    raise CorruptBatchError(f"Varint is too long: no end after {longest} bytes", position=position)


def from_zigzag(raw: int) -> int:
    """The signed value of a zig-zag value."""
    return raw >> 1 ^ -(raw & 1)


def wrap_int64(value: int) -> int:
    """`value` as Java's 64 bit arithmetic leaves it."""
    return (value + 0x8000000000000000 & 0xFFFFFFFFFFFFFFFF) - 0x8000000000000000
