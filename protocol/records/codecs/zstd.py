"""zstd, bounded.

Source: org.apache.kafka.common.compress.ZstdCompression (zstd-jni); block and frame formats: RFC 8878
"""

from cramjam import zstd

from kafka_conformance.protocol.records.codecs.bounded import decompress_bounded

DEFAULT_LEVEL = 3


def compress(data: bytes, level: int = DEFAULT_LEVEL) -> bytes:
    """One frame; levels -131072 to 22, 0 is the codec's default."""
    return bytes(zstd.compress(data, level))


def decompress(data: bytes, limit: int, *, magic: int = 2) -> bytes:
    """All frames. No bytes at all are an empty stream to zstd-jni, not an error."""
    if not data:
        return b""
    return decompress_bounded("zstd", zstd.decompress_into, data, limit)
