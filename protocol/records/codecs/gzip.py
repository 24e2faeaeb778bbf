"""gzip, bounded: the standard library's zlib can stop at a limit, and says what lies behind the stream.

Source: org.apache.kafka.common.compress.GzipCompression, java.util.zip.GZIPInputStream
"""

import zlib

from kafka_conformance.protocol.records.codecs.failure import DecompressionError, too_large

DEFAULT_LEVEL = -1
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, unknown system: what Java writes
_RAW_DEFLATE = -zlib.MAX_WBITS
_GZIP = zlib.MAX_WBITS | 16
_SMALLEST_NEXT_MEMBER = 18


def compress(data: bytes, level: int = DEFAULT_LEVEL) -> bytes:
    """One gzip member with Java's header; levels -1 and 1 to 9."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, _RAW_DEFLATE)
    size = len(data) & 0xFFFFFFFF
    return b"".join(
        (
            _HEADER,
            deflate.compress(data),
            deflate.flush(),
            zlib.crc32(data).to_bytes(4, "little"),
            size.to_bytes(4, "little"),
        )
    )


def decompress(data: bytes, limit: int, *, magic: int = 2) -> bytes:
    """All members; as in Java, what follows the first member and does not begin like another is ignored."""
    plain, rest = _member(data, 0, limit)
    members = [plain]
    total = len(plain)
    while len(rest) > _SMALLEST_NEXT_MEMBER and rest.startswith(_HEADER[:3]):
        plain, rest = _member(rest, total, limit)
        members.append(plain)
        total += len(plain)
    return b"".join(members)


def _member(data: bytes, total: int, limit: int) -> tuple[bytes, bytes]:
    """(decompressed, what follows); `total` bytes were decompressed before."""
    inflate = zlib.decompressobj(_GZIP)
    try:
        plain = inflate.decompress(data, limit - total + 1)
    except zlib.error as error:
        raise DecompressionError(f"gzip: {error}") from error
    if total + len(plain) > limit:
        raise too_large("gzip", limit)
    if not inflate.eof:
        raise DecompressionError("gzip: the stream ends too early")
    return plain, inflate.unused_data
