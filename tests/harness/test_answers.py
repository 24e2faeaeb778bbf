"""What helpers make of an answer that a target got wrong."""

import pytest

from kafka_conformance.harness.subject.answers import Fetched
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.messages.fetch import FetchResponse, PartitionData
from kafka_conformance.protocol.records import BATCH_OVERHEAD, NewRecord, build_batch


def fetched(records: bytes) -> Fetched:
    return Fetched(PartitionData(records=records), FetchResponse())


def test_records_that_cannot_be_read_are_the_targets_fault() -> None:
    batch = build_batch([NewRecord(b"k", b"v")])
    batch[BATCH_OVERHEAD] ^= 0x40
    answer = fetched(bytes(batch))
    assert len(answer.batches) == 1
    with pytest.raises(ConformanceViolation, match="records that cannot be read"):
        _ = answer.records


def test_a_batch_of_an_unknown_magic_is_the_targets_fault() -> None:
    batch = build_batch([NewRecord(b"k", b"v")])
    batch[16] = 9
    with pytest.raises(ConformanceViolation, match="batches that cannot be read"):
        _ = fetched(bytes(batch)).batches


def test_a_batch_that_the_answer_cuts_off_is_nobodys_fault() -> None:
    batch = bytes(build_batch([NewRecord(b"k", b"v")]))
    assert [record.key for record in fetched(batch + batch[:-1]).records] == [b"k"]
