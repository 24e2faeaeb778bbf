"""InitProducerId: an idempotent producer gets an id of its own.

Versions  v3 the id and epoch that the producer has; v4 PRODUCER_FENCED; v5 KIP-890. v6 is unstable and not served.
Errors    INVALID_REQUEST for an empty transactional id, or one of id and epoch without the other;
          COORDINATOR_NOT_AVAILABLE for any other transactional id: transactions are not served;
          COORDINATOR_LOAD_IN_PROGRESS while no more ids can be had from the controller.
          An idempotent producer always gets a new id with epoch 0, whatever it says that it has (observed on 4.3.1).
Source    KafkaApis.handleInitProducerIdRequest, TransactionCoordinator.handleInitProducerId
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context

NO_PRODUCER_ID = -1
NO_PRODUCER_EPOCH = -1


class InitProducerIdRules(ApiRules):
    """What a broker decides about an InitProducerId request."""

    def check(self, request: InitProducerIdRequest) -> ErrorCode:
        """Whether the producer gets an id."""
        if (request.producer_id == NO_PRODUCER_ID) != (request.producer_epoch == NO_PRODUCER_EPOCH):
            return ErrorCode.INVALID_REQUEST
        if request.transactional_id is None:
            return ErrorCode.NONE
        return ErrorCode.COORDINATOR_NOT_AVAILABLE if request.transactional_id else ErrorCode.INVALID_REQUEST


def init_producer_id(ctx: Context, request: InitProducerIdRequest) -> InitProducerIdResponse:
    """Answer InitProducerId."""
    error = ctx.broker.rules.of(InitProducerIdRules).check(request)
    if error is not ErrorCode.NONE:
        return _refused(error)
    ids = ctx.broker.producer_ids
    if ids.is_exhausted and not ctx.broker.reaches_controller:
        return _refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    return InitProducerIdResponse(producer_id=ids.next_id(), producer_epoch=0)


def _refused(error: ErrorCode) -> InitProducerIdResponse:
    return InitProducerIdResponse(error_code=error, producer_id=NO_PRODUCER_ID, producer_epoch=NO_PRODUCER_EPOCH)
