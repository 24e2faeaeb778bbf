"""Appends for one Produce request: what each partition gets, what becomes of it, and when that may be told.

Source: ReplicaManager.handleProduceAppend, appendRecords, appendToLocalLog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.produce import BatchIndexAndErrorMessage, PartitionProduceResponse
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid
from kafka_conformance.protocol.records import BatchHeader
from kafka_conformance.reference_broker.controller.image import INTERNAL_TOPICS
from kafka_conformance.reference_broker.log.outcome import AppendInfo, Refusal
from kafka_conformance.reference_broker.log.producer_state import VerificationStateEntry
from kafka_conformance.reference_broker.replication.delayed_produce import AwaitedAppend, DelayedProduce

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker

ALL_IN_SYNC = -1
VALID_ACKS = (-1, 0, 1)


class Entry(NamedTuple):
    """One partition of a Produce request with its one batch, and the answer to be filled in."""

    topic: str
    topic_id: Uuid
    partition: int
    header: BatchHeader
    records: memoryview
    answer: PartitionProduceResponse
    guard: VerificationStateEntry | None = None
    """What the verification of the first batch of a transaction gave (KIP-890)."""


class ReplicaAppender:
    """Appends to the leader replicas of one broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def append(self, entries: list[Entry], acks: int, timeout_ms: int) -> DelayedProduce | None:
        """Append to each partition and fill in the answers; return what to wait for before they may be sent."""
        if not self.accepts_acks(acks):
            for entry in entries:
                refuse(entry.answer, Refusal(ErrorCode.INVALID_REQUIRED_ACKS, f"acks={acks}"))
            return None
        pending = []
        for entry in entries:
            awaited = self._append(entry, acks)
            if awaited is not None and acks == ALL_IN_SYNC and not awaited.is_decided():
                pending.append(awaited)
        return DelayedProduce(self._broker.env.loop, pending, timeout_ms) if pending else None

    def accepts_acks(self, acks: int) -> bool:
        """Whether this number of acknowledgements can be asked for."""
        return acks in VALID_ACKS

    def may_write(self, topic: str) -> bool:
        """Whether clients may write a topic. Kafka lets a client id "__admin_client" write internal ones, too, and
        one such record stops the coordinator that lives there until the broker restarts (observed on 4.3.1)."""
        return topic not in INTERNAL_TOPICS

    def _append(self, entry: Entry, acks: int) -> AwaitedAppend | None:
        if not self.may_write(entry.topic):
            refuse(entry.answer, Refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, "an internal topic"))
            return None
        partition = self._broker.find_partition(entry.topic, entry.partition)
        if isinstance(partition, ErrorCode):
            refuse(entry.answer, Refusal(partition, "no replica here"))
            return None
        if entry.topic_id not in (ZERO_UUID, partition.topic_id):
            refuse(entry.answer, Refusal(ErrorCode.UNKNOWN_TOPIC_ID, "the topic's id is another"))
            return None
        outcome = partition.append_as_leader(
            entry.records, acks=acks, header=entry.header, verification_guard=entry.guard
        )
        if isinstance(outcome, Refusal):
            refuse(entry.answer, outcome)
            return None
        accept(entry.answer, outcome)
        return AwaitedAppend(partition, outcome.last_offset + 1, entry.answer)


def accept(answer: PartitionProduceResponse, info: AppendInfo) -> None:
    """Say where a batch went."""
    answer.base_offset = info.base_offset
    answer.log_append_time_ms = info.log_append_time_ms
    answer.log_start_offset = info.log_start_offset


def refuse(answer: PartitionProduceResponse, refusal: Refusal) -> None:
    """Say why a batch was not appended."""
    answer.error_code = refusal.error
    answer.base_offset = -1
    answer.log_start_offset = refusal.log_start_offset
    answer.error_message = refusal.message
    answer.record_errors = [
        BatchIndexAndErrorMessage(batch_index=each.batch_index, batch_index_error_message=each.message)
        for each in refusal.record_errors
    ]
