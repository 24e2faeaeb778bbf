"""What Java sees in a string: it counts and hashes UTF-16 code units.

Source: java.lang.String.hashCode; Kafka's Utils.abs, GroupCoordinatorService.partitionFor,
        TransactionStateManager.partitionFor
"""

from __future__ import annotations

_SMALLEST = -(2**31)


def java_hash(text: str) -> int:
    """Return `text.hashCode()` of Java, a signed 32-bit integer."""
    value = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        value = (31 * value + (high << 8 | low)) & 0xFFFFFFFF
    return value - 2**32 if value >= 2**31 else value


def utf16_length(text: str) -> int:
    """Return `text.length()` of Java."""
    return len(text) if text.isascii() else len(text.encode("utf-16-be", "surrogatepass")) // 2


def coordinator_partition(name: str, partitions: int) -> int:
    """Return the partition of an internal topic whose leader coordinates a group or transactional id."""
    value = java_hash(name)
    return (0 if value == _SMALLEST else abs(value)) % partitions
