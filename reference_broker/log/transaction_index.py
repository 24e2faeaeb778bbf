"""The file NNN.txnindex: the transactions whose abort marker is in the segment (Kafka: TransactionIndex, AbortedTxn).

Entries of 34 bytes: int16 version 0, int64 producer id, first offset, last offset (of the marker), and the last stable
offset as it was when the marker had been written. The file does not exist before the first entry.
"""

from struct import Struct
from typing import NamedTuple

from kafka_conformance.reference_broker.log.index_entries import CorruptIndexError
from kafka_conformance.reference_broker.log.producer_state import CompletedTxn
from kafka_conformance.reference_broker.storage import Storage

VERSION = 0
_ENTRY = Struct(">hqqqq")


class AbortedTxn(NamedTuple):
    """Readers with read_committed skip this producer's records from `first_offset` to the marker at `last_offset`."""

    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int


class TransactionIndex:
    """In the order of the markers."""

    def __init__(self, storage: Storage, path: str, base_offset: int) -> None:
        self._storage = storage
        self.path = path
        self.base_offset = base_offset
        self.aborted: list[AbortedTxn] = []
        if storage.exists(path):
            self._load()

    def _load(self) -> None:
        data = self._storage.read_bytes(self.path)
        whole = len(data) - len(data) % _ENTRY.size
        for version, *fields in _ENTRY.iter_unpack(data[:whole]):
            if version > VERSION:
                raise CorruptIndexError(f"version {version} of an aborted transaction in {self.path}")
            self.aborted.append(AbortedTxn(*fields))
        if whole < len(data):
            self._storage.open(self.path).truncate(whole)

    def sanity_check(self) -> None:
        """Raises CorruptIndexError."""
        for aborted in self.aborted:
            if aborted.last_offset < self.base_offset:
                raise CorruptIndexError(f"{aborted} in the index of {self.base_offset}")

    def append(self, completed: CompletedTxn, last_stable_offset: int) -> None:
        """A marker has ended a transaction; only aborted ones are written down."""
        if completed.is_aborted:
            self.add(AbortedTxn(*completed[:3], last_stable_offset))

    def add(self, aborted: AbortedTxn) -> None:
        """An entry, new or of a segment that this one takes the place of."""
        self._storage.open(self.path).append([_ENTRY.pack(VERSION, *aborted)])
        self.aborted.append(aborted)

    def collect(self, fetch_offset: int, upper_bound_offset: int, found: list[AbortedTxn]) -> bool:
        """Add the aborted transactions that overlap [fetch offset, upper bound). True if later segments have none."""
        for aborted in self.aborted:
            if aborted.last_offset >= fetch_offset and aborted.first_offset < upper_bound_offset:
                found.append(aborted)
            if aborted.last_stable_offset >= upper_bound_offset:
                return True
        return False

    def truncate_to(self, offset: int) -> None:
        """Forget the markers at or above `offset`."""
        keep = sum(1 for aborted in self.aborted if aborted.last_offset < offset)
        if keep < len(self.aborted):
            del self.aborted[keep:]
            self._storage.open(self.path).truncate(keep * _ENTRY.size)

    def reset(self) -> None:
        """Forget everything."""
        self.truncate_to(-1)

    def flush(self) -> None:
        """Wait for the file, if there is one."""
        if self._storage.exists(self.path):
            self._storage.open(self.path).flush()

    def close(self) -> None:
        """Give the file back."""
        if self._storage.exists(self.path):
            self._storage.open(self.path).close()
