"""What a partition remembers of one producer (Kafka: ProducerStateEntry, BatchMetadata, TxnMetadata, CompletedTxn)."""

from collections import deque
from typing import NamedTuple

from kafka_conformance.reference_broker.log.outcome import (
    NO_OFFSET,
    NO_PRODUCER_EPOCH,
    NO_SEQUENCE,
    NO_TIMESTAMP,
)

MAX_SEQUENCE = 2**31 - 1
BATCHES_TO_RETAIN = 5


class BatchMetadata(NamedTuple):
    """One of the last batches of a producer; `timestamp` is the batch's largest."""

    last_sequence: int
    last_offset: int
    offset_delta: int
    timestamp: int

    @property
    def first_sequence(self) -> int:
        """Sequences wrap: the first may be larger than the last."""
        first = self.last_sequence - self.offset_delta
        return first if first >= 0 else first + MAX_SEQUENCE + 1

    @property
    def first_offset(self) -> int:
        """The offset that a repeat of this batch is answered with."""
        return self.last_offset - self.offset_delta


class CompletedTxn(NamedTuple):
    """A transaction whose marker, at `last_offset`, has been read or written."""

    producer_id: int
    first_offset: int
    last_offset: int
    is_aborted: bool


class ProducerStateEntry:
    """Epochs, the last batches (oldest first) and the open transaction of one producer id.

    `current_txn_first_offset` is None without an open transaction, `coordinator_epoch` that of the coordinator which
    wrote the last marker. Batches of an older epoch are forgotten with it.
    """

    __slots__ = (
        "batches",
        "coordinator_epoch",
        "current_txn_first_offset",
        "last_timestamp",
        "producer_epoch",
        "producer_id",
    )

    def __init__(
        self,
        producer_id: int,
        producer_epoch: int = NO_PRODUCER_EPOCH,
        coordinator_epoch: int = -1,
        last_timestamp: int = NO_TIMESTAMP,
        current_txn_first_offset: int | None = None,
        *,
        batches_to_retain: int = BATCHES_TO_RETAIN,
    ) -> None:
        self.producer_id = producer_id
        self.producer_epoch = producer_epoch
        self.coordinator_epoch = coordinator_epoch
        self.last_timestamp = last_timestamp
        self.current_txn_first_offset = current_txn_first_offset
        self.batches: deque[BatchMetadata] = deque(maxlen=batches_to_retain)

    @property
    def is_empty(self) -> bool:
        """Nothing but epochs is known: the producer has not written since its epoch began."""
        return not self.batches

    @property
    def last_sequence(self) -> int:
        """-1 if nothing is known."""
        return self.batches[-1].last_sequence if self.batches else NO_SEQUENCE

    @property
    def last_offset(self) -> int:
        """-1 if nothing is known."""
        return self.batches[-1].last_offset if self.batches else NO_OFFSET

    @property
    def last_offset_delta(self) -> int:
        """Of the last batch."""
        return self.batches[-1].offset_delta if self.batches else 0

    def set_epoch(self, producer_epoch: int) -> None:
        """Another epoch starts without batches."""
        if self.producer_epoch != producer_epoch:
            self.batches.clear()
            self.producer_epoch = producer_epoch

    def add_batch(self, producer_epoch: int, batch: BatchMetadata) -> None:
        """The newest batch; the oldest of those retained goes."""
        self.set_epoch(producer_epoch)
        self.batches.append(batch)
        self.last_timestamp = batch.timestamp


class VerificationStateEntry:
    """A transaction whose first write to this partition waits for the coordinator's word (KIP-890).

    The object itself is the guard: a verification that was begun before a marker came does not verify what follows it.
    The lowest sequence that was tried is remembered, so that no later one overtakes it when it is refused.
    """

    __slots__ = ("epoch", "lowest_sequence", "started_ms", "supports_epoch_bump")

    def __init__(self, started_ms: int, sequence: int, epoch: int, *, supports_epoch_bump: bool) -> None:
        self.started_ms = started_ms
        self.lowest_sequence = sequence
        self.epoch = epoch
        self.supports_epoch_bump = supports_epoch_bump

    def note(self, sequence: int, epoch: int) -> None:
        """Another batch waits: a lower sequence counts, and so does the first one of a higher epoch."""
        if epoch == self.epoch:
            self.lowest_sequence = min(self.lowest_sequence, sequence)
        elif epoch > self.epoch:
            self.epoch = epoch
            self.lowest_sequence = sequence
