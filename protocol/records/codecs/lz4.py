"""lz4 frames as Kafka reads and writes them, which is a part of the lz4 frame format, with one historical fault.

Refused, because Kafka refuses it: blocks that depend on each other. Not checked, because Kafka does not: the content
checksum, the content size, and what follows the end mark. In message sets of magic 0 the checksum of the frame
descriptor was computed over the wrong bytes (KAFKA-3160), so it is not looked at there.

Source: org.apache.kafka.common.compress.Lz4BlockInputStream, Lz4BlockOutputStream; lz4_Frame_format.md v1.5.1
"""

from cramjam import DecompressionError as CramjamError
from cramjam import lz4

from kafka_conformance.protocol.records.codecs.failure import DecompressionError, too_large
from kafka_conformance.protocol.records.codecs.xxhash32 import xxhash32

DEFAULT_LEVEL = 9
_MAGIC = b"\x04\x22\x4d\x18"
_HEADER = _MAGIC + b"\x60\x40\x82"  # version 1, independent blocks, at most 64 KiB each, checksum of the descriptor
_BLOCK_BYTES = 64 * 1024
_END_MARK = bytes(4)
_STORED = 0x80000000
_CONTENT_CHECKSUM, _CONTENT_SIZE, _BLOCK_CHECKSUM, _INDEPENDENT = 0x04, 0x08, 0x10, 0x20


def compress(data: bytes, level: int = DEFAULT_LEVEL) -> bytes:
    """One frame of blocks of 64 KiB. Level 9 is Kafka's default and means the fast compressor; 1 to 17 otherwise."""
    parts = [_HEADER]
    for start in range(0, len(data), _BLOCK_BYTES):
        plain = data[start : start + _BLOCK_BYTES]
        if level == DEFAULT_LEVEL:
            block = bytes(lz4.compress_block(plain, store_size=False))
        else:
            block = bytes(lz4.compress_block(plain, store_size=False, mode="high_compression", compression=level))
        if len(block) < len(plain):
            parts += (len(block).to_bytes(4, "little"), block)
        else:
            parts += ((len(plain) | _STORED).to_bytes(4, "little"), plain)
    parts.append(_END_MARK)
    return b"".join(parts)


def decompress(data: bytes, limit: int, *, check_descriptor: bool = True) -> bytes:
    """The first frame; `check_descriptor` is false for magic 0."""
    flags, max_block, position = _read_descriptor(data, check_descriptor)
    scratch = bytearray(min(max_block, limit + 1))
    blocks: list[bytes] = []
    while True:
        size = _int32(data, position)
        stored, size = size & _STORED, size & ~_STORED
        position += 4
        if size == 0:
            break
        if size > max_block or size > len(data) - position:
            raise DecompressionError(
                f"lz4: a block of {size} bytes, {len(data) - position} are left", position=position
            )
        block = data[position : position + size]
        position += size
        blocks.append(block if stored else _decompress_block(block, scratch))
        limit -= len(blocks[-1])
        if limit < 0:
            raise too_large("lz4", limit + sum(map(len, blocks)))
        if flags & _BLOCK_CHECKSUM:
            if _int32(data, position) != xxhash32(block):
                raise DecompressionError("lz4: wrong checksum of a block", position=position)
            position += 4
    if flags & _CONTENT_CHECKSUM:
        _int32(data, position)
    return b"".join(blocks)


def _read_descriptor(data: bytes, check: bool) -> tuple[int, int, int]:
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
