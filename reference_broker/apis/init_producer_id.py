"""InitProducerId: an idempotent producer gets an id of its own, a transactional one that of its transactional id.

Versions  v3 the id and epoch that the producer has (KIP-360); v4 PRODUCER_FENCED; v5 TRANSACTION_ABORTABLE (KIP-890).
          v6 (two-phase commit, KIP-939) is unstable and not served, as by Apache Kafka.
Errors    INVALID_REQUEST for an empty transactional id, or one of id and epoch without the other. An idempotent
          producer always gets a new id with epoch 0, whatever it says that it has (observed on 4.3.1), and
          COORDINATOR_LOAD_IN_PROGRESS while no more ids can be had from the controller. Those of the transaction
          coordinator; below v4 INVALID_PRODUCER_EPOCH for PRODUCER_FENCED.
Source    KafkaApis.handleInitProducerIdRequest, TransactionCoordinator.handleInitProducerId
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.transactions.decision import InitRequest, ProducerAnswer

FIRST_VERSION_THAT_IS_FENCED = 4
NO_PRODUCER_ID = -1
NO_PRODUCER_EPOCH = -1


class InitProducerIdRules(ApiRules):
    """What a broker decides about an InitProducerId request."""

    def check(self, request: InitProducerIdRequest) -> ErrorCode:
        """Whether the request makes sense."""
        if (request.producer_id == NO_PRODUCER_ID) != (request.producer_epoch == NO_PRODUCER_EPOCH):
            return ErrorCode.INVALID_REQUEST
        return ErrorCode.INVALID_REQUEST if request.transactional_id == "" else ErrorCode.NONE

    def told_error(self, error: ErrorCode, version: int) -> ErrorCode:
        """What an older producer is told instead of PRODUCER_FENCED, which it does not know."""
        if error is ErrorCode.PRODUCER_FENCED and version < FIRST_VERSION_THAT_IS_FENCED:
            return ErrorCode.INVALID_PRODUCER_EPOCH
        return error


def init_producer_id(
    ctx: Context, request: InitProducerIdRequest
) -> InitProducerIdResponse | Awaitable[InitProducerIdResponse]:
    """Answer InitProducerId."""
    rules = ctx.broker.rules.of(InitProducerIdRules)
    error = rules.check(request)
    if error is not ErrorCode.NONE:
        return _refused(error)
    if request.transactional_id is None:
        ids = ctx.broker.producer_ids
        if ids.is_exhausted and not ctx.broker.reaches_controller:
            return _refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        return InitProducerIdResponse(producer_id=ids.next_id(), producer_epoch=0)

    from kafka_conformance.reference_broker.groups.shapes import shaped  # with the first transaction

    def shape(answer: ProducerAnswer) -> InitProducerIdResponse:
        return InitProducerIdResponse(
            error_code=rules.told_error(answer.error, ctx.api_version),
            producer_id=answer.producer.producer_id,
            producer_epoch=answer.producer.producer_epoch,
        )

    return shaped(ctx.broker.transactions.init_producer_id(_init_request(request, request.transactional_id)), shape)


def _init_request(request: InitProducerIdRequest, transactional_id: str) -> InitRequest:
    from kafka_conformance.reference_broker.transactions.decision import InitRequest, Producer  # with the first one

    has_producer = request.producer_id != NO_PRODUCER_ID
    expected = Producer(request.producer_id, request.producer_epoch) if has_producer else None
    return InitRequest(transactional_id, request.transaction_timeout_ms, expected)


def _refused(error: ErrorCode) -> InitProducerIdResponse:
    return InitProducerIdResponse(error_code=error, producer_id=NO_PRODUCER_ID, producer_epoch=NO_PRODUCER_EPOCH)
