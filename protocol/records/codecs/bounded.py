"""Decompression into a buffer that grows up to a limit, so that the memory used does not depend on what is claimed."""

from collections.abc import Callable

from cramjam import DecompressionError as CramjamError

from kafka_conformance.protocol.records.codecs.failure import DecompressionError, too_large

_FIRST_GUESS_BYTES = 64 * 1024
_GROWTH = 8


def decompress_bounded(name: str, decompress_into: Callable[[bytes, bytearray], int], data: bytes, limit: int) -> bytes:
    """`data`, decompressed by a function of cramjam, of at most `limit` bytes; raises DecompressionError."""
    size = min(limit, max(_FIRST_GUESS_BYTES, _GROWTH * len(data)))
    while True:
        plain = bytearray(size)
        try:
            written = decompress_into(data, plain)
        except CramjamError as error:
            if "whole buffer" not in str(error):
                raise DecompressionError(f"{name}: {error}") from error
            if size == limit:
                raise too_large(name, limit) from error
            size = min(limit, size * _GROWTH)
        else:
            return bytes(memoryview(plain)[:written])
