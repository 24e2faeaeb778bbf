"""For mutants that store something else than they were sent: a batch built again with changed records."""

from __future__ import annotations

from collections.abc import Callable

from kafka_conformance.protocol.records import Compression, Record, build_batch, read_batch_header, records_of
from kafka_conformance.reference_broker.log.validator import ValidBatch


def rewritten(
    batch: ValidBatch, change: Callable[[Record], Record], *, compression: Compression | None = None
) -> ValidBatch:
    """The batch with `change` done to each record, and in another codec where one is named; control batches stay."""
    header = batch.header
    if header.is_control:
        return batch
    view = memoryview(
        build_batch(
            [change(record) for record in records_of(header, batch.view)],
            base_offset=header.base_offset,
            partition_leader_epoch=header.partition_leader_epoch,
            compression=header.compression if compression is None else compression,
            timestamp_type=header.timestamp_type,
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            base_sequence=header.base_sequence,
            transactional=header.is_transactional,
            last_offset_delta=header.last_offset_delta,
            max_timestamp=header.max_timestamp,
        )
    )
    return ValidBatch(read_batch_header(view), view)
