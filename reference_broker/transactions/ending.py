"""EndTxn, and the end that the coordinator itself makes of a transaction.

Who speaks transactions v2 (KIP-890, EndTxn v5) gets a new epoch with each end, so that a late message of a transaction
that has ended finds its epoch gone. There, where nothing is under way:

                      abort                 commit
                      old epoch  current    old epoch  current
    Empty             fenced     new epoch  fenced     INVALID_TXN_STATE
    CompleteAbort     retry      new epoch  INVALID_TXN_STATE (both)
    CompleteCommit    INVALID_TXN_STATE     retry      INVALID_TXN_STATE
                                 new epoch (abort, current)

Below EndTxn v5 the epoch must be the current one, Empty takes neither, and a repeated end is answered as the first.
Source: TransactionCoordinator.endTransaction, endTransactionWithTV1; TransactionMetadata.prepareAbortOrCommit
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.transactions.decision import EndRequest
from kafka_conformance.reference_broker.transactions.metadata import (
    LAST_EPOCH,
    NO_PRODUCER_ID,
    TRANSACTIONS_V2,
    TransactionMetadata,
)
from kafka_conformance.reference_broker.transactions.states import TransactionState


class Ended(NamedTuple):
    """What is answered without ending anything: an error, or NONE for a retry."""

    error: ErrorCode


class EndRules:
    """Keeps no state. None means that the transaction is to be ended."""

    def judge(self, metadata: TransactionMetadata, request: EndRequest, *, is_pending: bool) -> Ended | None:
        """What becomes of an EndTxn; `is_pending` while another change of the id is under way."""
        if request.client_version >= TRANSACTIONS_V2:
            return self.judge_v2(metadata, request, is_pending=is_pending)
        return self.judge_v1(metadata, request, is_pending=is_pending)

    def judge_v1(self, metadata: TransactionMetadata, request: EndRequest, *, is_pending: bool) -> Ended | None:
        """EndTxn up to v4. A prepared transaction is pending, whatever way it ends."""
        if metadata.producer_id != request.producer.producer_id:
            return Ended(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        if metadata.producer_epoch != request.producer.producer_epoch:
            return Ended(ErrorCode.PRODUCER_FENCED)
        if is_pending:
            return Ended(ErrorCode.CONCURRENT_TRANSACTIONS)
        if metadata.state is TransactionState.ONGOING:
            return None
        if metadata.state is TransactionState.EMPTY or metadata.state.commits != request.commit:
            return Ended(ErrorCode.INVALID_TXN_STATE)
        return Ended(ErrorCode.NONE)

    def judge_v2(self, metadata: TransactionMetadata, request: EndRequest, *, is_pending: bool) -> Ended | None:
        """EndTxn from v5 on. What is pending comes first: it may be the change to the producer id that is named."""
        if is_pending:
            return Ended(ErrorCode.CONCURRENT_TRANSACTIONS)
        is_overflow = self.is_retry_over_new_id(metadata, request)
        if metadata.producer_id != request.producer.producer_id and not is_overflow:
            return Ended(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        is_retry = is_overflow or self.is_retry(metadata, request)
        if not self.is_known_epoch(metadata, request, is_retry=is_retry):
            return Ended(ErrorCode.PRODUCER_FENCED)
        if metadata.state is TransactionState.ONGOING:
            return None
        if is_retry:
            as_before = metadata.state.commits == request.commit
            return Ended(ErrorCode.NONE if as_before else ErrorCode.INVALID_TXN_STATE)
        return Ended(ErrorCode.INVALID_TXN_STATE) if request.commit else None

    def is_retry(self, metadata: TransactionMetadata, request: EndRequest) -> bool:
        """Whether the epoch is the one before the last end."""
        return request.producer.producer_epoch + 1 == metadata.producer_epoch

    def is_retry_over_new_id(self, metadata: TransactionMetadata, request: EndRequest) -> bool:
        """Whether the last end exhausted the epochs of the producer id that is named, and brought a new one."""
        return (
            metadata.previous_producer_id == request.producer.producer_id
            and request.producer.producer_epoch == LAST_EPOCH - 1
            and metadata.producer_epoch == 0
        )

    def is_known_epoch(self, metadata: TransactionMetadata, request: EndRequest, *, is_retry: bool) -> bool:
        """Whether the epoch is the current one, or of a transaction that has ended the one before."""
        if request.producer.producer_epoch == metadata.producer_epoch:
            return True
        return is_retry and metadata.state in (TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT)

    def prepared(
        self,
        metadata: TransactionMetadata,
        *,
        commit: bool,
        client_version: int,
        now_ms: int,
        new_producer_id: Callable[[], int],
    ) -> TransactionMetadata:
        """The id once it is decided how its transaction ends. Without one (an abort of nothing) it starts now."""
        changed = metadata.with_changes(
            now_ms,
            state=TransactionState.PREPARE_COMMIT if commit else TransactionState.PREPARE_ABORT,
            start_ms=metadata.start_ms if metadata.state is TransactionState.ONGOING else now_ms,
            next_producer_id=NO_PRODUCER_ID,
            client_version=client_version,
        )
        if client_version < TRANSACTIONS_V2:
            return changed
        return changed._replace(
            producer_epoch=self.bumped_epoch(metadata),
            last_producer_epoch=metadata.producer_epoch,
            next_producer_id=new_producer_id() if metadata.is_exhausted else NO_PRODUCER_ID,
        )

    def bumped_epoch(self, metadata: TransactionMetadata) -> int:
        """The epoch of the markers, and of what follows. It cannot grow beyond what 16 bits hold."""
        return min(metadata.producer_epoch + 1, LAST_EPOCH)

    def has_timed_out(self, metadata: TransactionMetadata, now_ms: int) -> bool:
        """Whether a transaction has been open for longer than its producer wanted."""
        return metadata.state is TransactionState.ONGOING and metadata.start_ms + metadata.timeout_ms < now_ms
