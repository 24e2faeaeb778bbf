"""What a group coordinator needs of its partition of __consumer_offsets: the port that the broker implements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.groups.offsets.store import NO_PRODUCER_ID
from kafka_conformance.reference_broker.groups.records import EncodedRecord
from kafka_conformance.reference_broker.log.producer_state import VerificationStateEntry


class Appended(NamedTuple):
    """What became of an append: with an error nothing was written."""

    error: ErrorCode
    base_offset: int = -1
    """The offset of the first record; the others follow one by one."""


class LoggedRecord(NamedTuple):
    """A record of the log; `producer_id` is that of its batch if the batch is transactional, else -1."""

    offset: int
    key: bytes | None
    value: bytes | None
    producer_id: int = NO_PRODUCER_ID


class LoggedMarker(NamedTuple):
    """The end of a transaction."""

    offset: int
    producer_id: int
    commit: bool


class TransactionalProducer(NamedTuple):
    """Whose transaction records belong to; `guard` is what the verification gave for the first of them (KIP-890)."""

    producer_id: int
    producer_epoch: int
    guard: VerificationStateEntry | None = None


class TransactionEnd(NamedTuple):
    """What a marker says, and the transaction version of the client that ended the transaction."""

    producer_id: int
    producer_epoch: int
    coordinator_epoch: int
    commit: bool
    transaction_version: int


class CoordinatorLog(Protocol):
    """The leader's replica of the partition."""

    @property
    def high_watermark(self) -> int:
        """The offset below which everything is replicated."""
        ...

    def append(self, records: Sequence[EncodedRecord], producer: TransactionalProducer | None = None) -> Appended:
        """Append the records as one batch, or nothing; with a producer they belong to its transaction.

        The coordinator must be told when the high watermark moves (`GroupCoordinator.high_watermark_reached`), which
        may be from within this call.
        """
        ...

    def append_marker(self, end: TransactionEnd) -> Appended:
        """Append the end of a transaction."""
        ...

    def read(self) -> Iterator[LoggedRecord | LoggedMarker]:
        """All records from the log's start to its end, those above the high watermark too. Raises ProtocolError."""
        ...
