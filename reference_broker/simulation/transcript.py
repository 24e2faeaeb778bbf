"""What the network carried, in order: two runs that did the same have the same digest."""

import hashlib
import zlib
from collections import deque
from typing import NamedTuple


class Delivery(NamedTuple):
    """One thing that arrived: when (virtual seconds since the start), on which connection, which way, what."""

    elapsed_s: float
    connection: int
    direction: str
    """`>` from the side that connected, `<` from the side that listened."""
    kind: str
    size: int
    """Bytes of data; 0 for what only opens or closes."""
    checksum: int
    """CRC-32 of the data."""


class Transcript:
    """Digests all deliveries and keeps the newest, which show where two runs parted."""

    def __init__(self, keep: int = 10_000) -> None:
        self._hash = hashlib.sha256()
        self.count = 0
        self.newest: deque[Delivery] = deque(maxlen=keep)

    def record(self, elapsed_s: float, connection: int, direction: str, kind: str, data: bytes) -> None:
        """Add one delivery."""
        delivery = Delivery(elapsed_s, connection, direction, kind, len(data), zlib.crc32(data))
        self._hash.update(repr(tuple(delivery)).encode())
        self.count += 1
        self.newest.append(delivery)

    def digest(self) -> str:
        """Return the SHA-256 over everything recorded so far, in hexadecimal."""
        return self._hash.hexdigest()
