"""The small text files of a log directory, in Kafka's formats.

    recovery-point-offset-checkpoint, log-start-offset-checkpoint,   version 0, number of lines, TOPIC PARTITION OFFSET
    replication-offset-checkpoint (the high watermarks),
    cleaner-offset-checkpoint (the first offsets that are dirty)
    TOPIC-PARTITION/leader-epoch-checkpoint                          version 0, number of lines, EPOCH START_OFFSET
    TOPIC-PARTITION/partition.metadata                               version: 0, topic_id: BASE64
    meta.properties                                                  version=1, cluster.id, node.id, directory.id
    .kafka_cleanshutdown                                             {"version":0,"brokerEpoch":-1}

Source: CheckpointFile, OffsetCheckpointFile, LeaderEpochCheckpointFile, PartitionMetadataFile,
CleanShutdownFileHandler, MetaProperties
"""

import base64
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kafka_conformance.reference_broker.storage import Storage, StorageError

RECOVERY_POINTS = "recovery-point-offset-checkpoint"
LOG_START_OFFSETS = "log-start-offset-checkpoint"
HIGH_WATERMARKS = "replication-offset-checkpoint"
CLEANED_OFFSETS = "cleaner-offset-checkpoint"
LEADER_EPOCHS = "leader-epoch-checkpoint"
PARTITION_METADATA = "partition.metadata"
META_PROPERTIES = "meta.properties"
CLEAN_SHUTDOWN = ".kafka_cleanshutdown"
VERSION = 0
UUID_BYTES = 16


class TopicPartition(NamedTuple):
    """A partition, and in `str()` the name of its directory."""

    topic: str
    partition: int

    def __str__(self) -> str:
        """orders-0."""
        return f"{self.topic}-{self.partition}"


def encode_checkpoint(lines: Iterable[str]) -> bytes:
    """A checkpoint file."""
    entries = list(lines)
    return "".join(f"{line}\n" for line in (VERSION, len(entries), *entries)).encode()


def read_checkpoint(storage: Storage, path: str, fields: int) -> list[list[str]]:
    """The entries of a checkpoint file, each split into `fields`. Raises StorageError."""
    data = storage.read_bytes(path)
    lines = data.decode(errors="replace").splitlines()
    if len(lines) < 2:  # Kafka creates the file empty
        return []
    if lines[0] != str(VERSION):
        raise StorageError(path, f"checkpoint version {lines[0]!r} is not known")
    entries = [line.split() for line in lines[2:]]
    if str(len(entries)) != lines[1] or any(len(entry) != fields for entry in entries):
        raise StorageError(path, f"{len(entries)} entries of {fields} fields, or not, where {lines[1]} are announced")
    return entries


def write_offsets(storage: Storage, name: str, offsets: Mapping[TopicPartition, int]) -> None:
    """Replace one of the four checkpoints of offsets."""
    lines = (f"{partition.topic} {partition.partition} {offset}" for partition, offset in offsets.items())
    storage.write_atomically(name, encode_checkpoint(lines))


def read_offsets(storage: Storage, name: str) -> dict[TopicPartition, int]:
    """One of the checkpoints; {} if it is not there or not readable, as Kafka goes on with its defaults."""
    try:
        entries = read_checkpoint(storage, name, fields=3)
        return {TopicPartition(topic, int(partition)): int(offset) for topic, partition, offset in entries}
    except (StorageError, ValueError):
        return {}


def write_leader_epochs(storage: Storage, directory: str, epochs: Iterable[tuple[int, int]]) -> None:
    """(epoch, start offset), oldest first."""
    lines = (f"{epoch} {start_offset}" for epoch, start_offset in epochs)
    storage.write_atomically(f"{directory}/{LEADER_EPOCHS}", encode_checkpoint(lines))


def read_leader_epochs(storage: Storage, directory: str) -> list[tuple[int, int]]:
    """(epoch, start offset), oldest first. Raises StorageError."""
    path = f"{directory}/{LEADER_EPOCHS}"
    if not storage.exists(path):
        return []
    try:
        return [(int(epoch), int(offset)) for epoch, offset in read_checkpoint(storage, path, fields=2)]
    except ValueError as error:
        raise StorageError(path, str(error)) from error


def write_partition_metadata(storage: Storage, directory: str, topic_id: bytes) -> None:
    """Say to which topic the partition belongs: a topic made again has another id."""
    text = f"version: {VERSION}\ntopic_id: {encode_uuid(topic_id)}"
    storage.write_atomically(f"{directory}/{PARTITION_METADATA}", text.encode())


def read_partition_metadata(storage: Storage, directory: str) -> bytes | None:
    """The topic id, None if it was not written down. Raises StorageError."""
    path = f"{directory}/{PARTITION_METADATA}"
    if not storage.exists(path):
        return None
    lines = storage.read_bytes(path).decode(errors="replace").splitlines()
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    if values.get("version", "").strip() != str(VERSION) or "topic_id" not in values:
        raise StorageError(path, f"no partition.metadata of version {VERSION}")
    try:
        return decode_uuid(values["topic_id"].strip())
    except ValueError as error:
        raise StorageError(path, str(error)) from error


def write_meta_properties(storage: Storage, cluster_id: str, node_id: int, directory_id: bytes) -> None:
    """Say to which node of which cluster the directory belongs."""
    values = {
        "version": "1",
        "cluster.id": cluster_id,
        "node.id": str(node_id),
        "directory.id": encode_uuid(directory_id),
    }
    storage.write_atomically(META_PROPERTIES, "".join(f"{name}={value}\n" for name, value in values.items()).encode())


def read_meta_properties(storage: Storage) -> dict[str, str]:
    """{} for a directory that nobody has formatted."""
    if not storage.exists(META_PROPERTIES):
        return {}
    lines = storage.read_bytes(META_PROPERTIES).decode().splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def write_clean_shutdown(storage: Storage, broker_epoch: int = -1) -> None:
    """The logs are closed: no recovery needed."""
    import json

    text = json.dumps({"version": VERSION, "brokerEpoch": broker_epoch}, separators=(",", ":"))
    storage.write_atomically(CLEAN_SHUTDOWN, text.encode())


def clean_shutdown_epoch(storage: Storage) -> int:
    """Of the broker that stopped in order; -1 after any other end, and where it was not written down."""
    if not storage.exists(CLEAN_SHUTDOWN):
        return -1
    import json

    try:
        return int(json.loads(storage.read_bytes(CLEAN_SHUTDOWN))["brokerEpoch"])
    except (ValueError, KeyError, TypeError):
        return -1


def take_clean_shutdown(storage: Storage) -> bool:
    """Was the last stop clean? Asking removes the note, for this start may end otherwise (KAFKA-10471)."""
    clean = storage.exists(CLEAN_SHUTDOWN)
    storage.remove(CLEAN_SHUTDOWN)
    return clean


def encode_uuid(uuid: bytes) -> str:
    """Kafka's text for a UUID: base64 of its 16 bytes for URLs, without padding."""
    return base64.urlsafe_b64encode(uuid).rstrip(b"=").decode()


def decode_uuid(text: str) -> bytes:
    """The 16 bytes. Raises ValueError."""
    uuid = base64.urlsafe_b64decode(text + "==")
    if len(uuid) != UUID_BYTES:
        raise ValueError(f"{text!r} is no UUID: {len(uuid)} bytes")
    return uuid
