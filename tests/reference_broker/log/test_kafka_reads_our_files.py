"""Apache Kafka's own DumpLogSegments reads what a log writes to disk, and finds nothing wrong with it."""

import re
from pathlib import Path

import pytest

from kafka_conformance.protocol.records import Compression, NewRecord
from kafka_conformance.reference_broker.log import LogConfig, LogDirectory
from kafka_conformance.reference_broker.storage.disk import DiskStorage
from tests.apache_kafka import dump_log_segments
from tests.reference_broker.log.support import (
    NOW,
    ORDERS,
    append,
    batch,
    end_transaction,
    idempotent,
    marker,
    offsets,
)

pytestmark = pytest.mark.slow


def write_a_log(root: Path) -> Path:
    """Three segments with every kind of batch; the directory of the partition."""
    logs = LogDirectory(DiskStorage(root), verifies_transactions=False)
    logs.claim("kafka-conformance", 1, bytes(range(16)))
    config = LogConfig(segment_bytes=2000, index_interval_bytes=200)
    log = logs.open(ORDERS, config, NOW, topic_id=bytes(range(16)))
    for number in range(4):
        records = [NewRecord(b"key", b"plain", (("header", b"x"),), NOW + number * 10 + step) for step in range(10)]
        for codec in Compression:
            append(log, batch(records, compression=codec), leader_epoch=number)
        append(log, idempotent(number * 2, 2), leader_epoch=number)
        append(log, idempotent(number, producer_id=8, transactional=True), leader_epoch=number)
        end_transaction(log, marker(commit=number % 2 == 0, producer_id=8), leader_epoch=number)
        log.update_high_watermark(log.log_end_offset)
    append(log, idempotent(4, producer_id=8, transactional=True), leader_epoch=4)
    assert len(log.segment_base_offsets) >= 3
    assert offsets(log) == list(range(217))
    logs.close()
    return root / str(ORDERS)


def test_kafka_dumps_our_segments_indexes_and_snapshots(tmp_path: Path) -> None:
    directory = write_a_log(tmp_path)
    files = [path for path in sorted(directory.iterdir()) if path.name[:20].isdigit() and path.stat().st_size]
    assert {path.suffix for path in files} == {".log", ".index", ".timeindex", ".txnindex", ".snapshot"}

    dumped = dump_log_segments("--print-data-log", "--deep-iteration", "--files", ",".join(map(str, files)))

    assert re.findall(r".*(?:mismatch|isvalid: false|Exception|corrupt).*", dumped) == []
    assert [int(found) for found in re.findall(r"^\| offset: (\d+) ", dumped, re.MULTILINE)] == list(range(217))
    assert dumped.count("payload: plain") == 200
    assert re.findall(r"endTxnMarker: (\w+)", dumped) == ["COMMIT", "ABORT", "COMMIT", "ABORT"]
    assert re.search(r"producerId: 7 producerEpoch: 0 .*lastSequence: 7", dumped)
    assert re.search(r"producerId: 8 .*currentTxnFirstOffset: OptionalLong\[216\]", dumped)
    assert len(re.findall(r"lastStableOffset", dumped)) == 2
