"""Keys with the hashes and partitions that Java gives them."""

from __future__ import annotations

JAVA_HASHES = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}
"""Apache Kafka, UtilsTest.testMurmur2."""

OF_TWELVE = {
    b"a": 4,
    b"foobar": 6,
    b"21": 0,
    b"": 9,
    b"\xff\xfe\x00\x01": 1,
    b"a-little-bit-longer-string": 11,
}
"""Where the Java producer of Apache Kafka 4.4.0 put these keys, of 12 partitions."""


def of_hash(java_hash: int, partition_count: int) -> int:
    """The partition that belongs to a hash: Java's toPositive clears the sign bit (Utils.toPositive)."""
    return (java_hash & 0x7FFFFFFF) % partition_count
