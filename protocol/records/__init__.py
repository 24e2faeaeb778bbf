"""Record batches: magic 2 read and written, magic 0 and 1 read."""

from kafka_conformance.protocol.records.batch import (
    BATCH_OVERHEAD,
    NO_PARTITION_LEADER_EPOCH,
    NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID,
    NO_SEQUENCE,
    NO_TIMESTAMP,
    BatchHeader,
    TimestampType,
    batches,
    increment_sequence,
    read_batch_header,
    verify_crc,
)
from kafka_conformance.protocol.records.build import attributes_of, build_batch, encode_record
from kafka_conformance.protocol.records.compression import Compression, DecompressionError, compress, decompress
from kafka_conformance.protocol.records.control import (
    ControlRecordType,
    EndTxnMarker,
    control_key,
    control_record_type,
)
from kafka_conformance.protocol.records.crc32c import crc32c
from kafka_conformance.protocol.records.record import batch_body, records_of
from kafka_conformance.protocol.records.scan import RecordScan, scan_records
from kafka_conformance.protocol.records.stamp import restamp, stamp_batch, write_batch
from kafka_conformance.protocol.records.types import Header, NewRecord, Record

__all__ = [
    "BATCH_OVERHEAD",
    "NO_PARTITION_LEADER_EPOCH",
    "NO_PRODUCER_EPOCH",
    "NO_PRODUCER_ID",
    "NO_SEQUENCE",
    "NO_TIMESTAMP",
    "BatchHeader",
    "Compression",
    "ControlRecordType",
    "DecompressionError",
    "EndTxnMarker",
    "Header",
    "NewRecord",
    "Record",
    "RecordScan",
    "TimestampType",
    "attributes_of",
    "batch_body",
    "batches",
    "build_batch",
    "compress",
    "control_key",
    "control_record_type",
    "crc32c",
    "decompress",
    "encode_record",
    "increment_sequence",
    "read_batch_header",
    "records_of",
    "restamp",
    "scan_records",
    "stamp_batch",
    "verify_crc",
    "write_batch",
]
