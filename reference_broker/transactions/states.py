"""The states of a transactional id.

    Empty, CompleteCommit, CompleteAbort --AddPartitionsToTxn, AddOffsetsToTxn--> Ongoing
    Ongoing --EndTxn--> PrepareCommit or PrepareAbort --all markers are written--> CompleteCommit or CompleteAbort
    Empty, CompleteCommit, CompleteAbort --InitProducerId--> Empty
    Empty, CompleteCommit, CompleteAbort --EndTxn v5, abort--> PrepareAbort

Kafka has two more, which never reach the log: Dead, and PrepareEpochFence while the epoch is bumped.
Source: TransactionState
"""

from __future__ import annotations

from enum import IntEnum


class TransactionState(IntEnum):
    """As numbered in the log."""

    EMPTY = 0
    ONGOING = 1
    PREPARE_COMMIT = 2
    PREPARE_ABORT = 3
    COMPLETE_COMMIT = 4
    COMPLETE_ABORT = 5

    @property
    def shown(self) -> str:
        """The name in DescribeTransactions and ListTransactions."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def is_prepared(self) -> bool:
        """Whether it is decided how the transaction ends, and markers are being written."""
        return self in (TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT)

    @property
    def may_expire(self) -> bool:
        """Whether an idle id is forgotten in this state: nothing is open."""
        return self is not TransactionState.ONGOING and not self.is_prepared

    @property
    def commits(self) -> bool:
        """Whether the transaction ends, or has ended, with a commit."""
        return self in (TransactionState.PREPARE_COMMIT, TransactionState.COMPLETE_COMMIT)

    @property
    def completed(self) -> TransactionState:
        """The state in which a prepared transaction ends."""
        return TransactionState.COMPLETE_COMMIT if self.commits else TransactionState.COMPLETE_ABORT


STATE_NAMED = {state.shown: state for state in TransactionState}
UNKEPT_STATES = frozenset(("Dead", "PrepareEpochFence"))
"""Names that Kafka knows, of states that are never to be seen."""
