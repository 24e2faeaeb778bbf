"""The compression codecs of record batches.

Source: org.apache.kafka.common.record.internal.CompressionType, org.apache.kafka.common.compress
"""

from enum import IntEnum
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from kafka_conformance.protocol.errors import UnsupportedCompressionError
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
    implementation = _implementation(codec)
    return implementation.compress(data, implementation.DEFAULT_LEVEL if level is None else level)


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
    return _implementation(codec).decompress(data, limit, magic=magic)


class _Codec(Protocol):
    DEFAULT_LEVEL: int

    def compress(self, data: bytes, level: int) -> bytes: ...

    def decompress(self, data: bytes, limit: int, *, magic: int) -> bytes: ...


@cache
def _implementation(codec: Compression) -> _Codec:
    """Imported with the first batch that needs it: a broker that sees none starts sooner."""
    return cast(_Codec, import_module(f"kafka_conformance.protocol.records.codecs.{codec.name.lower()}"))
