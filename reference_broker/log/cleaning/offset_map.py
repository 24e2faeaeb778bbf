"""The last offset of each key in the part of a log that is still dirty (Kafka: SkimpyOffsetMap).

Kafka keeps an MD5 of 16 bytes and an offset of 8 for each key, in a buffer of log.cleaner.dedupe.buffer.size; here the
keys themselves are kept, and the size of the buffer says how many.
"""

BYTES_PER_ENTRY = 24
LARGEST_BUFFER = 2**31 - 1
NOT_FOUND = -1


class OffsetMap:
    """Of `memory_bytes`, filled up to the share `load_factor`."""

    def __init__(self, memory_bytes: int, load_factor: float) -> None:
        self._offsets: dict[bytes, int] = {}
        slots = min(memory_bytes, LARGEST_BUFFER) // BYTES_PER_ENTRY
        self._max_entries = max(int(slots * load_factor), 1)
        self.latest_offset = NOT_FOUND
        """Up to here the log is in the map: what lies behind may hold later values of any key."""

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._offsets)

    @property
    def is_full(self) -> bool:
        """No further record may be put: the round ends before it."""
        return len(self._offsets) >= self._max_entries

    def put(self, key: bytes, offset: int) -> None:
        """A later record of a key."""
        self._offsets[key] = offset
        self.latest_offset = offset

    def get(self, key: bytes) -> int:
        """The last offset of a key, -1 if the map does not have it."""
        return self._offsets.get(key, NOT_FOUND)

    def reach(self, offset: int) -> None:
        """Everything up to `offset` has been read."""
        self.latest_offset = offset
