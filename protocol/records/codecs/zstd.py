"""zstd, bounded.

Source: org.apache.kafka.common.compress.ZstdCompression (zstd-jni); block and frame formats: RFC 8878
"""

from cramjam import DecompressionError as CramjamError
from cramjam import zstd

from kafka_conformance.protocol.records.codecs.failure import DecompressionError, too_large

DEFAULT_LEVEL = 3
_FIRST_GUESS = 64 * 1024
_GROWTH = 8


def compress(data: bytes, level: int = DEFAULT_LEVEL) -> bytes:
    """One frame; levels -131072 to 22, 0 is the codec's default."""
    return bytes(zstd.compress(data, level))


def decompress(data: bytes, limit: int) -> bytes:
    """All frames. No bytes at all are an empty stream to zstd-jni, not an error."""
    if not data:
        return b""
    size = min(limit, max(_FIRST_GUESS, _GROWTH * len(data)))
    while True:
        plain = bytearray(size)
        try:
            written = zstd.decompress_into(data, plain)
        except CramjamError as error:
            if "whole buffer" not in str(error):
                raise DecompressionError(f"zstd: {error}") from error
            if size == limit:
                raise too_large("zstd", limit) from error
            size = min(limit, size * _GROWTH)
        else:
            return bytes(memoryview(plain)[:written])
