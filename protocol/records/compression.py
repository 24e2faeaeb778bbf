"""The compression codecs of record batches.

Source: org.apache.kafka.common.record.internal.CompressionType, org.apache.kafka.common.compress
"""

from collections.abc import Callable, Mapping
from enum import IntEnum

from kafka_conformance.protocol.errors import UnsupportedCompressionError
from kafka_conformance.protocol.records.codecs import gzip, lz4, snappy, zstd
from kafka_conformance.protocol.records.codecs.failure import DecompressionError

__all__ = ["DEFAULT_DECOMPRESSION_LIMIT", "Compression", "DecompressionError", "compress", "decompress"]

DEFAULT_DECOMPRESSION_LIMIT = 104_857_600
"""Bytes. Kafka has no limit; this is its socket.request.max.bytes, and librdkafka's limit is about the same."""


class Compression(IntEnum):
    """A codec, by the number in the attributes of a batch."""

    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4


_BY_CODE: tuple[Compression | None, ...] = (*Compression, None, None, None)


def compression_of(attributes: int) -> Compression:
    """The codec that the lowest three bits of `attributes` name; raises UnsupportedCompressionError for 5 to 7."""
    codec = _BY_CODE[attributes & 0x07]
    if codec is None:
        raise UnsupportedCompressionError(f"Unknown compression type id: {attributes & 0x07}")
    return codec


def compress(codec: Compression, data: bytes, level: int | None = None) -> bytes:
    """`data` compressed as Kafka's Java classes do it; `level` None is Kafka's default level of the codec."""
    if codec is Compression.NONE:
        return data
    write = _COMPRESSORS[codec]
    return write(data) if level is None else write(data, level)


def decompress(
    codec: Compression,
    data: bytes | memoryview,
    *,
    limit: int = DEFAULT_DECOMPRESSION_LIMIT,
    magic: int = 2,
) -> bytes:
    """`data` decompressed, of at most `limit` bytes; `magic` is that of the batch or message around it.

    Accepts and refuses what Kafka's readers do; raises DecompressionError, also when the limit is passed. The memory
    used is in proportion to the limit, never to what the data claim.
    """
    data = bytes(data)
    if codec is Compression.NONE:
        return data
    if codec is Compression.LZ4 and magic == 0:
        return lz4.decompress(data, limit, check_descriptor=False)
    return _DECOMPRESSORS[codec](data, limit)


_COMPRESSORS: Mapping[Compression, Callable[..., bytes]] = {
    Compression.GZIP: gzip.compress,
    Compression.SNAPPY: snappy.compress,
    Compression.LZ4: lz4.compress,
    Compression.ZSTD: zstd.compress,
}
_DECOMPRESSORS: Mapping[Compression, Callable[[bytes, int], bytes]] = {
    Compression.GZIP: gzip.decompress,
    Compression.SNAPPY: snappy.decompress,
    Compression.LZ4: lz4.decompress,
    Compression.ZSTD: zstd.decompress,
}
