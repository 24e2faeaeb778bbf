"""Batches as they lie in the log, header and all."""

from __future__ import annotations

from kafka_conformance.harness.cases import expect
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.protocol.records import BatchHeader, Record, records_of, verify_crc


def stored_batches(topic: Topic, partition: int = 0) -> list[tuple[BatchHeader, memoryview]]:
    """All batches of a partition, from the start of its log."""
    found: list[tuple[BatchHeader, memoryview]] = []
    position, end = topic.start_offset(partition), topic.end_offset(partition)
    while position < end:
        answer = topic.fetch(position, partition=partition)
        expect(answer).succeeds()
        expect(answer.batches, f"the batches from offset {position} on").is_true()
        found += answer.batches
        position = answer.batches[-1][0].next_offset
    return found


def stored_headers(topic: Topic, partition: int = 0) -> list[BatchHeader]:
    """Their headers."""
    return [header for header, _ in stored_batches(topic, partition)]


def stored_records(topic: Topic, partition: int = 0) -> list[list[Record]]:
    """Their records, batch by batch."""
    return [list(records_of(header, view)) for header, view in stored_batches(topic, partition)]


def have_right_checksums(topic: Topic, partition: int = 0) -> list[bool]:
    """Of each batch, whether its checksum fits."""
    return [verify_crc(header, view) for header, view in stored_batches(topic, partition)]
