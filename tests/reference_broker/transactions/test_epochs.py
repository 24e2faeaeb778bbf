"""The end of a producer id: its epochs are used up, and the next one begins at 0."""

from __future__ import annotations

from itertools import count

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.transactions.decision import (
    AddRequest,
    EndRequest,
    InitRequest,
    Producer,
    ProducerAnswer,
)
from kafka_conformance.reference_broker.transactions.metadata import LAST_EPOCH, TransactionMetadata
from kafka_conformance.reference_broker.transactions.parts import TransactionParts
from kafka_conformance.reference_broker.transactions.records import TransactionRecord
from kafka_conformance.reference_broker.transactions.settings import TransactionSettings
from kafka_conformance.reference_broker.transactions.shard import TransactionShard
from kafka_conformance.reference_broker.transactions.states import TransactionState

LAST_GIVEN = LAST_EPOCH - 1
OPEN = {"state": TransactionState.ONGOING, "partitions": frozenset({("t", 0)}), "start_ms": 1}


def shard(epoch: int = LAST_GIVEN, **fields: object) -> TransactionShard:
    """A shard that knows x, with producer id 7; the next ids are 100, 101..."""
    ids = count(100)
    made = TransactionShard(TransactionParts(), TransactionSettings(), lambda: next(ids))
    metadata = TransactionMetadata("x", 7, epoch, 1_000, client_version=2)._replace(**fields)  # type: ignore[arg-type]
    made.apply(TransactionRecord("x", metadata))
    return made


def carried_out(shard: TransactionShard, decision: object) -> object:
    """The answer, once the records are replicated and all markers are written."""
    for record in decision.records:  # type: ignore[attr-defined]
        shard.apply(record)
        if record.metadata.state.is_prepared:
            for completion in shard.complete("x", 10).records:
                shard.apply(completion)
    return decision.reply  # type: ignore[attr-defined]


@pytest.mark.parametrize("expected", [None, Producer(7, LAST_GIVEN)])
def test_init_gives_a_new_producer_id_after_the_last_epoch(expected: Producer | None) -> None:
    known = shard()

    assert carried_out(known, known.init_producer_id(InitRequest("x", 1_000, expected), 5)) == ProducerAnswer(
        ErrorCode.NONE, Producer(100, 0)
    )


def test_the_init_that_changed_the_producer_id_may_be_repeated_by_who_named_it() -> None:
    known = shard()
    request = InitRequest("x", 1_000, Producer(7, LAST_GIVEN))
    first = carried_out(known, known.init_producer_id(request, 5))

    assert (
        carried_out(known, known.init_producer_id(request, 6))
        == first
        == ProducerAnswer(ErrorCode.NONE, Producer(100, 0))
    )


def test_another_epoch_than_the_last_one_is_an_unexpected_error_in_kafka() -> None:
    known = shard()

    answer = known.init_producer_id(InitRequest("x", 1_000, Producer(7, 3)), 5).reply

    assert answer == ProducerAnswer(ErrorCode.UNKNOWN_SERVER_ERROR)


@pytest.mark.parametrize("commit", [True, False])
def test_an_end_in_the_last_epoch_names_a_new_producer_id_and_may_be_repeated(commit: bool) -> None:
    known = shard(**OPEN)
    request = EndRequest("x", Producer(7, LAST_GIVEN), commit, client_version=2)
    decision = known.end(request, 5)
    prepared = decision.records[0].metadata
    assert prepared is not None
    assert (prepared.producer_id, prepared.producer_epoch, prepared.next_producer_id) == (7, LAST_EPOCH, 100)

    assert carried_out(known, decision) == ProducerAnswer(ErrorCode.NONE, Producer(100, 0))

    assert known.end(request, 6).reply == ProducerAnswer(ErrorCode.NONE, Producer(100, 0))
    other = request._replace(commit=not commit)
    assert known.end(other, 6).reply == ProducerAnswer(ErrorCode.INVALID_TXN_STATE)


def test_a_fenced_producer_with_the_last_epoch_loses_its_producer_id() -> None:
    known = shard(**OPEN)

    assert carried_out(known, known.init_producer_id(InitRequest("x", 1_000), 5)) == ProducerAnswer(
        ErrorCode.CONCURRENT_TRANSACTIONS
    )
    assert carried_out(known, known.init_producer_id(InitRequest("x", 1_000), 6)) == ProducerAnswer(
        ErrorCode.NONE, Producer(100, 1)
    )


def test_the_first_protocol_keeps_its_epoch_to_the_end() -> None:
    known = shard(**OPEN)
    decision = known.end(EndRequest("x", Producer(7, LAST_GIVEN), True), 5)

    assert carried_out(known, decision) == ProducerAnswer(ErrorCode.NONE)
    assert known.transactions["x"].metadata.producer_epoch == LAST_GIVEN


def test_the_coordinator_aborts_even_in_an_epoch_that_cannot_grow() -> None:
    known = shard(LAST_EPOCH, **OPEN)

    (decision,) = known.abort_timed_out(2_000)

    prepared = decision.records[0].metadata
    assert prepared is not None
    assert (prepared.state, prepared.producer_epoch) == (TransactionState.PREPARE_ABORT, LAST_EPOCH)
    assert prepared.next_producer_id == 100


def test_a_transaction_times_out_after_its_time_and_not_with_it() -> None:
    known = shard(0, **OPEN)

    assert list(known.abort_timed_out(1_001)) == []
    assert len(list(known.abort_timed_out(1_002))) == 1
    assert list(known.abort_timed_out(1_003)) == []


def test_partitions_are_added_while_nothing_is_under_way() -> None:
    known = shard(0, **OPEN)
    more = AddRequest("x", Producer(7, 0), frozenset({("t", 1)}), 2)
    decision = known.add_partitions(more, 5)
    assert known.add_partitions(more, 5).reply is ErrorCode.CONCURRENT_TRANSACTIONS

    known.refused(decision.records)

    assert known.add_partitions(more, 5).reply is ErrorCode.NONE
