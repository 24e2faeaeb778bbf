"""snappy: the xerial framing that Java writes, and the plain format that some clients send.

Source: org.xerial.snappy.SnappyInputStream and SnappyOutputStream, as used by Kafka's SnappyCompression
"""

from struct import Struct

from cramjam import DecompressionError as CramjamError
from cramjam import snappy

from kafka_conformance.protocol.records.codecs.failure import DecompressionError, too_large

DEFAULT_LEVEL = 0
_MAGIC = b"\x82SNAPPY\x00"
_HEADER = Struct(">8sii")  # magic, version, oldest version that can read it; the reader looks at the magic only
_HEADER_BYTES = _HEADER.pack(_MAGIC, 1, 1)
_SIZE = Struct(">i")
_MAGIC_AS_SIZE = _SIZE.unpack_from(_MAGIC)[0]
_BLOCK_BYTES = 32 * 1024


def compress(data: bytes, level: int = DEFAULT_LEVEL) -> bytes:
    """xerial blocks of 32 KiB; snappy has no levels, so `level` is ignored."""
    parts = [_HEADER_BYTES]
    for start in range(0, len(data), _BLOCK_BYTES):
        block = bytes(snappy.compress_raw(data[start : start + _BLOCK_BYTES]))
        parts += (_SIZE.pack(len(block)), block)
    return b"".join(parts)


def decompress(data: bytes, limit: int, *, magic: int = 2) -> bytes:
    """Either framing; like Java's reader, take anything that does not begin with xerial's magic for plain snappy."""
    if not data:
        raise DecompressionError("snappy: the stream is empty")
    if len(data) < _HEADER.size or not data.startswith(_MAGIC):
        return _block(data, 0, limit)
    return b"".join(_xerial_blocks(data, limit))


def _xerial_blocks(data: bytes, limit: int) -> list[bytes]:
    blocks: list[bytes] = []
    total = 0
    position = _HEADER.size
    while len(data) - position >= _SIZE.size:
        (size,) = _SIZE.unpack_from(data, position)
        if size == _MAGIC_AS_SIZE:
            # A second stream; Java looks no further than the first four bytes of its header.
            if len(data) - position < _HEADER.size:
                raise DecompressionError("snappy: the header of a second stream is cut off", position=position)
            position += _HEADER.size
            continue
        position += _SIZE.size
        if not 0 <= size <= len(data) - position:
            raise DecompressionError(f"snappy: a block of {size} bytes where {len(data) - position} are left")
        blocks.append(_block(data[position : position + size], total, limit))
        total += len(blocks[-1])
        position += size
    return blocks


def _block(block: bytes, total: int, limit: int) -> bytes:
    try:
        if total + snappy.decompress_raw_len(block) > limit:
            raise too_large("snappy", limit)
        return bytes(snappy.decompress_raw(block))
    except CramjamError as error:
        raise DecompressionError(f"snappy: {error}") from error
