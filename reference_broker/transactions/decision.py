"""What an operation on a transactional id decides, and what it is asked and answers.

An operation reads the state and returns a `Decision`; what must survive changes only when the records of the decision
are applied, which is when they are replicated.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.transactions.metadata import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, TopicPartition
from kafka_conformance.reference_broker.transactions.records import TransactionRecord


class Decision(NamedTuple):
    """An answer, and the records that must be replicated before it may be told."""

    reply: Any = None
    records: tuple[TransactionRecord, ...] = ()
    """Appended all or nothing."""
    timeout_ms: int | None = None
    """How long replication may take before somebody who waits is told COORDINATOR_NOT_AVAILABLE; None: for ever."""


class Producer(NamedTuple):
    """A producer id with an epoch."""

    producer_id: int = NO_PRODUCER_ID
    producer_epoch: int = NO_PRODUCER_EPOCH


NO_PRODUCER = Producer()


class ProducerAnswer(NamedTuple):
    """What InitProducerId and EndTxn answer."""

    error: ErrorCode
    producer: Producer = NO_PRODUCER


class InitRequest(NamedTuple):
    """InitProducerId with a transactional id. `expected` is what the producer has, if it says so."""

    transactional_id: str
    timeout_ms: int
    expected: Producer | None = None


class AddRequest(NamedTuple):
    """Partitions that are to belong to the transaction, or of which is asked whether they do."""

    transactional_id: str
    producer: Producer
    partitions: frozenset[TopicPartition]
    client_version: int = 0


class EndRequest(NamedTuple):
    """EndTxn; `client_version` is 2 from EndTxn v5 on."""

    transactional_id: str
    producer: Producer
    commit: bool
    client_version: int = 0
