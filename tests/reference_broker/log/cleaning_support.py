"""Compacted logs whose segments are closed on demand, and what a round of cleaning leaves of them."""

from typing import Any, NamedTuple

from kafka_conformance.protocol.records import NO_PRODUCER_ID, BatchHeader, NewRecord, batches, records_of
from kafka_conformance.reference_broker.log import Log, LogConfig, LogDirectory, LogParts
from kafka_conformance.reference_broker.storage import MemoryStorage, Storage
from tests.reference_broker.log.support import NOW, ORDERS, append, batch

DAY = 86_400_000


def compacted_log(
    *, storage: Storage | None = None, parts: LogParts | None = None, **settings: Any
) -> tuple[LogDirectory, Log]:
    """A directory with one compacted log that is worth cleaning as soon as anything of it is dirty."""
    fields: dict[str, Any] = {"cleanup_policy": frozenset({"compact"}), "min_cleanable_dirty_ratio": 0.0, **settings}
    logs = LogDirectory(storage or MemoryStorage(), parts=parts, verifies_transactions=False)
    return logs, logs.open(ORDERS, LogConfig(**fields), NOW)


def put(log: Log, *pairs: str, timestamp: int = NOW, **fields: Any) -> int:
    """Append one batch of records written as key=value; "key=" is a tombstone. Returns its base offset."""
    records = []
    for pair in pairs:
        key, _, value = pair.partition("=")
        records.append(NewRecord(key.encode() or None, value.encode() or None, (), timestamp))
    return append(log, batch(records, **fields)).base_offset


def close_segment(log: Log, now_ms: int = NOW) -> None:
    """What is written next goes into a new segment."""
    log.roll(now_ms)


def clean(logs: LogDirectory, now_ms: int = NOW) -> int:
    """Clean until there is nothing to do. Returns how many steps that took."""
    steps = 0
    while logs.cleaner.work(now_ms):
        steps += 1
    return steps


class Stored(NamedTuple):
    """A batch as it lies in the log."""

    first: int
    delta: int
    records: list[tuple[int, bytes | None, bytes | None]]
    attributes: int
    base_timestamp: int
    max_timestamp: int
    producer: tuple[int, int, int] | None


def stored(log: Log) -> list[Stored]:
    """All batches, oldest first."""
    return [_stored(header, view) for header, view in raw_batches(log)]


def raw_batches(log: Log) -> list[tuple[BatchHeader, memoryview]]:
    data = b"".join(b"".join(segment.file.read(0, segment.size)) for segment in log.segments.segments)
    return list(batches(data))


def _stored(header: BatchHeader, view: memoryview) -> Stored:
    producer = None
    if header.producer_id != NO_PRODUCER_ID:
        producer = header.producer_id, header.producer_epoch, header.base_sequence
    return Stored(
        header.base_offset,
        header.last_offset_delta,
        [(record.offset, record.key, record.value) for record in records_of(header, view)],
        header.attributes,
        header.base_timestamp,
        header.max_timestamp,
        producer,
    )


def contents(log: Log) -> list[tuple[int, bytes | None, bytes | None]]:
    """Offset, key and value of all records."""
    return [record for batch_ in stored(log) for record in batch_.records]
