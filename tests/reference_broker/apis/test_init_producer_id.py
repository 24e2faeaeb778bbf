"""InitProducerId of idempotent producers, as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from tests.reference_broker.wire import Wire


def asked(wire: Wire, transactional_id: str | None = None, **options: int) -> InitProducerIdResponse:
    request = InitProducerIdRequest(transactional_id=transactional_id, transaction_timeout_ms=1000, **options)
    answer: InitProducerIdResponse = wire.ask(request, 4)
    return answer


def test_every_producer_gets_an_id_of_its_own_with_epoch_0(wire: Wire) -> None:
    answers = [asked(wire) for _ in range(3)]

    assert len({answer.producer_id for answer in answers}) == 3
    assert {(answer.error_code, answer.producer_epoch) for answer in answers} == {(0, 0)}


def test_an_id_and_epoch_that_an_idempotent_producer_has_do_not_matter(wire: Wire) -> None:
    answer = asked(wire, producer_id=1000, producer_epoch=3)

    assert (answer.error_code, answer.producer_epoch) == (0, 0)
    assert answer.producer_id != 1000


def test_ids_beyond_the_first_block_are_still_new(wire: Wire) -> None:
    ids = [asked(wire).producer_id for _ in range(1100)]

    assert len(set(ids)) == 1100


@pytest.mark.parametrize(
    ("transactional_id", "options", "error"),
    [
        (None, {"producer_id": 1000}, ErrorCode.INVALID_REQUEST),
        (None, {"producer_epoch": 1}, ErrorCode.INVALID_REQUEST),
        ("", {}, ErrorCode.INVALID_REQUEST),
    ],
)
def test_what_is_refused(wire: Wire, transactional_id: str | None, options: dict[str, int], error: ErrorCode) -> None:
    answer = asked(wire, transactional_id, **options)

    assert (answer.error_code, answer.producer_id, answer.producer_epoch) == (error, -1, -1)
