"""Transactions that write one batch into one log, by the protocol of KIP-890: a Produce adds its partition itself."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_conformance.conformance.cleaning.closing import SegmentedLog
from kafka_conformance.harness.cases import ErrorCode, NewRecord, build_batch, expect
from kafka_conformance.harness.subject.producer import init_producer_id
from kafka_conformance.protocol.messages.end_txn import EndTxnRequest


class Transaction:
    """One of a transactional id of its own; begun by its first write."""

    def __init__(self, log: SegmentedLog) -> None:
        self._cluster = log.cluster
        self._log = log
        self._id = log.cluster.unique("transaction")
        answer = init_producer_id(log.cluster, self._id)
        self._producer_id, self._epoch = answer.producer_id, answer.producer_epoch

    def write(self, *pairs: tuple[bytes, bytes]) -> int:
        """Append one batch, and return its base offset."""
        batch = build_batch(
            [NewRecord(key, value, (), self._log.time_ms) for key, value in pairs],
            producer_id=self._producer_id,
            producer_epoch=self._epoch,
            base_sequence=0,
            transactional=True,
        )
        answer = self._log.topic.produce_batch(bytes(batch), transactional_id=self._id)
        expect(answer).succeeds()
        return answer.base_offset

    def end(self, *, commit: bool) -> None:
        """Commit or abort, and wait until the log says so."""
        request = EndTxnRequest(
            transactional_id=self._id,
            producer_id=self._producer_id,
            producer_epoch=self._epoch,
            committed=commit,
        )
        node = self._cluster.coordinator(self._id, transactional=True)
        expect(ErrorCode(self._cluster.send(request, node=node).error_code), "the error of EndTxn").equals(
            ErrorCode.NONE
        )
        self._cluster.eventually(self._is_decided, what="the marker is in the log")

    def _is_decided(self) -> bool:
        fetched = self._log.topic.fetch(self._log.topic.end_offset(0))
        return fetched.last_stable_offset == fetched.high_watermark


def in_a_transaction(log: SegmentedLog, pairs: Sequence[tuple[bytes, bytes]], *, commit: bool) -> int:
    """Write one batch, and end its transaction. Returns the base offset of the batch."""
    transaction = Transaction(log)
    base_offset = transaction.write(*pairs)
    transaction.end(commit=commit)
    return base_offset
