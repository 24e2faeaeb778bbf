"""Claims hold, or say what was expected and what was seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kafka_conformance.harness.expectations import expect, shown
from kafka_conformance.harness.subject.answers import Fetched, Produced
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import FetchResponse, PartitionData
from kafka_conformance.protocol.messages.produce import PartitionProduceResponse
from kafka_conformance.protocol.records import EndTxnMarker, NewRecord, build_batch


def produced(error: ErrorCode = ErrorCode.NONE, base_offset: int = 0) -> Produced:
    return Produced(PartitionProduceResponse(error_code=error, base_offset=base_offset), b"")


def fetched(*batches: bytes, error: ErrorCode = ErrorCode.NONE) -> Fetched:
    return Fetched(PartitionData(error_code=error, records=b"".join(batches)), FetchResponse())


HOLD: list[Callable[[], None]] = [
    lambda: expect(3).equals(3),
    lambda: expect(3).differs_from(4),
    lambda: expect(3).is_one_of(1, 3),
    lambda: expect(3).is_at_least(3),
    lambda: expect(3).is_at_most(3),
    lambda: expect([1, 2]).holds(2),
    lambda: expect("abc").holds("b"),
    lambda: expect([1]).is_true(),
    lambda: expect(produced(base_offset=5)).acknowledged_at(5),
    lambda: expect(produced(ErrorCode.CORRUPT_MESSAGE, -1)).refused_with(ErrorCode.CORRUPT_MESSAGE),
    lambda: expect(fetched(bytes(build_batch([NewRecord(b"k", b"v")])))).holds_exactly([(b"k", b"v")]),
    lambda: expect(fetched()).is_empty(),
    lambda: expect(fetched(error=ErrorCode.OFFSET_OUT_OF_RANGE)).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE),
]

FAIL: list[tuple[Callable[[], None], str, str]] = [
    (lambda: expect(ErrorCode.NONE, "the error").equals(ErrorCode.CORRUPT_MESSAGE), "CORRUPT_MESSAGE", "NONE"),
    (lambda: expect(3).differs_from(3), "anything but 3", "3"),
    (lambda: expect(3).is_one_of(1, 2), "1 or 2", "3"),
    (lambda: expect(3).is_at_least(4), "at least 4", "3"),
    (lambda: expect(3).is_at_most(2), "at most 2", "3"),
    (lambda: expect([1]).holds(2), "2 within", "[1]"),
    (lambda: expect(3).holds(2), "2 within", "3"),
    (lambda: expect([]).is_true(), "true", "[]"),
    (lambda: expect(produced(base_offset=4)).acknowledged_at(5), "acknowledged at offset 5", "base_offset=4"),
    (lambda: expect(produced(ErrorCode.CORRUPT_MESSAGE)).succeeds(), "no error", "CORRUPT_MESSAGE"),
    (lambda: expect(produced()).refused_with(ErrorCode.CORRUPT_MESSAGE), "CORRUPT_MESSAGE", "NONE"),
    (
        lambda: expect(produced(ErrorCode.CORRUPT_MESSAGE, 7)).refused_with(ErrorCode.CORRUPT_MESSAGE),
        "base offset -1",
        "base_offset=7",
    ),
    (lambda: expect(fetched(bytes(build_batch([NewRecord(None, b"")])))).is_empty(), "no records", "bytes"),
    (
        lambda: expect(fetched(bytes(build_batch([NewRecord(None, b"")])))).holds_exactly([(None, None)]),
        "1 records: [(None, None, ())]",
        "1 records: [(None, b'', ())]",
    ),
    (lambda: expect(fetched()).holds_exactly([b"a"]), "1 records", "0 records"),
]


@pytest.mark.parametrize("claim", HOLD)
def test_a_claim_that_holds_says_nothing(claim: Callable[[], None]) -> None:
    claim()


@pytest.mark.parametrize(("claim", "expected", "actual"), FAIL)
def test_a_claim_that_does_not_hold_says_both_sides(claim: Callable[[], None], expected: str, actual: str) -> None:
    with pytest.raises(ConformanceViolation) as caught:
        claim()
    assert expected in caught.value.expected
    assert actual in caught.value.actual
    assert caught.value.expected in str(caught.value)


def test_error_codes_are_shown_by_name_wherever_they_are() -> None:
    value = {"a": [(ErrorCode.NONE,)], "b": (1, ErrorCode.FENCED_INSTANCE_ID)}
    assert shown(value) == "{'a': [(NONE,)], 'b': (1, FENCED_INSTANCE_ID)}"
    assert len(shown("x" * 5000)) == 1000


def test_a_consumer_sees_no_record_of_an_aborted_transaction_and_no_marker() -> None:
    def data(value: bytes, offset: int, producer_id: int) -> bytes:
        record = NewRecord(None, value)
        return bytes(build_batch([record], base_offset=offset, producer_id=producer_id, transactional=True))

    def marker(offset: int, producer_id: int, *, commit: bool) -> bytes:
        end = EndTxnMarker(commit, 0)
        record = NewRecord(end.key, end.value)
        return bytes(
            build_batch([record], base_offset=offset, producer_id=producer_id, transactional=True, control=True)
        )

    records = [
        data(b"kept", 0, 1),
        data(b"aborted", 1, 2),
        marker(2, 2, commit=False),
        data(b"committed", 3, 2),
        marker(4, 1, commit=True),
    ]
    partition = PartitionData(records=b"".join(records), aborted_transactions=[])
    from kafka_conformance.protocol.messages.fetch import AbortedTransaction

    partition.aborted_transactions = [AbortedTransaction(producer_id=2, first_offset=1)]
    answer = Fetched(partition, FetchResponse())

    assert [record.value for record in answer.visible_records] == [b"kept", b"committed"]
    assert [record.value for record in answer.records] == [b"kept", b"aborted", b"committed"]
