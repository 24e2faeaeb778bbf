"""Logs in memory and batches as producers send them."""

from collections.abc import Sequence
from typing import Any

from kafka_conformance.protocol.records import (
    Compression,
    EndTxnMarker,
    NewRecord,
    Record,
    batches,
    build_batch,
    records_of,
)
from kafka_conformance.reference_broker.log import (
    AppendInfo,
    AppendOrigin,
    Fetched,
    Log,
    LogConfig,
    LogParts,
    Refusal,
    StopState,
    TopicPartition,
)
from kafka_conformance.reference_broker.storage import MemoryStorage, Storage

NOW = 1_700_000_000_000
ORDERS = TopicPartition("orders", 0)
SMALL_SEGMENTS = LogConfig(segment_bytes=1000, index_interval_bytes=100)


def values(count: int, *, timestamp: int = NOW, key: bytes | None = b"k", size: int = 10) -> list[NewRecord]:
    return [NewRecord(key, b"v" * size, (), timestamp) for _ in range(count)]


def batch(records: int | Sequence[NewRecord] = 1, **fields: Any) -> memoryview:
    """A batch of `records` records, or of these; `fields` are build_batch's."""
    return memoryview(build_batch(values(records) if isinstance(records, int) else records, **fields))


def idempotent(sequence: int, records: int = 1, *, producer_id: int = 7, epoch: int = 0, **fields: Any) -> memoryview:
    return batch(records, producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence, **fields)


def marker(*, commit: bool, producer_id: int = 7, epoch: int = 0, coordinator_epoch: int = 0) -> memoryview:
    end = EndTxnMarker(commit, coordinator_epoch)
    record = NewRecord(end.key, end.value, (), NOW)
    return batch([record], producer_id=producer_id, producer_epoch=epoch, transactional=True, control=True)


def new_log(
    config: LogConfig | None = None,
    *,
    storage: Storage | None = None,
    parts: LogParts | None = None,
    verifies_transactions: bool = False,
    stop: StopState | None = None,
    now_ms: int = NOW,
    **settings: Any,
) -> Log:
    return Log(
        MemoryStorage() if storage is None else storage,
        ORDERS,
        config or LogConfig(**settings),
        now_ms,
        parts=parts,
        verifies_transactions=verifies_transactions,
        stop=stop or StopState(),
    )


def append(log: Log, view: memoryview, now_ms: int = NOW, *, leader_epoch: int = 0) -> AppendInfo:
    """Append what must be accepted, and replicate it at once."""
    info = log.append_as_leader(view, leader_epoch, now_ms)
    assert isinstance(info, AppendInfo), info
    log.update_high_watermark(log.log_end_offset)
    return info


def refused(log: Log, view: memoryview, now_ms: int = NOW, **arguments: Any) -> Refusal:
    """Append what must be refused, and must change nothing."""
    before = log.log_end_offset, log.size
    refusal = log.append_as_leader(view, 0, now_ms, **arguments)
    assert isinstance(refusal, Refusal), refusal
    assert (log.log_end_offset, log.size) == before
    return refusal


def end_transaction(log: Log, view: memoryview, *, version: int = 0, leader_epoch: int = 0) -> AppendInfo | Refusal:
    return log.append_as_leader(view, leader_epoch, NOW, AppendOrigin.COORDINATOR, transaction_version=version)


def fetch(log: Log, offset: int = 0, max_bytes: int = 10**9) -> Fetched:
    fetched = log.read(offset, max_bytes, log.log_end_offset)
    assert isinstance(fetched, Fetched), fetched
    return fetched


def stored_batch(log: Log, offset: int) -> memoryview:
    return memoryview(b"".join(fetch(log, offset, 0).buffers))


def all_records(log: Log) -> list[Record]:
    """Every record, read as a consumer would."""
    found: list[Record] = []
    offset = log.log_start_offset
    while offset < log.log_end_offset:
        data = b"".join(fetch(log, offset).buffers)
        if not data:
            break
        for header, view in batches(data):
            found += [record for record in records_of(header, view) if record.offset >= offset]
            offset = header.next_offset
    return found


def offsets(log: Log) -> list[int]:
    return [record.offset for record in all_records(log)]


CODECS = [Compression.GZIP, Compression.SNAPPY, Compression.LZ4, Compression.ZSTD]
