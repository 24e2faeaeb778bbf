"""CRC-32C, the checksum of record batches of magic 2."""

from google_crc32c import extend, value

_CHUNK_BYTES = 32 * 1024


def crc32c(buffer: bytes | bytearray | memoryview) -> int:
    """The CRC-32C (Castagnoli) of `buffer`, unsigned.

    The library takes bytes only, so anything else is copied, in pieces that stay in the processor's cache. Larger ones
    would be given back to the system each time, and their pages faulted in again: that costs more than the sum.
    """
    if len(buffer) <= _CHUNK_BYTES or isinstance(buffer, bytes):
        return int(value(bytes(buffer)))
    view = memoryview(buffer)
    checksum = 0
    for start in range(0, len(view), _CHUNK_BYTES):
        checksum = extend(checksum, bytes(view[start : start + _CHUNK_BYTES]))
    return checksum
