"""The file NNN.snapshot: the producers of a partition as they were at offset NNN (Kafka: ProducerSnapshot.json, v1).

int16 version, uint32 CRC32C of all that follows, int32 count, then 46 bytes for each producer. Of its batches only the
last one is written, which is why a restarted Kafka knows no more than that one.
"""

import struct
from collections.abc import Iterable

from kafka_conformance.protocol.errors import MalformedError, ProtocolError
from kafka_conformance.protocol.records.crc32c import crc32c
from kafka_conformance.reference_broker.log.producer_state import BATCHES_TO_RETAIN, BatchMetadata, ProducerStateEntry
from kafka_conformance.reference_broker.storage import Storage

SNAPSHOT_SUFFIX = ".snapshot"
VERSION = 1
_HEAD = struct.Struct(">hI")
_COUNT = struct.Struct(">i")
_ENTRY = struct.Struct(">qhiqiqiq")


def encode_snapshot(entries: Iterable[ProducerStateEntry]) -> bytes:
    """The contents of a snapshot file."""
    packed = [
        _ENTRY.pack(
            entry.producer_id,
            entry.producer_epoch,
            entry.last_sequence,
            entry.last_offset,
            entry.last_offset_delta,
            entry.last_timestamp,
            entry.coordinator_epoch,
            -1 if entry.current_txn_first_offset is None else entry.current_txn_first_offset,
        )
        for entry in entries
    ]
    body = _COUNT.pack(len(packed)) + b"".join(packed)
    return _HEAD.pack(VERSION, crc32c(body)) + body


def decode_snapshot(data: bytes, *, batches_to_retain: int = BATCHES_TO_RETAIN) -> list[ProducerStateEntry]:
    """The producers of a snapshot file. Raises MalformedError if it is not what Kafka or we write."""
    if len(data) < _HEAD.size + _COUNT.size:
        raise MalformedError("a producer snapshot ends in its head")
    version, crc = _HEAD.unpack_from(data)
    if version != VERSION:
        raise MalformedError(f"producer snapshot version {version} is not known")
    if crc != crc32c(data[_HEAD.size :]):
        raise MalformedError("the CRC of a producer snapshot does not match")
    (count,) = _COUNT.unpack_from(data, _HEAD.size)
    entries = data[_HEAD.size + _COUNT.size :]
    if len(entries) != count * _ENTRY.size:
        raise MalformedError(f"a producer snapshot of {count} producers has {len(entries)} bytes of them")
    return [_decode_entry(fields, batches_to_retain) for fields in _ENTRY.iter_unpack(entries)]


def _decode_entry(fields: tuple[int, ...], batches_to_retain: int) -> ProducerStateEntry:
    producer_id, epoch, last_sequence, last_offset, offset_delta, timestamp, coordinator_epoch, txn_offset = fields
    entry = ProducerStateEntry(
        producer_id,
        epoch,
        coordinator_epoch,
        timestamp,
        None if txn_offset < 0 else txn_offset,
        batches_to_retain=batches_to_retain,
    )
    if last_offset >= 0:
        entry.add_batch(epoch, BatchMetadata(last_sequence, last_offset, offset_delta, timestamp))
    return entry


class ProducerSnapshots:
    """The snapshot files of one partition. Raises StorageError."""

    def __init__(self, storage: Storage, directory: str) -> None:
        self._storage = storage
        self._directory = directory
        self.offsets: list[int] = []
        self.reload()

    def reload(self) -> None:
        """Look again which files there are: recovery of single segments takes and removes some."""
        names = [name for name in self._storage.files(self._directory) if name.endswith(SNAPSHOT_SUFFIX)]
        stems = [name.removesuffix(SNAPSHOT_SUFFIX) for name in names]
        self.offsets = sorted(int(stem) for stem in stems if stem.isdigit())

    def _path(self, offset: int) -> str:
        return f"{self._directory}/{offset:020d}{SNAPSHOT_SUFFIX}"

    @property
    def newest(self) -> int | None:
        """The largest offset that has a snapshot."""
        return self.offsets[-1] if self.offsets else None

    def write(self, offset: int, entries: Iterable[ProducerStateEntry]) -> None:
        """The producers as they are at `offset`."""
        self._storage.write_atomically(self._path(offset), encode_snapshot(entries))
        if offset not in self.offsets:
            self.offsets = sorted([*self.offsets, offset])

    def read(self, offset: int, *, batches_to_retain: int) -> list[ProducerStateEntry] | None:
        """None if it is damaged: it is deleted then, for an older one and more of the log do as well."""
        try:
            return decode_snapshot(self._storage.read_bytes(self._path(offset)), batches_to_retain=batches_to_retain)
        except ProtocolError:
            self.remove(offset)
            return None

    def remove(self, offset: int) -> None:
        """Delete a snapshot, if there is one."""
        if offset in self.offsets:
            self.offsets.remove(offset)
            self._storage.remove(self._path(offset))

    def remove_stray(self, segment_base_offsets: set[int]) -> None:
        """Keep the snapshots of segments, and one above them all: a clean shutdown left it."""
        stray = [offset for offset in self.offsets if offset not in segment_base_offsets]
        last_segment = max(segment_base_offsets, default=0)
        for offset in stray[:-1]:
            self.remove(offset)
        if stray and stray[-1] < last_segment:
            self.remove(stray[-1])
