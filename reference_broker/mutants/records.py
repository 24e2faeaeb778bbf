"""Defects of what is stored: stamps, checksums, timestamps, codecs."""

from __future__ import annotations

from struct import Struct

from typing_extensions import override

from kafka_conformance.protocol.records import (
    BatchHeader,
    Compression,
    RecordScan,
    stamp_batch,
)
from kafka_conformance.protocol.records.batch import COMPRESSION_MASK
from kafka_conformance.reference_broker.log.outcome import Refusal
from kafka_conformance.reference_broker.log.validator import LogValidator, Placement, ValidBatch
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.mutants.rewriting import rewritten

_MAX_TIMESTAMP = Struct(">q")
_MAX_TIMESTAMP_POSITION = 35


@mutant("records/compressed-names-its-last-offset", violates="records/offsets/batch-names-its-first-offset")
class CompressedNamesItsLastOffset(LogValidator):
    """A compressed batch names the offset of its last record, as those of magic 1 did."""

    @override
    def stamp(self, header: BatchHeader, view: memoryview, scan: RecordScan, place: Placement) -> None:
        super().stamp(header, view, scan, place)
        if header.attributes & COMPRESSION_MASK:
            stamp_batch(view, base_offset=place.base_offset + header.last_offset_delta)


@mutant("records/producers-leader-epoch", violates="records/leader-epoch/is-stamped")
class ProducersLeaderEpoch(LogValidator):
    """A leader epoch that a producer has written stays."""

    @override
    def stamp(self, header: BatchHeader, view: memoryview, scan: RecordScan, place: Placement) -> None:
        epoch = max(place.leader_epoch, header.partition_leader_epoch)
        super().stamp(header, view, scan, place._replace(leader_epoch=epoch))


@mutant("records/recompressed-by-nobody", violates="records/producer/is-kept")
class RecompressedByNobody(LogValidator):
    """A batch that is compressed anew loses its producer."""

    @override
    def rebuild(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        nobody = header._replace(producer_id=-1, producer_epoch=-1, base_sequence=-1)
        return super().rebuild(nobody, view, place)


@mutant("records/stale-checksum", violates="records/checksum/is-right")
class StaleChecksum(LogValidator):
    """The maximum timestamp is put right without the checksum."""

    @override
    def stamp(self, header: BatchHeader, view: memoryview, scan: RecordScan, place: Placement) -> None:
        largest = self.max_timestamp(scan, place.now_ms)
        super().stamp(header, view, scan._replace(max_timestamp=header.max_timestamp), place)
        _MAX_TIMESTAMP.pack_into(view, _MAX_TIMESTAMP_POSITION, largest)


@mutant("records/whole-seconds", violates="records/timestamps/create-time-is-kept")
class WholeSeconds(LogValidator):
    """Timestamps are stored in whole seconds."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        outcome = super().validate_records(header, view, place)
        if isinstance(outcome, Refusal):
            return outcome
        return rewritten(outcome, lambda record: record._replace(timestamp=record.timestamp // 1000 * 1000))


@mutant("records/append-time-of-the-producer", violates="records/timestamps/log-append-time-is-stamped")
class AppendTimeOfTheProducer(LogValidator):
    """With LogAppendTime a batch keeps the largest timestamp of its producer."""

    @override
    def max_timestamp(self, scan: RecordScan, now_ms: int) -> int:
        return scan.max_timestamp


@mutant("records/type-of-the-producer", violates="records/timestamps/type-is-the-topics")
class TypeOfTheProducer(LogValidator):
    """A batch keeps the timestamp type of its producer."""

    @override
    def stored_attributes(self, header: BatchHeader) -> int:
        return header.attributes


@mutant("records/maximum-of-the-producer", violates="records/timestamps/maximum-is-the-records")
class MaximumOfTheProducer(LogValidator):
    """The maximum timestamp that a producer has written is believed."""

    @override
    def stamp(self, header: BatchHeader, view: memoryview, scan: RecordScan, place: Placement) -> None:
        super().stamp(header, view, scan._replace(max_timestamp=header.max_timestamp), place)


@mutant("records/stores-everything-plain", violates="records/compression/producers-codec-is-kept")
class StoresEverythingPlain(LogValidator):
    """A topic that leaves the codec to producers stores their batches without any."""

    @override
    def validate_records(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        outcome = super().validate_records(header, view, place)
        if isinstance(outcome, Refusal) or self.config.compression is not None:
            return outcome
        return rewritten(outcome, lambda record: record, compression=Compression.NONE)


@mutant("records/compression-type-ignored", violates="records/compression/topics-codec-is-used")
class CompressionTypeIgnored(LogValidator):
    """All batches are stored in the codec in which they come."""

    @override
    def keeps_codec(self, header: BatchHeader) -> bool:
        return True


@mutant("records/recompressed-without-headers", violates="records/compression/topics-codec-is-used")
class RecompressedWithoutHeaders(LogValidator):
    """A batch that is compressed anew loses the headers of its records."""

    @override
    def rebuild(self, header: BatchHeader, view: memoryview, place: Placement) -> ValidBatch | Refusal:
        outcome = super().rebuild(header, view, place)
        return (
            outcome if isinstance(outcome, Refusal) else rewritten(outcome, lambda record: record._replace(headers=()))
        )
