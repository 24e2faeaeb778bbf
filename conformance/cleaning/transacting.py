"""Transactions that write one batch into one log."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_conformance.conformance.cleaning.closing import SegmentedLog
from kafka_conformance.harness.cases import NewRecord, expect
from kafka_conformance.harness.subject.transaction import Transaction


def write(transaction: Transaction, log: SegmentedLog, *pairs: tuple[bytes, bytes]) -> int:
    """Append one batch of keys and values, and return its base offset."""
    answer = transaction.send(log.topic, [NewRecord(key, value, (), log.time_ms) for key, value in pairs])
    expect(answer).succeeds()
    return answer.base_offset


def in_a_transaction(log: SegmentedLog, pairs: Sequence[tuple[bytes, bytes]], *, commit: bool) -> int:
    """Write one batch, and end its transaction. Returns the base offset of the batch."""
    producer = log.cluster.transactional_producer()
    with producer:
        transaction = producer.begin()
        base_offset = write(transaction, log, *pairs)
        (transaction.commit if commit else transaction.abort)()
    return base_offset
