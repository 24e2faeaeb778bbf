"""lz4 frames as Kafka reads and writes them, which is a part of the lz4 frame format, with one historical fault.

Refused, because Kafka refuses it: blocks that depend on each other. Not checked, because Kafka does not: the content
checksum, the content size, and what follows the end mark. In message sets of magic 0 the checksum of the frame
descriptor was computed over the wrong bytes (KAFKA-3160), so it is not looked at there.

Source: org.apache.kafka.common.compress.Lz4BlockInputStream, Lz4BlockOutputStream; lz4_Frame_format.md v1.5.1
"""

from collections.abc import Iterator
from typing import NamedTuple

from cramjam import DecompressionError as CramjamError
from cramjam import lz4

from kafka_conformance.protocol.records.codecs.bounded import decompress_bounded
from kafka_conformance.protocol.records.codecs.failure import DecompressionError, too_large
from kafka_conformance.protocol.records.codecs.xxhash32 import xxhash32

DEFAULT_LEVEL = 9
_MAGIC = b"\x04\x22\x4d\x18"
_HEADER = _MAGIC + b"\x60\x40\x82"  # version 1, independent blocks, at most 64 KiB each, checksum of the descriptor
_BLOCK_BYTES = 64 * 1024
_END_MARK = bytes(4)
_STORED = 0x80000000
_CONTENT_CHECKSUM, _CONTENT_SIZE, _BLOCK_CHECKSUM, _INDEPENDENT, _VERSION_1 = 0x04, 0x08, 0x10, 0x20, 0x40


def compress(data: bytes, level: int = DEFAULT_LEVEL) -> bytes:
    """One frame of blocks of 64 KiB. Level 9 is Kafka's default and means the fast compressor; 1 to 17 otherwise."""
    if level != DEFAULT_LEVEL:
        compressor = lz4.Compressor(level=level, content_checksum=False, block_linked=False)
        compressor.compress(data)
        return bytes(compressor.finish())
    parts = [_HEADER]
    for start in range(0, len(data), _BLOCK_BYTES):
        plain = data[start : start + _BLOCK_BYTES]
        block = bytes(lz4.compress_block(plain, store_size=False))
        if len(block) < len(plain):
            parts += (len(block).to_bytes(4, "little"), block)
        else:
            parts += ((len(plain) | _STORED).to_bytes(4, "little"), plain)
    parts.append(_END_MARK)
    return b"".join(parts)


def decompress(data: bytes, limit: int, *, magic: int = 2) -> bytes:
    """The first frame."""
    flags, max_block, start = _read_descriptor(data, check=magic > 0)
    blocks = list(_blocks(data, start, max_block, with_checksum=bool(flags & _BLOCK_CHECKSUM)))
    if flags & _CONTENT_CHECKSUM:
        _int32(data, blocks[-1].end + len(_END_MARK) if blocks else start + len(_END_MARK))
    if flags & _BLOCK_CHECKSUM:
        return _decompress_checked(data, start, blocks, limit)
    scratch = bytearray(min(max_block, limit + 1))
    plain: list[bytes] = []
    total = 0
    for block in blocks:
        compressed = data[block.start : block.start + block.size]
        plain.append(compressed if block.stored else _decompress_block(compressed, scratch))
        total += len(plain[-1])
        if total > limit:
            raise too_large("lz4", limit)
    return b"".join(plain)


class _Block(NamedTuple):
    start: int
    size: int
    stored: bool
    end: int  # behind the checksum


def _blocks(data: bytes, position: int, max_block: int, *, with_checksum: bool) -> Iterator[_Block]:
    """The blocks up to the end mark, which must be there."""
    while True:
        size = _int32(data, position)
        stored, size = bool(size & _STORED), size & ~_STORED
        position += 4
        if size == 0:
            return
        end = position + size + (4 if with_checksum else 0)
        if size > max_block or end > len(data):
            raise DecompressionError(
                f"lz4: a block of {size} bytes, {len(data) - position} are left", position=position
            )
        yield _Block(position, size, stored, end)
        position = end


def _decompress_checked(data: bytes, start: int, blocks: list[_Block], limit: int) -> bytes:
    """With checksums of blocks, as aiokafka writes them; the library checks them quickly, but only in whole frames."""
    descriptor = bytes((_VERSION_1 | _INDEPENDENT | _BLOCK_CHECKSUM, data[5]))
    frame = b"".join(
        (
            _MAGIC,
            descriptor,
            bytes((xxhash32(descriptor) >> 8 & 0xFF,)),
            data[start : blocks[-1].end] if blocks else b"",
            _END_MARK,
        )
    )
    return decompress_bounded("lz4", lz4.decompress_into, frame, limit)


def _read_descriptor(data: bytes, *, check: bool) -> tuple[int, int, int]:
    """(flags, largest block, where the blocks begin)."""
    if len(data) < 7 or not data.startswith(_MAGIC):
        raise DecompressionError("lz4: this is no lz4 frame", position=0)
    flags, sizes = data[4], data[5]
    if flags & 0b11 or flags >> 6 != 1 or not flags & _INDEPENDENT:
        raise DecompressionError(f"lz4: unsupported frame flags {flags:#04x}", position=4)
    if sizes & 0x8F or sizes >> 4 < 4:
        raise DecompressionError(f"lz4: unsupported block size {sizes:#04x}", position=5)
    end = 14 if flags & _CONTENT_SIZE else 6
    if len(data) <= end:
        raise DecompressionError("lz4: the frame descriptor is cut off", position=len(data))
    if check and data[end] != xxhash32(data[4:end]) >> 8 & 0xFF:
        raise DecompressionError("lz4: wrong checksum of the frame descriptor", position=end)
    return flags, 1 << 2 * (sizes >> 4) + 8, end + 1


def _decompress_block(block: bytes, scratch: bytearray) -> bytes:
    try:
        size = lz4.decompress_block_into(block, scratch, output_len=len(scratch))
    except CramjamError as error:
        raise DecompressionError(f"lz4: {error}") from error
    return bytes(memoryview(scratch)[:size])


def _int32(data: bytes, position: int) -> int:
    if len(data) - position < 4:
        raise DecompressionError("lz4: the stream ends too early", position=len(data))
    return int.from_bytes(data[position : position + 4], "little")
