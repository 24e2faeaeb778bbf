"""Which partition a key goes to, as Kafka's clients decide it.

Source: org.apache.kafka.common.utils.Utils.murmur2, BuiltInPartitioner.partitionForKey
"""

from struct import iter_unpack

_SEED = 0x9747B28C
_MULTIPLIER = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Kafka's 32 bit murmur2 of `data`, signed as Java has it."""
    whole = len(data) & ~3
    h = _SEED ^ len(data)
    for (word,) in iter_unpack("<I", data[:whole]):
        k = word * _MULTIPLIER & _MASK
        k = (k ^ k >> 24) * _MULTIPLIER & _MASK
        h = h * _MULTIPLIER & _MASK ^ k
    if whole < len(data):
        h = (h ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _MASK
    h = (h ^ h >> 13) * _MULTIPLIER & _MASK
    h ^= h >> 15
    return h - (1 << 32) if h & 0x80000000 else h


def partition_for_key(key: bytes, partition_count: int) -> int:
    """The partition for `key` among `partition_count`, which must be positive.

    Java's toPositive clears the sign, it does not take the absolute value.
    """
    return (murmur2(key) & 0x7FFFFFFF) % partition_count


class KeyPartitioner:
    """How a producer chooses partitions, as Java's does by default; one for each producer.

    Each decision is a method, so that a mutant can decide otherwise.
    Source: KafkaProducer.partition, BuiltInPartitioner.
    """

    def __init__(self) -> None:
        self._next_keyless = 0

    def partition(self, key: bytes | None, named: int | None, partition_count: int) -> int:
        """The partition of a record with this key that names this partition, or none."""
        if named is not None:
            return named
        if key is not None and self.has_key(key):
            return self.to_positive(murmur2(key)) % partition_count
        return self.next_keyless(partition_count)

    def has_key(self, key: bytes) -> bool:
        """Whether bytes are a key: the empty ones are, too."""
        return True

    def to_positive(self, java_hash: int) -> int:
        """A hash without its sign bit (Utils.toPositive); its absolute value is another number."""
        return java_hash & 0x7FFFFFFF

    def next_keyless(self, partition_count: int) -> int:
        """The partition of the next batch without keys: another one each time (KIP-480), here in turn."""
        chosen = self._next_keyless % partition_count
        self._next_keyless = chosen + 1
        return chosen
